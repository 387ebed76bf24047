//! Writes with an idempotency key and a server that is killed in the middle of them: each is done exactly once.

use crate::Stage;
use crate::common::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Kills, times `LEASEHOLD_SOAK`.
const MOMENTS: u32 = 6;
/// Senders at once, each of the same requests.
const SENDERS: usize = 4;
/// Requests between two kills.
const REQUESTS: u32 = 40;
/// Milliseconds of work before the kill, at most.
const MILLIS_MAX: u64 = 250;

#[test]
fn a_request_sent_until_it_is_answered_is_done_exactly_once_over_kill_9() {
    let moments = MOMENTS * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut dice = Dice::thrown("kill -9 between a change and its answer");
    let mut stage = Stage::set();
    let mut answered: BTreeMap<String, String> = BTreeMap::new();
    for moment in 0..moments {
        let names: Vec<String> = (0..REQUESTS).map(|number| format!("Customer {moment}-{number}")).collect();
        let (pause, ended) = (Duration::from_millis(dice.below(MILLIS_MAX)), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                let (stage, names, ended) = (&stage, &names, &ended);
                scope.spawn(move || {
                    for name in names.iter().take_while(|_| !ended.load(Ordering::Relaxed)) {
                        create(stage, name);
                    }
                });
            }
            std::thread::sleep(pause);
            ended.store(true, Ordering::Relaxed);
            crate::common::program::signal(stage.server.id(), "KILL");
        });
        stage.server.ended();
        stage.server.start();
        for name in names {
            let first = create(&stage, &name).expect("it runs");
            let again = create(&stage, &name).expect("it runs");
            assert_eq!((first.0, &first), (201, &again), "{name}");
            answered.insert(name, first.1);
        }
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = stage.get(&format!("/accounts/{}/children?limit=500{cursor}", stage.account));
        for item in page["items"].as_array().expect("items") {
            let text = |field: &str| item[field].as_str().expect(field).to_owned();
            found.entry(text("name")).or_default().push(text("id"));
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let exactly: BTreeMap<String, Vec<String>> = answered.into_iter().map(|(name, id)| (name, vec![id])).collect();
    assert_eq!(found, exactly, "each once, under the id that was answered");
    assert_eq!(made(&stage), exactly.len(), "one Event each");
    println!("count idempotency over kill -9: {moments} kills, {} requests, each done once", exactly.len());
}

/// Status and id; none where nobody answered. Whoever is told that the request is being answered asks again.
fn create(stage: &Stage, name: &str) -> Option<(u16, String)> {
    let body = json!({"parent": stage.account.to_string(), "kind": "end_customer", "name": name});
    let key = format!("\"{name}\"");
    loop {
        let reply = stage.ask("POST", "/accounts", &[("idempotency-key", &key)], &body)?;
        let answer: Value = serde_json::from_slice(&reply.body).ok()?;
        if answer["code"] != "idempotency_in_flight" {
            return Some((reply.status, answer["id"].as_str().unwrap_or_default().to_owned()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Events that say an account was made below the stage's own.
fn made(stage: &Stage) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page = stage.get(&format!("/accounts/{}/events?limit=500{cursor}", stage.account));
        let events = page["items"].as_array().expect("items");
        count += events.iter().filter(|event| event["verb"] == "account_created").count();
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count - 1, // the account itself was made too
        }
    }
}
