//! Tokens: how they are made, sent, limited, ended.

use super::world::{NOW, Relation, World};
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request};
use leasehold::admin::auth::{Origin, Secret, TOKEN_PREFIX, hash};
use leasehold_ledger::store::Table;
use serde_json::json;
use std::net::IpAddr;

#[tokio::test]
async fn a_token_works_until_it_expires() {
    let world = World::new().await;
    let body = json!({"name": "short", "role": "viewer", "expires": NOW.plus(60).to_string()});
    let made = world.send(&world.admin(), Method::POST, "/accounts/{account}/tokens", body).await.json();
    let secret = made["secret"].as_str().expect("a secret");
    assert_eq!(world.get(secret, "/whoami").await.json()["expires"], NOW.plus(60).to_string());
    assert_eq!(world.at(NOW.plus(59)).get(secret, "/whoami").await.status, 200);
    let late = world.at(NOW.plus(60)).get(secret, "/whoami").await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (401, "token_invalid"));
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let world = World::new().await;
    let body = json!({"name": "gone", "role": "viewer"});
    let made = world.send(&world.admin(), Method::POST, "/accounts/{account}/tokens", body).await.json();
    let (secret, id) = (made["secret"].as_str().expect("a secret"), made["id"].as_str().expect("an id"));
    assert_eq!(world.get(secret, "/whoami").await.status, 200);
    let gone = world.send(&world.admin(), Method::DELETE, &format!("/tokens/{id}"), json!(null)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(world.get(secret, "/whoami").await.code(), "token_invalid");
}

#[tokio::test]
async fn the_store_holds_the_hash_of_a_token_and_never_its_secret() {
    let world = World::new().await;
    let secret = world.admin();
    let rows = world.store.rows();
    assert!(rows.iter().any(|(table, key, _)| *table == Table::Tokens && *key == hash(&secret)));
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(!rows.iter().any(|(_, key, value)| holds(key) || holds(value)));
    let list = world.get(&world.admin(), "/accounts/{account}/tokens").await;
    assert!(!holds(&list.bytes) && !list.json()["items"][0].as_object().expect("a token").contains_key("secret"));
}

#[test]
fn secrets_are_long_and_different() {
    let (one, other) = (Secret::draw(), Secret::draw());
    assert!(one.text.starts_with(TOKEN_PREFIX) && one.text.len() == 46);
    assert!(one.text != other.text && one.hash != other.hash);
}

#[tokio::test]
async fn wrong_tokens_are_limited_by_address_and_right_ones_are_not() {
    let world = World::new().await;
    let from = |address: &str, token: &str| {
        let origin = Origin::Address(address.parse::<IpAddr>().expect("an address"));
        let request = Request::builder().uri("/api/v1/whoami").extension(origin);
        request.header(AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).expect("a request")
    };
    let mut limited = None;
    for _ in 0..1000 {
        let answer = world.raw(from("192.0.2.1", "lh_wrong")).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let limited = limited.expect("a limit");
    assert!(limited.code() == "too_fast" && !limited.header("retry-after").is_empty());
    assert_eq!(world.raw(from("192.0.2.1", &world.vendor())).await.status, 200);
    assert_eq!(world.raw(from("192.0.2.2", "lh_wrong")).await.status, 401);
}

#[tokio::test]
async fn the_socket_acts_as_the_vendors_administrator() {
    let world = World::new().await;
    let request = Request::builder().uri("/api/v1/whoami").extension(Origin::Socket);
    let who = world.raw(request.body(Body::empty()).expect("a request")).await.json();
    assert_eq!(who["actor"], "operator");
    assert_eq!(who["account"], world.ids.account(Relation::Top).to_string());
    assert_eq!((&who["role"], &who["token"]), (&json!("admin"), &json!(null)));
}

#[tokio::test]
async fn a_request_whose_listener_does_not_say_where_it_came_from_is_nobodys() {
    let world = World::new().await;
    let request = Request::builder().uri("/api/v1/whoami").header(AUTHORIZATION, format!("Bearer {}", world.vendor()));
    assert_eq!(world.raw(request.body(Body::empty()).expect("a request")).await.status, 500);
}

#[tokio::test]
async fn a_token_called_operator_is_not_the_operator_in_events() {
    let world = World::new().await;
    let body = json!({"name": "operator", "role": "admin"});
    let made = world.send(&world.admin(), Method::POST, "/accounts/{account}/tokens", body).await.json();
    let secret = made["secret"].as_str().expect("a secret");
    world.send(secret, Method::POST, "/keys/{key}/stop", json!(null)).await;
    let events = world.get(secret, "/accounts/{account}/events?limit=1").await.json();
    assert_eq!(
        (&events["items"][0]["actor"], &events["items"][0]["verb"]),
        (&json!("token operator"), &json!("key_stopped"))
    );
}
