//! The history of an account: who did what, from where, before and after; and what of it who may read.

use super::world::{Answer, NOW, Relation, World};
use axum::body::Body;
use axum::http::{Method, Request};
use leasehold::admin::auth::Origin;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{Event, Verb};
use leasehold_ledger::row;
use leasehold_ledger::store::Table;
use serde_json::{Value, json};

const OWN: &str = "/accounts/{account}/events";
const CHILD: &str = "/accounts/{child}/events";

impl World {
    async fn newest(&self, token: &str, path: &str) -> Value {
        self.items(token, &format!("{path}?limit=1")).await.remove(0)
    }

    fn event(&self, number: u64) -> Event {
        let key = number.to_be_bytes();
        let rows = self.store.rows();
        let row = rows.iter().find(|(table, at, _)| *table == Table::Events && *at == key).expect("it is there");
        row::decode(&key, &row.2).expect("sound")
    }
}

fn holds(answer: &Answer, text: &str) -> bool {
    String::from_utf8_lossy(&answer.bytes).contains(text)
}

fn change(field: &str, before: Value, after: Value) -> Value {
    json!({"field": field, "before": before, "after": after})
}

#[tokio::test]
async fn a42_a_history_says_who_did_what_from_where_and_what_it_was_before() {
    let world = World::new().await;
    let body = json!({"name": "Renamed", "email": "desk@labs.example", "key_prefix": "LABS"});
    assert!(world.patch(&world.admin(), "/accounts/{child}", body).await.status.is_success());
    let event = world.newest(&world.admin(), CHILD).await;
    assert_eq!((&event["verb"], &event["subject"]), (&json!("account_updated"), &json!(world.path("{child}"))));
    assert_eq!((&event["actor"], &event["from"]), (&json!("token Own Admin"), &json!("127.0.0.1")));
    assert_eq!(event["at"], NOW.to_string());
    let changes = [
        change("name", json!("Child"), json!("Renamed")),
        change("email", json!(null), json!("desk@labs.example")),
        change("key_prefix", json!(null), json!("LABS")),
    ];
    assert_eq!(event["changes"], json!(changes), "what stayed as it was is not told");
}

#[tokio::test]
async fn a27_a_reseller_reads_what_its_customers_did_and_they_do_not_read_the_resellers() {
    let world = World::new().await;
    let child = world.of(Relation::Below, Role::Admin);
    let token = json!({"name": "ours", "role": "viewer"});
    assert_eq!(world.post(&child, "/accounts/{child}/tokens", token).await.status, 201);
    let event = world.newest(&world.of(Relation::Own, Role::Viewer), CHILD).await;
    assert_eq!((&event["actor"], &event["verb"]), (&json!("token Below Admin"), &json!("token_created")));
    assert_eq!(world.get(&child, OWN).await.code(), "out_of_reach");
    assert_eq!(world.get(&world.of(Relation::Beside, Role::Admin), CHILD).await.code(), "out_of_reach");
}

#[tokio::test]
async fn a35_notes_are_told_to_those_above_in_no_event_of_the_account_itself() {
    let world = World::new().await;
    let secret = "their last invoice bounced";
    let changed =
        world.patch(&world.admin(), "/accounts/{child}", json!({"notes": secret, "email": "a@b.example"})).await;
    assert!(changed.status.is_success());
    let above = world.newest(&world.of(Relation::Own, Role::Viewer), CHILD).await;
    assert!(above["changes"].as_array().expect("changes").contains(&change(
        "notes",
        json!("pays late"),
        json!(secret)
    )));
    let child = world.get(&world.of(Relation::Below, Role::Admin), CHILD).await;
    assert!(holds(&child, "a@b.example") && !holds(&child, secret) && !holds(&child, "notes"), "{:?}", child.bytes);
    // The first Event of every account carries its first notes.
    assert!(!holds(&child, "pays late"));
    assert!(holds(&world.get(&world.admin(), CHILD).await, "pays late"));
}

#[tokio::test]
async fn v13_who_works_above_an_account_is_not_told_to_it() {
    let world = World::new().await;
    world.patch(&world.admin(), "/accounts/{child}", json!({"name": "Renamed"})).await;
    let child = world.of(Relation::Below, Role::Admin);
    let event = world.newest(&child, CHILD).await;
    assert_eq!((&event["actor"], &event["from"]), (&json!("above"), &json!(null)));
    let whole = world.get(&child, CHILD).await;
    assert!(!holds(&whole, "token Own") && !holds(&whole, "127.0.0.1"));
    for event in whole.json()["items"].as_array().expect("items") {
        assert_eq!((&event["actor"], &event["from"]), (&json!("above"), &json!(null)), "{event}");
    }
    // Nor does a filter say who it was.
    for actor in ["token%20Own%20Admin", "operator"] {
        assert_eq!(world.items(&child, &format!("{CHILD}?actor={actor}")).await, Vec::<Value>::new());
    }
    assert!(!world.items(&child, &format!("{CHILD}?actor=ABOVE")).await.is_empty());
}

#[tokio::test]
async fn what_the_operator_does_comes_from_the_socket_and_a_device_comes_from_nowhere() {
    let world = World::new().await;
    let path = format!("/api/v1{}", world.path("/keys/{key}/stop"));
    let request = Request::builder().method(Method::POST).uri(path).extension(Origin::Socket);
    assert!(world.raw(request.body(Body::empty()).expect("a request")).await.status.is_success());
    let event = world.newest(&world.vendor(), OWN).await;
    assert_eq!((&event["actor"], &event["from"]), (&json!("operator"), &json!("socket")));
    assert_eq!(event["changes"], json!([change("state", json!("open"), json!("stopped"))]));
    let events = world.items(&world.vendor(), &format!("{OWN}?verb=activated")).await;
    assert_eq!((events.len(), &events[0]["from"]), (1, &json!(null)));
}

