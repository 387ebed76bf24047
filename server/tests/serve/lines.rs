//! What real consoles hear when a line grows and when a device is said to be dead: people ask at the portal's port, consoles at
//! the devices'.

use crate::Stage;
use crate::common::http::Http;
use crate::common::program::{leasehold, run};
use crate::common::seed::PRODUCT;
use leasehold_console::{Client, Failure, Order};
use leasehold_protocol::Refused;
use serde_json::{Value, json};

/// Somebody with a token of the vendor's.
pub struct Portal {
    pub http: Http,
    pub bearer: String,
}

impl Portal {
    pub fn of(stage: &Stage) -> Self {
        let verb = ["token", "add", "desk", "--role", "admin", "--json", "--data"];
        let token = run(leasehold().args(verb).arg(stage.server.data())).ok();
        let token: Value = serde_json::from_str(&token).expect("JSON");
        let bearer = format!("Bearer {}", token["secret"].as_str().expect("a secret"));
        Self { http: Http::connect(stage.server.portal()).expect("it listens"), bearer }
    }

    pub fn ask(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let head = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let reply = self.http.ask(method, &format!("/api/v1{path}"), &head, &body).expect("an answer");
        assert!(reply.status < 300, "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).expect("JSON")
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, body)
    }

    /// A line of five, sold to the account.
    fn sold(&mut self, stage: &Stage) -> Value {
        let order = json!({"entitlement": "SO-5", "lines": [{"product": PRODUCT, "units": {"OBM": 5}}]});
        self.post(&format!("/accounts/{}/orders", stage.seed.account), &order)["lots"][0].clone()
    }
}

fn has(console: &Client) -> u32 {
    console.machine().lease().expect("a lease").grant.units.count("OBM")
}

pub fn no<T>(answer: Result<T, Failure>) -> Option<Refused> {
    match answer {
        Err(Failure::Refused(refusal)) => refusal.refused(),
        _ => None,
    }
}

#[test]
fn v41_a_device_whose_licence_grew_hears_of_it_at_its_next_check() {
    let stage = Stage::set();
    let mut portal = Portal::of(&stage);
    let line = portal.sold(&stage);
    let mut console = stage.server.console("console");
    console.activate(Order::of(line["activation_id"].as_str().expect("a code"), "9.1")).expect("activated");
    assert_eq!(has(&console), 5);
    let lots = portal.ask(
        "GET",
        &format!("/accounts/{}/lots?activation_id={}", stage.seed.account, stage.seed.lot),
        &json!(null),
    );
    let big = lots["items"][0]["id"].as_str().expect("the other line").to_owned();
    let body = json!({"account": stage.seed.account.to_string(), "units": {"OBM": 3}, "into": line["id"]});
    let grown = portal.post(&format!("/lots/{big}/transfers"), &body);
    assert_eq!((&grown["units"]["OBM"], &grown["free"]["OBM"]), (&json!(8), &json!(3)));
    assert_eq!(has(&console), 5, "until it asks");
    console.check().expect("checked");
    assert_eq!(has(&console), 8);
}

#[test]
fn a_console_that_was_stopped_is_told_and_the_next_one_runs_at_once_after_a_rehost() {
    let stage = Stage::set();
    let mut portal = Portal::of(&stage);
    let code = stage.seed.pool[0].as_str();
    let (mut dead, mut next) = (stage.server.console("dead"), stage.server.console("next"));
    dead.activate(Order::of(code, "9.1")).expect("activated");
    let sub = dead.machine().lease().expect("a lease").grant.sub;
    portal.post(&format!("/activations/{sub}/stop"), &json!(null));
    assert_eq!(no(dead.check()), Some(Refused::KeyStopped));
    assert_eq!(has(&dead), 10, "what it holds runs on");
    assert_eq!(no(next.activate(Order::of(code, "9.1"))), Some(Refused::KeyOnOtherDevice));
    portal.post(&format!("/activations/{sub}/rehost"), &json!(null));
    next.activate(Order::of(code, "9.1")).expect("at once");
    assert_eq!(has(&next), 10);
    assert_eq!(no(dead.check()), Some(Refused::KeyStopped));
    let again = Order { replaces: true, ..Order::of(code, "9.1") };
    assert_eq!(no(dead.activate(again)), Some(Refused::KeyOnOtherDevice), "nor by the key again");
    next.check().expect("checked");
    assert_eq!(has(&next), 10);
}
