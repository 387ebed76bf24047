//! Import of users from CSV: once, whatever happens in between, and no way to ask who is there.

use super::idempotency::{keyed, lose_answers};
use super::world::{Answer, Relation, World};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::json;

fn request(world: &World, query: &str, file: &str) -> Request<Body> {
    let path = format!("/accounts/{{account}}/members/import{query}");
    let request = world.request(&world.admin(), Method::POST, &path).header(CONTENT_TYPE, "text/csv");
    request.body(file.to_owned().into()).expect("a request")
}

async fn once(world: &World, file: &str) -> Answer {
    world.raw(keyed(request(world, "", file), "k")).await
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_in_a_crash_is_answered_the_same_though_its_users_were_changed_since() {
    let world = World::new().await;
    let file = "email,first_name\nann@example.com,Ann\nbob@example.com,Bob\n";
    let first = once(&world, file).await;
    let id = first.json()["lines"][0]["id"].as_str().expect("it was made").to_owned();
    assert_eq!((first.json()["created"].as_u64(), lose_answers(&world)), (Some(2), 1));
    let change = json!({"first_name": "Anne"});
    assert_eq!(world.send(&world.admin(), Method::PATCH, &format!("/users/{id}"), change).await.status, 200);
    let again = once(&world, file).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    let ann = world.get(&world.admin(), &format!("/users/{id}")).await.json();
    assert_eq!(ann["first_name"], "Anne", "what was changed since stays so");
}

#[tokio::test]
async fn an_account_cannot_ask_by_import_who_is_a_user_elsewhere() {
    let world = World::new().await;
    world.user_in(world.ids.account(Relation::Far), "anna", "viewer").await;
    let file = format!("email\n{}", "anna@mail.example\n".repeat(60));
    let first = world.raw(request(&world, "?dry_run=true", &file)).await;
    assert_eq!((first.status.as_u16(), first.json()["failed"].as_u64()), (200, Some(60)));
    for query in ["?dry_run=true", ""] {
        let again = world.raw(request(&world, query, &file)).await;
        assert_eq!((again.status.as_u16(), again.code().as_str()), (429, "too_fast"), "{query}");
        assert!(again.header("retry-after").parse::<u64>().is_ok_and(|wait| wait <= 36), "{:?}", again.headers);
    }
    let own = world.raw(request(&world, "?dry_run=true", "email\nnew@mail.example\n")).await;
    assert_eq!(own.json()["created"].as_u64(), Some(1), "who asks for nobody is not held up");
}
