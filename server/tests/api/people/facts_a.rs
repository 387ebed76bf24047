//! Facts of a customer's own people and of who looks after them, by persons who are signed in (A2-A53).

use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::device::Device;
use crate::use_of::asks;
use crate::world::{Answer, Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::UserId;
use serde_json::{Value, json};

pub fn draft(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@mail.example"), "role": "viewer"})
}

/// Whatever is done to look after a user who is there, in an order in which all of it can be done.
pub fn care(user: UserId, account: &str) -> Vec<(Method, String, Value)> {
    let member = |act: &str| format!("/accounts/{account}/members/{user}{act}");
    let (post, patch) = (|| Method::POST, || Method::PATCH);
    vec![
        (patch(), format!("/users/{user}"), json!({"last_name": "Example", "phone": "1"})),
        (patch(), member(""), json!({"role": "operator"})),
        (post(), format!("/users/{user}/reset-password"), json!(null)),
        (post(), format!("/users/{user}/lock"), json!(null)),
        (post(), format!("/users/{user}/unlock"), json!(null)),
        (post(), member("/disable"), json!(null)),
        (post(), member("/enable"), json!(null)),
        (post(), format!("/accounts/{account}/members/remove"), json!({"users": [user]})),
    ]
}

/// The usernames on an account's list, as somebody reads it.
pub async fn listed(world: &World, token: &str, account: &str) -> Vec<String> {
    let items = world.items(token, &format!("/accounts/{account}/members")).await;
    items.iter().map(|one| one["user"]["username"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a2_each_customer_has_users_of_its_own() {
    let world = World::new().await;
    let other = world.made(crate::world::new_account("Other customer")).await["id"].as_str().expect("an id").to_owned();
    let anna = world.person_in(world.ids.account(Relation::Below), "anna", "admin").await;
    let bela = world.person_in(other.parse().expect("an id"), "bela", "admin").await;
    let sessions = [world.session("anna").await, world.session("bela").await];
    let places = [world.path("{child}"), other];
    for (own, name) in ["anna", "bela"].into_iter().enumerate() {
        let (session, stranger) = (&sessions[own], [bela, anna][own]);
        assert_eq!(text(&world.get(session, "/whoami").await, "account"), places[own]);
        assert_eq!(listed(&world, session, &places[own]).await, [name]);
        assert_eq!(world.items(session, "/users").await.len(), 1, "{name}");
        let theirs = format!("/accounts/{}/members", places[1 - own]);
        assert_eq!(said(&world.get(session, &theirs).await), no(404, "out_of_reach"), "{name}");
        assert_eq!(said(&world.get(session, &format!("/users/{stranger}")).await), no(404, "out_of_reach"), "{name}");
    }
}

#[tokio::test]
async fn a8_who_is_given_a_weak_password_is_not_made_and_is_told_why() {
    let world = World::new().await;
    let made = async |password: &str| {
        let names = json!({"username": "anna.example", "email": "a.example@mail.example", "first_name": "Anna",
            "last_name": "Example-Labs", "role": "viewer", "password": password});
        world.posts(&world.admin(), "/users", names).await
    };
    for (password, reason) in [
        ("fjord-Kiwi-", "12 are the least"),
        ("ANNA.example", "the username or the email"),
        ("a.example@Mail.example", "the username or the email"),
        ("example-labs", "the username or the email"),
        ("password1234", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("x".repeat(257).as_str(), "256 are the most"),
    ] {
        let answer = made(password).await;
        assert_eq!(said(&answer), no(422, "password_weak"), "{password}: {:?}", answer.bytes);
        assert!(text(&answer, "detail").contains(reason), "{password}: {:?}", answer.bytes);
    }
    assert_eq!(listed(&world, &world.admin(), "{account}").await, ["member", "disabled"]);
    assert_eq!(made("fjord-Kiwi-7").await.status, 201, "twelve characters are enough");
}

#[tokio::test]
async fn a9_whoever_sets_or_changes_a_password_is_signed_in_with_it() {
    let world = World::new().await;
    let user = world.user("anna", "viewer").await;
    let works = async |set: &Answer| {
        assert_eq!(set.status, 201, "{:?}", set.bytes);
        let session = text(set, "session");
        assert_eq!(text(&world.get(&session, "/profile").await, "username"), "anna");
        session
    };
    let welcome = world.link("anna@mail.example").await;
    works(&world.calls("/password/set", json!({"link": welcome, "password": PASSWORD})).await).await;
    world.posts(&world.admin(), &format!("/users/{user}/reset-password"), json!(null)).await;
    let reset = world.link("anna@mail.example").await;
    let session = works(&world.calls("/password/set", json!({"link": reset, "password": OTHER})).await).await;
    let change = json!({"old_password": OTHER, "password": PASSWORD});
    works(&world.posts(&session, "/password/change", change).await).await;
}

#[tokio::test]
async fn a12_an_end_customer_uses_its_licences_on_devices_of_its_own() {
    let world = World::new().await;
    world.sold_to_child().await;
    world.person_in(world.ids.account(Relation::Below), "carl", "operator").await;
    let carl = world.session("carl").await;
    let file = world.upload(&carl, "/accounts/{child}/requests", &asks(60, 4)).await;
    assert_eq!(file.status, 200, "{:?}", file.bytes);
    assert_eq!(world.items(&carl, "/accounts/{child}/devices").await.len(), 1);
    assert_eq!(world.items(&carl, "/accounts/{child}/lots").await[0]["charged"], json!({"OBM": 4}));
}

#[tokio::test]
async fn a13_a_reseller_hands_units_on_to_the_account_below_it() {
    let world = World::new().await;
    world.person("rita", "operator").await;
    let rita = world.session("rita").await;
    world.give(&rita, "{pool}", json!({"account": "{child}", "units": {"OBM": 7}})).await;
    let child = world.of(Relation::Below, Role::Viewer);
    assert_eq!((world.total(&child, "{child}").await, world.total(&rita, "{account}").await), (json!(7), json!(123)));
}

#[tokio::test]
async fn a28_a_reseller_looks_after_the_users_of_its_customers_and_they_not_after_its_own() {
    let world = World::new().await;
    world.person("rita", "admin").await;
    world.person_in(world.ids.account(Relation::Below), "cora", "admin").await;
    let (rita, cora) = (world.session("rita").await, world.session("cora").await);
    let made = world.posts(&rita, "/users?account={child}", draft("carl")).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let carl = text(&made, "id").parse().expect("an id");
    assert_eq!(listed(&world, &rita, "{child}").await, ["cora", "carl"]);
    for (method, path, body) in care(carl, "{child}") {
        let answer = world.send(&rita, method, &path, body).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.bytes);
    }
    assert_eq!(listed(&world, &cora, "{child}").await, ["cora"]);
    let beside = world.of(Relation::Beside, Role::Admin);
    for stranger in [&cora, &beside] {
        assert_eq!(said(&world.posts(stranger, "/users?account={account}", draft("x")).await), no(404, "out_of_reach"));
        for (method, path, body) in care(world.ids.member, "{account}") {
            let answer = world.send(stranger, method, &path, body).await;
            assert_eq!(said(&answer), no(404, "out_of_reach"), "{path}");
        }
    }
}

#[tokio::test]
async fn a42_the_history_tells_of_users_made_and_edited_and_of_licences_applied() {
    let world = World::new().await;
    world.person("rita", "admin").await;
    let rita = world.session("rita").await;
    let made = text(&world.posts(&rita, "/users", draft("anna")).await, "id");
    world.send(&rita, Method::PATCH, &format!("/users/{made}"), json!({"last_name": "Example"})).await;
    let file = world.upload(&rita, "/accounts/{account}/requests", &Device::new(60).asks(1, 1)).await;
    assert_eq!(file.status, 200, "{:?}", file.bytes);
    let events = world.items(&world.of(Relation::Own, Role::Viewer), "/accounts/{account}/events?limit=3").await;
    let told: Vec<_> = events.iter().map(|one| one["verb"].as_str().expect("a verb")).collect();
    assert_eq!(told, ["file_issued", "user_updated", "user_created"]);
    for event in &events {
        assert_eq!((&event["actor"], &event["from"]), (&json!("user rita"), &json!("127.0.0.1")), "{event}");
    }
    let edit = json!([{"field": "last_name", "before": null, "after": "Example"}]);
    assert_eq!((&events[1]["changes"], &events[1]["subject"]), (&edit, &json!(made)));
}

#[tokio::test]
async fn a44_users_license_devices_for_as_long_as_they_take_part() {
    let world = World::new().await;
    let path = "/accounts/{account}/requests";
    for (number, role) in [(60, "viewer"), (61, "operator"), (62, "admin")] {
        let user = world.person(role, role).await;
        let session = world.session(role).await;
        let file = world.upload(&session, path, &Device::new(number).asks(1, 1)).await;
        assert_eq!(file.status, 200, "{role}: {:?}", file.bytes);
        let event = &world.items(&world.admin(), "/accounts/{account}/events?limit=1").await[0];
        assert_eq!((&event["verb"], &event["actor"]), (&json!("file_issued"), &json!(format!("user {role}"))));
        let out = format!("/accounts/{{account}}/members/{user}/disable");
        assert_eq!(world.posts(&world.admin(), &out, json!(null)).await.status, 200);
        let again = world.upload(&session, path, &Device::new(number).asks(2, 1)).await;
        assert_eq!(said(&again), no(401, "session_invalid"), "{role}");
        let fresh = world.session(role).await;
        let again = world.upload(&fresh, path, &Device::new(number).asks(2, 1)).await;
        assert_eq!(said(&again), no(403, "account_needed"), "{role}");
    }
}

#[tokio::test]
async fn a53_one_form_makes_users_from_either_list_the_customer_preset_or_chosen() {
    let world = World::new().await;
    let mut shown = Vec::new();
    for (name, path, account) in [
        ("anna", "/users", "{account}"),
        ("bela", "/users?account={account}", "{account}"),
        ("carl", "/users?account={child}", "{child}"),
    ] {
        let mut form = draft(name);
        form["first_name"] = json!("Example");
        let made = world.posts(&world.admin(), path, form).await;
        assert_eq!(made.status, 201, "{path}: {:?}", made.bytes);
        assert_eq!(made.json()["accounts"][0]["account"], world.path(account), "{path}");
        assert_eq!(listed(&world, &world.admin(), account).await.last().map(String::as_str), Some(name));
        shown.push(made.json().as_object().expect("a user").keys().cloned().collect::<Vec<_>>());
    }
    assert!(shown.iter().all(|fields| *fields == shown[0]), "{shown:?}");
}
