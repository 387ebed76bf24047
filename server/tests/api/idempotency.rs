//! Writes with an `Idempotency-Key`: done once, answered the same.

use super::routes::{May, Row, rows};
use super::world::{Answer, NOW, World, new_account};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Request};
use leasehold::jobs::runner::{Job, run};
use leasehold_ledger::fsck;
use leasehold_ledger::record::{Remembered, Verb};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Pair, Store, Table};
use leasehold_protocol::Time;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotency-replayed";

pub fn keyed(mut request: Request<Body>, key: &str) -> Request<Body> {
    request.headers_mut().insert(KEY, HeaderValue::from_str(key).expect("a header"));
    request
}

async fn post(world: &World, token: &str, path: &str, body: &Value, key: &str) -> Answer {
    let request = world.request(token, Method::POST, path).header(CONTENT_TYPE, "application/json");
    world.raw(keyed(request.body(world.path(&body.to_string()).into()).expect("a request"), key)).await
}

/// Rows of everything but what is remembered of requests.
fn effects(world: &World) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
    let notes = [Table::Remembered, Table::RememberedAges, Table::RememberedCounts];
    world.store.rows().into_iter().filter(|(table, ..)| !notes.contains(table)).collect()
}

fn remembered(world: &World) -> Vec<Pair> {
    world.store.read().expect("memory").scan(Table::Remembered, &[], &[0xff; 64], 9999).expect("memory")
}

/// What the store is after a server that ended between the change and the note of its answer.
pub fn lose_answers(world: &World) -> usize {
    let mut lost = 0;
    for (key, value) in remembered(world) {
        let known: Remembered = row::decode(&key, &value).expect("ours");
        lost += usize::from(known.answer.is_some());
        let before = row::encode(&Remembered { answer: None, ..known });
        world.store.write(&mut |tx| tx.put(Table::Remembered, &key, &before)).expect("memory");
    }
    lost
}

fn is_clean(world: &World) {
    let view = world.store.read().expect("memory");
    let report = fsck::check(view.as_ref(), NOW).expect("it reads");
    assert!(report.is_clean(), "{:?}", report.findings);
}

/// Every write of a token's: some of them make a secret, jobs may have more to do the second time. No key is for what people do
/// for themselves.
fn writes(world: &World) -> Vec<Row> {
    let own = |row: &Row| {
        matches!(row.may, May::Person | May::OwnerAlone | May::Anybody(..) | May::Everybody | May::FromAboveInVain | May::VendorInVain(..))
    };
    rows(world).into_iter().filter(|row| row.method != Method::GET && !own(row)).collect()
}

/// Routes whose answer holds a secret.
const SECRET: [&str; 1] = ["create_token"];

#[tokio::test]
async fn every_write_sent_again_is_answered_the_same_and_done_once() {
    let (mut routes, first_world) = (0, World::sharing().await);
    for row in writes(&first_world) {
        let world = first_world.fork();
        let first = world.raw(keyed(row.request(&world, &world.vendor()), "k-1")).await;
        assert!(first.status.is_success(), "{}: {:?}", row.operation, first.bytes);
        assert_eq!(first.header(REPLAYED), "", "{}", row.operation);
        let before = world.store.rows();
        let again = world.raw(keyed(row.request(&world, &world.vendor()), "k-1")).await;
        assert!(world.store.rows() == before, "{} changed something again", row.operation);
        if SECRET.contains(&row.operation) {
            assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "idempotent_secret"), "{}", row.operation);
        } else {
            assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{}", row.operation);
            assert_eq!(again.header(REPLAYED), "true", "{}", row.operation);
            for header in ["content-type", "location", "content-disposition", "content-location"] {
                assert_eq!(again.header(header), first.header(header), "{} {header}", row.operation);
            }
        }
        is_clean(&world);
        routes += 1;
    }
    assert!(routes >= 21, "{routes}");
    println!("count idempotency: {routes} writing routes sent twice, each done once");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_in_a_crash_is_answered_as_if_nothing_had_happened() {
    let first_world = World::sharing().await;
    for row in writes(&first_world).into_iter().filter(|row| row.operation != "run_job") {
        let world = first_world.fork();
        let first = world.raw(keyed(row.request(&world, &world.vendor()), "k-1")).await;
        assert_eq!(lose_answers(&world), 1, "{}", row.operation);
        let before = effects(&world);
        let again = world.raw(keyed(row.request(&world, &world.vendor()), "k-1")).await;
        assert!(effects(&world) == before, "{} was done twice", row.operation);
        if SECRET.contains(&row.operation) {
            assert_eq!(again.code(), "idempotent_secret", "{}", row.operation);
        } else {
            assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{}", row.operation);
            assert_eq!(again.header("location"), first.header("location"), "{}", row.operation);
        }
    }
}

#[tokio::test]
async fn a_user_with_a_password_whose_answer_was_lost_in_a_crash_does_not_stand_in_its_own_way() {
    let first_world = World::sharing().await;
    let user = json!({"username": "anna", "email": "anna@mail.example", "role": "viewer", "password": "plain otters read lamps"});
    let account = json!({"parent": "{account}", "kind": "reseller", "name": "New"});
    for (path, body) in [("/users", user.clone()), ("/accounts/with-user", json!({"account": account, "user": user}))] {
        let world = first_world.fork();
        let first = post(&world, &world.vendor(), path, &body, "k").await;
        assert_eq!((first.status.as_u16(), lose_answers(&world)), (201, 1), "{path}: {:?}", first.bytes);
        let before = effects(&world);
        for replayed in ["", "true"] {
            let again = post(&world, &world.vendor(), path, &body, "k").await;
            assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{path}");
            assert_eq!(again.header(REPLAYED), replayed, "{path}");
            assert!(effects(&world) == before, "{path} was done twice");
        }
    }
}

