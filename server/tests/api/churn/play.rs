//! Carrying a history on: calls are sent, one by one or two at once, answers are judged and learnt from, the store is checked.

use super::books::Books;
use super::call::{Call, Heard, Sent, send};
use super::consoles::{Said, said};
use super::history::History;
use super::seen::{Sort, text};
use axum::http::Method;
use leasehold_ledger::fsck;
use leasehold_ledger::record::EventHead;
use leasehold_ledger::store::Store;
use leasehold_ledger::view::find;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Digest, PublicKey, Refused};
use serde_json::{Value, json};

/// Seconds that may pass at once: of a floating lease, of others, of terms.
const PAUSES: [i64; 7] = [300, 700, DAY, 6 * DAY, 15 * DAY, 15 * DAY, 40 * DAY];

impl History {
    /// Somebody does something, two do at once, or time passes.
    pub async fn step(&mut self) {
        match self.dice.below(40) {
            0 => {
                let seconds = self.any(&PAUSES);
                self.log.push(format!("{seconds} s pass"));
                self.stage.later(seconds).await;
                self.consoles.iter_mut().for_each(|console| console.sent = 0);
            }
            1..6 => {
                let call = self.draw();
                let rival = self.rival(&call);
                let world = &self.stage.world;
                let (one, other) = tokio::join!(send(world, &call.sent), send(world, &rival.sent));
                self.tally.races += 1;
                self.log.push("at once:".into());
                self.judge(&call, &one);
                self.judge(&rival, &other);
                self.learn(&call, &one).await;
                self.learn(&rival, &other).await;
                self.check();
            }
            _ => self.alone().await,
        }
    }

    /// One call. What is refused over the API writes nothing; what is done over it shows among the Events.
    async fn alone(&mut self) {
        let call = self.draw();
        let before = self.events();
        let heard = send(&self.stage.world, &call.sent).await;
        let grew = self.events() > before;
        let is_done = self.judge(&call, &heard);
        if !is_done && grew && !matches!(call.sent, Sent::Message { .. }) {
            self.fails("a call that was refused wrote an Event");
        }
        if is_done && (grew || call.deed == "check") {
            let is_part = call.deed == "transfer_whole" && call.about.iter().all(|(_, id)| heard.json()["id"] != *id);
            let deed = if is_part { "transfer_part" } else { call.deed };
            *self.tally.accepted.entry(deed).or_default() += 1;
        }
        self.learn(&call, &heard).await;
    }

    fn events(&self) -> u64 {
        let view = self.stage.world.store.read().expect("memory");
        find::<EventHead>(view.as_ref(), EventHead::KEY).expect("sound").unwrap_or_default().number
    }

    /// Whether it was done. Whatever else was said is a known no.
    fn judge(&mut self, call: &Call, heard: &Heard) -> bool {
        self.tally.calls += 1;
        let code = match &call.sent {
            Sent::Message { console, .. } => {
                self.consoles[*console].sent += 1;
                match self.said(heard) {
                    Said::No(refusal) => Some(refusal.refused().map_or("unknown", Refused::code).to_owned()),
                    _ => None,
                }
            }
            _ if (200..300).contains(&heard.status) => None,
            _ => Some(text(&heard.json(), "code")),
        };
        self.log.push(format!("{} -> {} {}", call.told(), heard.status, code.as_deref().unwrap_or("done")));
        let Some(code) = code else { return true };
        let of_rule = |rule: &&Refused| rule.code() == code && (heard.status == 409 || heard.status == rule.status());
        let is_known =
            Refused::ALL.iter().any(|rule| of_rule(&rule)) || (heard.status, &*code) == (422, "body_invalid");
        if !is_known || heard.status >= 500 {
            self.fails(&format!("no known refusal: {}", String::from_utf8_lossy(&heard.bytes)));
        }
        self.tally.refused += 1;
        *self.tally.codes.entry(code).or_default() += 1;
        false
    }

    fn said(&self, heard: &Heard) -> Said {
        let signer = PublicKey::of(self.stage.world.app.keyring.load().lease_key());
        said(heard, &signer).unwrap_or_else(|problem| self.fails(&problem))
    }

