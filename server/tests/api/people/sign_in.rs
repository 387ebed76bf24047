//! Signing in: names, answers that tell nothing, what slows guessing down.

use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::world::World;
use axum::http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a7_t1_v8_a_person_signs_in_by_username_or_by_email() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    for name in ["anna", " ANNA ", "anna@mail.example", "Anna@Mail.Example"] {
        let entered = world.sign_in(name, PASSWORD).await;
        assert_eq!(entered.status, 201, "{name}: {:?}", entered.bytes);
        assert_eq!(entered.json()["user"]["email"], "anna@mail.example");
        assert_eq!(entered.header("cache-control"), "no-store");
        let who = world.get(&text(&entered, "session"), "/whoami").await.json();
        assert_eq!((&who["actor"], &who["role"]), (&json!("user anna"), &json!("viewer")));
    }
}

#[tokio::test]
async fn a7_credentials_given_by_an_administrator_open_the_portal() {
    let world = World::new().await;
    let body = json!({"username": "bela", "email": "b@mail.example", "role": "viewer", "password": PASSWORD,
        "welcome": "nothing"});
    assert_eq!(world.posts(&world.admin(), "/users", body).await.status, 201);
    let entered = world.sign_in("bela", PASSWORD).await;
    assert_eq!((entered.status.as_u16(), &entered.json()["must_change_password"]), (201, &json!(true)));
}

/// Everything of an answer but the moment.
fn whole(answer: &crate::world::Answer) -> (u16, Vec<(String, String)>, Value) {
    let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), format!("{value:?}")));
    (answer.status.as_u16(), headers.collect(), answer.json())
}

#[tokio::test]
async fn t2_unknown_locked_wrong_and_never_set_are_one_answer_for_one_hash() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let locked = world.person("lock", "viewer").await;
    world.posts(&world.admin(), &format!("/users/{locked}/lock"), json!(null)).await;
    world.user("fresh", "viewer").await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("n@mail.example", PASSWORD),
        ("lock", PASSWORD),
        ("anna", OTHER),
        ("fresh", PASSWORD),
        ("", ""),
    ] {
        let (before, commits) = (world.app.identity.hasher.computed(), world.store.rows());
        let answer = world.sign_in(name, password).await;
        assert_eq!(world.app.identity.hasher.computed() - before, 1, "{name}");
        assert!(world.store.rows() == commits, "{name}: a failed sign-in writes nothing");
        answers.push(whole(&answer));
    }
    assert_eq!(answers[0].2["code"], "sign_in_failed");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn a_right_sign_in_costs_one_hash_too() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let before = world.app.identity.hasher.computed();
    world.session("anna").await;
    assert_eq!(world.app.identity.hasher.computed() - before, 1);
}

#[tokio::test]
async fn guessing_is_slowed_down_by_address_and_name_and_locks_nobody_out() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let tries = async |from: &str, name: &str, password: &str| {
        world.calls_from(from, "/sessions", &json!({"identifier": name, "password": password})).await
    };
    for _ in 0..5 {
        assert_eq!(said(&tries("192.0.2.1", "anna", OTHER).await), no(401, "sign_in_failed"));
    }
    let before = world.app.identity.hasher.computed();
    for name in ["anna", "ANNA", "anna "] {
        let slow = tries("192.0.2.1", name, PASSWORD).await;
        assert_eq!(said(&slow), no(429, "too_fast"));
        let wait: u64 = slow.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(world.app.identity.hasher.computed(), before, "what is refused costs nothing");
    assert_eq!(tries("192.0.2.2", "anna", PASSWORD).await.status, 201, "the right password from elsewhere gets in");
    for name in ["nobody", "bela"] {
        assert_eq!(tries("192.0.2.1", name, OTHER).await.status, 401, "another name from there, which nobody has");
    }
    let told = world.posts(&world.vendor(), "/users", json!({"email": "c@mail.example", "role": "viewer"})).await;
    assert_eq!(told.status, 201, "nothing else is slowed down");
}

#[tokio::test(start_paused = true)]
async fn the_password_from_a_new_address_gets_in_however_many_guess() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    for last in 1..=60 {
        let body = json!({"identifier": "anna", "password": OTHER});
        let answer = world.calls_from(&format!("192.0.2.{last}"), "/sessions", &body).await;
        assert_eq!(said(&answer), no(401, "sign_in_failed"));
    }
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn passwords_and_sessions_stand_in_no_row_and_no_answer() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    assert!(!world.store_holds(PASSWORD) && !world.store_holds(&session));
    for path in ["/profile", "/sessions", "/users", "/accounts/{account}/members", "/accounts/{account}/events"] {
        let answer = world.get(&session, path).await;
        let body = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, 200, "{path}: {body}");
        assert!(!body.contains("argon2") && !body.contains(&session) && !body.contains(PASSWORD), "{path}");
    }
    let long =
        world.send("", Method::POST, "/sessions", json!({"identifier": "anna", "password": PASSWORD, "x": 1})).await;
    assert!(long.status == 422 && !String::from_utf8_lossy(&long.bytes).contains(PASSWORD), "{:?}", long.bytes);
}
