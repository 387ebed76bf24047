//! R12 as an operator has it: `store fsck` of a stopped server says which Event was tampered with, and what the anchor knows
//! that the store does not.

use crate::common::server::TestServer;
use crate::verb;
use leasehold::store::anchor::FILE_NAME;
use leasehold::store::open;
use leasehold_ledger::record::{Event, EventHead};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view::{find, list};
use serde_json::Value;

/// A server that wrote some Events and its anchor, and was stopped.
fn stopped() -> TestServer {
    let (mut server, _) = TestServer::started(12);
    server.stop();
    server
}

/// What `store fsck` finds, as (subject, problem).
fn found(server: &TestServer) -> Vec<(String, String)> {
    let done = verb(&server.data(), &["store", "fsck", "--json"]);
    let report: Value = serde_json::from_str(&done.stdout).expect("one object");
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(done.code, Some(i32::from(!findings.is_empty())), "{}", done.stderr);
    let text = |finding: &Value, field: &str| finding[field].as_str().expect("a text").to_owned();
    findings.iter().map(|finding| (text(finding, "subject"), text(finding, "problem"))).collect()
}

/// Does something to the stopped server's store behind its back.
fn tamper<T>(server: &TestServer, work: impl FnOnce(&dyn Store, &[Event]) -> T) -> T {
    let store = open(&server.data()).expect("the store opens");
    let events = list::<Event>(store.read().expect("it reads").as_ref(), &[], None, usize::MAX).expect("sound");
    work(&store, &events)
}

fn put<R: Record>(store: &dyn Store, record: &R) {
    store.write(&mut |tx| tx.put(R::TABLE, &record.key(), &row::encode(record))).expect("it writes");
}

#[test]
fn r12_the_verb_names_the_event_that_was_edited() {
    let server = stopped();
    assert_eq!(found(&server), []);
    tamper(&server, |store, events| put(store, &Event { actor: "nobody".into(), ..events[4].clone() }));
    let found = found(&server);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "event 5" && found[0].1.starts_with("it was changed"), "{found:?}");
}

#[test]
fn r12_the_anchor_names_events_that_were_cut_off_with_every_trace() {
    let server = stopped();
    let last = tamper(&server, |store, events| {
        let (last, kept) = (events.len(), &events[events.len() - 4]);
        store
            .write(&mut |tx| {
                for event in &events[last - 3..] {
                    tx.delete(Table::Events, &event.key())?;
                    event.accounts.iter().try_for_each(|account| {
                        tx.delete(Table::AccountEvents, &Event::side(*account, event.number))
                    })?;
                }
                Ok(())
            })
            .expect("it writes");
        put(store, &EventHead { number: kept.number, hash: Event::hash(&row::encode(kept)) });
        last
    });
    let found = found(&server);
    let cut = (format!("events {} to {last}", last - 2), "cut off: the anchor knows of it".to_owned());
    let (anchored, balances): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| *one == cut);
    assert_eq!(anchored.len(), 1);
    let follows = |(_, problem): &(String, String)| problem.contains("by its Events");
    assert!(balances.iter().all(follows), "and the units that they moved are missed: {balances:?}");
}

#[test]
fn r12_a_chain_written_anew_does_not_fit_the_anchor_and_without_one_the_verb_says_so() {
    let server = stopped();
    let last = tamper(&server, |store, events| {
        let mut previous = events[2].previous;
        for event in &events[2..] {
            let anew = Event { actor: "nobody".into(), previous, ..event.clone() };
            previous = Event::hash(&row::encode(&anew));
            put(store, &anew);
        }
        put(store, &EventHead { number: events.len() as u64, hash: previous });
        let view = store.read().expect("it reads");
        assert_eq!(find::<EventHead>(view.as_ref(), EventHead::KEY).expect("sound").expect("one").hash, previous);
        events.len()
    });
    let findings = found(&server);
    assert!(findings.len() == 1 && findings[0].0 == format!("event {last}"), "{findings:?}");
    assert!(findings[0].1.starts_with("the anchor knows another one"), "{findings:?}");
    let anchor = server.data().join(FILE_NAME);
    std::fs::write(&anchor, "leasehold anchor 1\n").expect("it writes");
    assert!(found(&server)[0].1.contains("damaged"));
    std::fs::remove_file(&anchor).expect("it is there");
    assert_eq!(found(&server), []);
    let said = verb(&server.data(), &["store", "fsck"]).ok();
    assert!(said.contains("there is no anchor") && said.contains("cut off"), "{said}");
}