    /// Takes in what an answer told, and looks again at what the call was about.
    async fn learn(&mut self, call: &Call, heard: &Heard) {
        match &call.sent {
            Sent::Message { console, .. } => self.heard(*console, heard).await,
            Sent::File { path, file, device, .. } if call.yields == Some(Sort::File) && heard.status == 200 => {
                let request = Digest::of(&armour::unwrap(Label::Request, file).expect("as it was wrapped"));
                let (path, request) = (format!("{path}?limit=500"), request.to_string());
                let mut out = self.found(&path, |one| one["request"] == request.as_str()).await;
                let account = path.split('/').nth(2).unwrap_or_default();
                (out["id"], out["account"], out["device"]) = (json!(request), json!(account), json!(device));
                let activation = self.shows(Sort::Activation, &text(&out, "activation")).await;
                out["product"] = activation["product"].clone();
                self.seen.shown(Sort::File, out);
            }
            Sent::Json { .. } if heard.status < 300 => self.told(call, heard.json()).await,
            _ => {}
        }
        for (sort, id) in &call.about {
            self.shows(*sort, id).await;
        }
    }

    /// An answer to people: what it shows, or names.
    async fn told(&mut self, call: &Call, answer: Value) {
        let Some(sort) = call.yields else { return };
        let lots = answer["lots"].as_array().into_iter().flatten().map(|lot| text(lot, "id"));
        let redeemed = answer["products"].as_array().into_iter().flatten().map(|one| text(one, "serial_number"));
        for id in lots.chain(redeemed) {
            let lot = self.shows(Sort::Lot, &id).await;
            if call.deed == "order_with_permission_key" {
                self.seen.shown(Sort::Code, json!({"id": lot["activation_id"]}));
            }
        }
        if answer["id"].is_string() {
            self.shows(sort, &text(&answer, "id")).await;
        }
    }

    /// An answer to a console; one in eight gets lost on its way.
    async fn heard(&mut self, console: usize, heard: &Heard) {
        let (said, is_lost) = (self.said(heard), self.chance(8));
        match &said {
            Said::Lease(lease) => drop(self.shows(Sort::Activation, &lease.grant.sub.to_string()).await),
            Said::Waits => self.seen.shown(Sort::Waiting, json!({"id": self.consoles[console].device.id()})),
            _ => {}
        }
        if !is_lost {
            self.consoles[console].takes(&said, heard);
        }
    }

    /// Looks at something as the vendor does; nothing once it is no more.
    async fn shows(&mut self, sort: Sort, id: &str) -> Value {
        let Some(path) = sort.path(id) else { return json!(null) };
        let sent = Sent::Json { token: self.stage.world.vendor(), method: Method::GET, path, body: json!(null) };
        let heard = send(&self.stage.world, &sent).await;
        match heard.status {
            200 => self.seen.shown(sort, heard.json()),
            404 => self.seen.gone(sort, id),
            _ => self.fails(&format!("{sort:?} {id} is not shown: {}", heard.json())),
        }
        heard.json()
    }

    async fn found(&self, path: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let items = self.stage.world.items(&self.stage.world.vendor(), path).await;
        items.into_iter().find(is_it).unwrap_or_else(|| self.fails("what was done is not on its list"))
    }

    /// Checks the whole store.
    pub fn check(&mut self) {
        let view = self.stage.world.store.read().expect("memory");
        let report = fsck::check(view.as_ref(), self.stage.now()).expect("it reads");
        self.tally.checks += 1;
        if !report.is_clean() {
            self.fails(&format!("{:#?}", report.findings));
        }
    }

    /// Holds the API's own answers against each other.
    pub async fn audit(&mut self) {
        let problems = Books::read(&self.stage.world).await.problems();
        if !problems.is_empty() {
            self.fails(&problems.join("\n"));
        }
    }

    /// Ends the test, with the last calls.
    fn fails(&self, why: &str) -> ! {
        let last = self.log[self.log.len().saturating_sub(25)..].join("\n");
        panic!("{why}\nafter {} steps, the last of them:\n{last}", self.log.len())
    }
}
