//! Invitations and the mailboxes they go to: each address is answered for itself, and none is flooded.

use super::invitations::invite;
use crate::idempotency::{keyed, lose_answers};
use crate::world::{NOW, Relation, World};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

fn told<'a>(items: &'a [Value], code: &str) -> Vec<&'a Value> {
    items.iter().filter(|one| one["problem"]["code"] == code).collect()
}

fn invited(items: &[Value]) -> usize {
    items.iter().filter(|one| one["invited"] == true).count()
}

#[tokio::test]
async fn an_address_is_mailed_three_invitations_and_whoever_sends_more_is_told_when_again() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let mut items = Vec::new();
    for _ in 0..5 {
        items.extend(invite(&world, json!("b@mail.example;anna@mail.example")).await);
        world.all_sent().await; // one that waits would not be doubled anyway
    }
    assert_eq!((invited(&items), told(&items, "name_taken").len()), (3, 5), "what was refused has cost nothing");
    for refused in told(&items, "too_fast") {
        let wait = refused["problem"]["retry_after"].as_u64().expect("seconds");
        assert!(refused["email"] == "b@mail.example" && (400..=600).contains(&wait), "{refused}");
    }
    assert_eq!(world.mails().iter().filter(|mail| mail.to == "b@mail.example").count(), 3);
    let items = invite(&world, json!("B@Mail.example;c@mail.example")).await;
    assert_eq!(
        (told(&items, "too_fast").len(), invited(&items)),
        (1, 1),
        "another spelling is none, another address is"
    );
}

#[tokio::test]
async fn an_account_mails_two_hundred_invitations_at_once_and_holds_up_no_other_account() {
    let world = World::new().await;
    let mut items = Vec::new();
    for part in 0..3 {
        let emails: Vec<_> = (0..100).map(|number| format!("{part}-{number}@mail.example")).collect();
        items.extend(invite(&world, json!(emails)).await);
    }
    let (invited, slowed) = (invited(&items), told(&items, "too_fast"));
    assert!((200..=230).contains(&invited), "{invited}, with one more each ten seconds");
    assert_eq!(invited + slowed.len(), 300);
    assert!(slowed.iter().all(|one| one["problem"]["retry_after"].as_u64().is_some_and(|wait| wait <= 10)));
    let (far, there) = (world.ids.token(Relation::Far, Role::Admin), world.ids.account(Relation::Far));
    let path = format!("/accounts/{there}/invitations");
    let body = json!({"emails": "x@mail.example", "role": "viewer"});
    assert_eq!(world.posts(far, &path, body).await.json()["items"][0]["invited"], true);
}

#[tokio::test]
async fn invitations_that_come_again_after_a_crash_are_mailed_once_though_others_were_too_fast() {
    let world = World::new().await;
    for _ in 0..3 {
        invite(&world, json!("b@mail.example")).await;
    }
    let send = async |world: &World| {
        let body = json!({"emails": ["b@mail.example", "c@mail.example"], "role": "viewer"}).to_string();
        let request = world.request(&world.admin(), Method::POST, "/accounts/{account}/invitations");
        let request = request.header(CONTENT_TYPE, "application/json").body(body.into()).expect("a request");
        world.raw(keyed(request, "k")).await.json()["items"].as_array().expect("items").clone()
    };
    let first = send(&world).await;
    assert_eq!((told(&first, "too_fast").len(), invited(&first), lose_answers(&world)), (1, 1, 1));
    let restarted = world.at(NOW);
    let again = send(&restarted).await;
    assert_eq!(invited(&again), 2, "a server that was started again knows of no budget");
    let mails = |to: &str| world.mails().iter().filter(|mail| mail.to == to).count();
    assert_eq!((mails("b@mail.example"), mails("c@mail.example")), (4, 1));
}