#[tokio::test]
async fn sixty_four_identical_requests_at_once_have_one_effect() {
    let world = World::new().await;
    let before = events(&world, Verb::AccountCreated);
    let body = new_account("Once");
    let admin = world.admin();
    let sent = (0..64).map(|_| post(&world, &admin, "/accounts", &body, "\"same\""));
    let answers = futures_util::future::join_all(sent).await;
    assert_eq!(events(&world, Verb::AccountCreated), before + 1);
    let made: BTreeSet<_> = answers.iter().filter(|answer| answer.status == 201).map(|one| one.bytes.clone()).collect();
    assert_eq!(made.len(), 1, "who is answered hears of the same account");
    let others = answers.iter().filter(|answer| answer.status != 201).map(Answer::code).collect::<BTreeSet<_>>();
    assert!(others.iter().all(|code| code == "idempotency_in_flight"), "{others:?}");
    let later = post(&world, &admin, "/accounts", &body, "same").await;
    assert_eq!((later.status.as_u16(), made.contains(&later.bytes)), (201, true));
}

fn events(world: &World, verb: Verb) -> usize {
    let rows = world.store.rows();
    let of = rows.iter().filter(|(table, ..)| *table == Table::Events);
    of.filter(|(_, key, value)| row::decode::<leasehold_ledger::record::Event>(key, value).expect("ours").verb == verb)
        .count()
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_caller() {
    let world = World::new().await;
    let admin = world.admin();
    let first = post(&world, &admin, "/accounts", &new_account("A"), "k").await;
    assert_eq!(first.status, 201);
    for (path, body) in [("/accounts", new_account("B")), ("/accounts?x=1", new_account("A"))] {
        let other = post(&world, &admin, path, &body, "k").await;
        assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_key_reused"), "{path}");
    }
    let other = post(&world, &admin, "/accounts/{account}/pools", &new_account("A"), "k").await;
    assert_eq!(other.code(), "idempotency_key_reused");
    let somebody_else = post(&world, &world.vendor(), "/accounts", &new_account("C"), "k").await;
    assert_eq!(somebody_else.status, 201, "keys of others are none of this caller's business");
    for bad in ["", "two words", "\"open"] {
        let answer = post(&world, &admin, "/accounts", &new_account("D"), bad).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "idempotency_key_invalid"), "{bad:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_repeated_even_when_its_reason_has_gone() {
    let world = World::new().await;
    let admin = world.admin();
    let first = post(&world, &admin, "/accounts", &new_account("Child"), "k").await;
    assert_eq!((first.status.as_u16(), first.code().as_str()), (409, "name_taken"));
    let renamed = world.send(&admin, Method::PATCH, "/accounts/{child}", json!({"name": "Other"})).await;
    assert_eq!(renamed.status, 200);
    let again = post(&world, &admin, "/accounts", &new_account("Child"), "k").await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(post(&world, &admin, "/accounts", &new_account("Child"), "k-2").await.status, 201);
}

#[tokio::test]
async fn a_failure_that_is_not_the_requests_own_is_not_kept() {
    let world = World::new().await;
    let admin = world.admin();
    world.store.fail_at(2);
    let failed = post(&world, &admin, "/accounts", &new_account("A"), "k").await;
    assert_eq!((failed.status.as_u16(), failed.code().as_str()), (500, "failed"));
    let stranger = post(&world, "lh_nobody", "/accounts", &new_account("A"), "k").await;
    assert_eq!(stranger.status, 401);
    assert_eq!(remembered(&world), []);
    assert_eq!(post(&world, &admin, "/accounts", &new_account("A"), "k").await.status, 201);
}

#[tokio::test]
async fn no_secret_is_kept_with_an_answer() {
    let world = World::new().await;
    let token = json!({"name": "new", "role": "viewer"});
    let made = post(&world, &world.admin(), "/accounts/{account}/tokens", &token, "k").await.json();
    let secret = made["secret"].as_str().expect("shown once").as_bytes();
    for (table, _, value) in world.store.rows() {
        assert!(!value.windows(secret.len()).any(|part| part == secret), "it stands in {}", table.name());
    }
}

#[tokio::test]
async fn a_day_later_a_key_is_new_and_the_job_forgets_it() {
    let world = World::new().await;
    let admin = world.admin();
    for number in 0..3 {
        post(&world, &admin, "/accounts", &new_account(&format!("A {number}")), &format!("k-{number}")).await;
    }
    let day = 24 * 3600;
    let almost = world.at(Time(NOW.0 + day - 1));
    assert_eq!(post(&almost, &admin, "/accounts", &new_account("A 0"), "k-0").await.header(REPLAYED), "true");
    assert_eq!(run(&almost.app, Job::Forget).await.expect("it runs"), 0);
    let later = world.at(Time(NOW.0 + day));
    assert_eq!(post(&later, &admin, "/accounts", &new_account("B"), "k-0").await.status, 201);
    is_clean(&later);
    assert_eq!(run(&later.app, Job::Forget).await.expect("it runs"), 2);
    assert_eq!(remembered(&later).len(), 1, "the one that began anew");
    is_clean(&later);
    assert_eq!(run(&later.at(Time(NOW.0 + 2 * day)).app, Job::Forget).await.expect("it runs"), 1);
    let rows = later.store.rows();
    let notes = [Remembered::TABLE, Table::RememberedAges, Table::RememberedCounts];
    assert!(!rows.iter().any(|(table, ..)| notes.contains(table)), "nothing is left of them");
}
