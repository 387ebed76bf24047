//! Notices by mail: the job that sends for them, and what they say.

use super::world::{NOW, SKU, World};
use axum::http::Method;
use leasehold::config::{self, PortalAddress};
use leasehold::jobs::runner::{Job, run};
use leasehold::mail::render::render;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::{Mail, MailKind};
use leasehold_protocol::time::DAY;
use serde_json::json;

impl World {
    /// Runs the job at so many days from now, in a server that was started again. The notices there are in the outbox then.
    async fn noticed(&self, days: i64) -> Vec<Mail> {
        let world = self.at(NOW.plus(days * DAY + 60));
        run(&world.app, Job::Notices).await.expect("it runs");
        run(&world.app, Job::Notices).await.expect("it runs again");
        world.mails().into_iter().filter(|mail| mail.kind.can_wait() && mail.kind != MailKind::Invitation).collect()
    }

    async fn read(&self, mail: &Mail) -> (String, String, String) {
        let portal = PortalAddress::try_from("https://licences.example".to_owned()).expect("an address");
        let settings = config::Mail::default();
        let rendered =
            render(&self.app, (&settings, &portal), (Actor::system("job mail"), mail)).await.expect("a letter");
        let letter = rendered.letter;
        (letter.subject.clone(), letter.plain().expect("text"), letter.html().expect("HTML"))
    }
}

#[tokio::test]
async fn administrators_are_told_by_mail_what_ends_and_who_is_silent_and_once() {
    let world = World::new().await;
    world.user("anna", "admin").await;
    world.user("vera", "viewer").await;
    let line = json!({"product": SKU, "units": {"OBM": 4}, "expires": NOW.plus(36 * DAY).to_string()});
    let order = json!({"entitlement": "SO <b>7</b>", "lines": [line]});
    assert_eq!(world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", order).await.status, 201);
    let mut posted = Vec::new();
    for day in 0..40 {
        let count = world.noticed(day).await.len();
        if posted.last().is_none_or(|(_, last)| *last != count) {
            posted.push((day, count));
        }
    }
    assert_eq!(
        posted,
        [(0, 0), (6, 1), (7, 2), (29, 3), (35, 4)],
        "30, 7 and 1 days ahead, and after 7 days of silence"
    );
    let mails = world.noticed(40).await;
    assert!(mails.iter().all(|mail| mail.to == "anna@mail.example"), "{mails:?}");
    let (subject, text, html) = world.read(&mails[0]).await;
    assert_eq!(subject, "Licences of Vendor end soon");
    assert!(text.contains("SO <b>7</b>") && text.contains("4 OBM") && text.contains("Target"), "{text}");
    assert!(html.contains("SO &") && !html.contains("<b>7</b>"), "{html}");
    let (subject, text, _) = world.read(&mails[1]).await;
    assert_eq!(subject, "Consoles with licences of Vendor are silent");
    assert!(text.contains("server 2") && text.contains(SKU), "{text}");
    let events = world.get(&world.vendor(), "/accounts/{account}/events?verb=notice_posted").await.json();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(4), "one Event for each");
}

#[tokio::test]
async fn an_account_that_wants_no_notices_gets_none() {
    let world = World::new().await;
    world.user("anna", "admin").await;
    let path = "/accounts/{account}/settings";
    let off = world.send(&world.admin(), Method::PATCH, path, json!({"values": {"notices": "off"}})).await;
    assert_eq!(off.status, 200, "{:?}", off.bytes);
    assert!(world.noticed(8).await.is_empty());
    let on =
        world.send(&world.admin(), Method::PATCH, path, json!({"values": {"notices": null, "silent_days": 20}})).await;
    assert_eq!(on.status, 200, "null is the default again: {:?}", on.bytes);
    assert!(world.noticed(9).await.is_empty(), "nobody is silent for 20 days yet");
    assert_eq!(world.noticed(20).await.len(), 1);
}