#[tokio::test]
async fn a_moves_event_has_both_sides_counts_and_shows_each_account_its_own() {
    let world = World::new().await;
    let body = json!({"account": "{child}", "units": {"OBM": 5}});
    let got = world.post(&world.admin(), "/pools/{pool}/moves", body).await.json();
    let left = change("units_from", json!("25 OBM"), json!("20 OBM"));
    let came = change("units_to", json!("nothing"), json!("5 OBM"));
    let giver = world.newest(&world.admin(), OWN).await;
    assert_eq!(giver["changes"], json!([left, came]));
    let taker = world.newest(&world.of(Relation::Below, Role::Admin), CHILD).await;
    assert_eq!((&taker["changes"], &taker["subject"]), (&json!([came]), &got["id"]));
    assert_eq!(taker["detail"], json!({"units": "5 OBM", "to": got["id"]}));
}

/// Whatever is changed through the API: the verb its Event has, and the fields of which it tells before and after.
const TOLD: &[(&str, &str, &[&str])] = &[
    (
        "create_account",
        "account_created",
        &["name", "kind", "status", "organisation", "may_create_customers", "may_create_resellers"],
    ),
    ("update_account", "account_updated", &["notes"]),
    ("deactivate_account", "account_deactivated", &["status"]),
    ("set_pool_quota", "pool_quota_changed", &["quota"]),
    ("set_key_quota", "key_quota_changed", &["quota"]),
    ("stop_key", "key_stopped", &["state"]),
    ("delete_key", "key_deleted", &["quota", "state"]),
    ("move_units", "units_moved", &["units_from", "units_to"]),
    ("retire_units", "units_retired", &["units_left"]),
    ("create_token", "token_created", &["name", "role"]),
    ("revoke_token", "token_revoked", &["name", "role"]),
];

#[tokio::test]
async fn every_change_tells_of_each_field_what_it_was_and_what_it_is() {
    let world = World::new().await;
    for (operation, verb, fields) in TOLD {
        let world = world.fork();
        let answer = world.raw(super::roles::find(&world, operation).request(&world, &world.vendor())).await;
        assert!(answer.status.is_success(), "{operation}: {:?}", answer.bytes);
        let event = world.newest(&world.vendor(), OWN).await;
        let told: Vec<_> = event["changes"].as_array().expect("changes").iter().map(|one| &one["field"]).collect();
        assert_eq!((&event["verb"], json!(told)), (&json!(verb), json!(fields)), "{operation}");
        for change in event["changes"].as_array().expect("changes") {
            assert_ne!(change["before"], change["after"], "{operation}: {change}");
        }
    }
}

#[tokio::test]
async fn no_event_holds_a_secret_or_its_hash() {
    let world = World::new().await;
    let made =
        world.post(&world.admin(), "/accounts/{account}/tokens", json!({"name": "ci", "role": "viewer"})).await.json();
    let secret = made["secret"].as_str().expect("a secret");
    let hash = leasehold::admin::auth::hash(secret);
    let events = world.store.rows().into_iter().filter(|(table, _, _)| *table == Table::Events);
    for (_, _, row) in events {
        let has = |part: &[u8]| row.windows(part.len()).any(|window| window == part);
        assert!(!has(secret.as_bytes()) && !has(&hash) && !has(row::hex(&hash).as_bytes()));
    }
}

#[tokio::test]
async fn events_are_found_by_verb_actor_subject_and_time_page_by_page() {
    let world = World::new().await;
    let admin = world.admin();
    for (at, act) in ["stop", "resume", "stop", "resume"].into_iter().enumerate() {
        let later = world.at(NOW.plus(60 * (i64::try_from(at).expect("few") + 1)));
        assert!(later.post(&admin, &format!("/keys/{{key}}/{act}"), json!(null)).await.status.is_success());
    }
    let found = async |filter: &str| world.items(&admin, &format!("{OWN}?{filter}")).await;
    let verbs =
        |items: &[Value]| items.iter().map(|one| one["verb"].as_str().expect("a verb").to_owned()).collect::<Vec<_>>();
    assert_eq!(found("verb=key_stopped").await.len(), 2);
    assert_eq!(found("actor=OWN%20adm").await.len(), 4, "a part of the name, in any case");
    assert_eq!(found("actor=nobody").await.len(), 0);
    let key = world.path("subject={key}");
    assert_eq!(verbs(&found(&key).await), ["key_resumed", "key_stopped", "key_resumed", "key_stopped", "key_created"]);
    let between = format!("since={}&until={}", NOW.plus(120), NOW.plus(240));
    assert_eq!(verbs(&found(&between).await), ["key_stopped", "key_resumed"], "from since, up to but without until");
    let all = format!("{key}&verb=key_resumed&since={}&actor=token", NOW.plus(200));
    assert_eq!(found(&all).await.len(), 1, "filters hold together");
    let (mut next, mut numbers) = (String::new(), Vec::new());
    loop {
        let page = world.get(&admin, &format!("{OWN}?verb=key_stopped&limit=1{next}")).await.json();
        numbers.extend(
            page["items"].as_array().expect("items").iter().map(|one| one["number"].as_u64().expect("a number")),
        );
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(numbers.len(), 2);
    assert!(numbers.iter().all(|number| world.event(*number).verb == Verb::KeyStopped));
    for bad in ["verb=key_eaten", "since=yesterday", "who=me"] {
        let answer = world.get(&admin, &format!("{OWN}?{bad}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "query_invalid"), "{bad}");
    }
}
