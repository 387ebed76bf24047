//! API tokens: what of the API they are for, when they were used, and what becomes of them during use.

use super::stage::{asks, no, said, text};
use crate::world::{NOW, World};
use axum::http::Method;
use leasehold::admin::scopes;
use leasehold_ledger::record::token::TOUCH_EVERY;
use serde_json::{Value, json};

async fn token(world: &World, scopes: Value) -> String {
    let body = json!({"name": "ci", "role": "admin", "scopes": scopes});
    let made = world.posts(&world.admin(), "/accounts/{account}/tokens", body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    text(&made, "secret")
}

#[tokio::test]
async fn a_token_with_scopes_opens_those_parts_and_nothing_else() {
    let world = World::new().await;
    let token = token(&world, json!(["pools:read", "keys:write"])).await;
    for (path, allowed) in [
        ("/accounts/{account}/pools", true),
        ("/pools/{pool}", true),
        ("/keys/{key}", true),
        ("/whoami", true),
        ("/accounts", false),
        ("/accounts/{account}/events", false),
        ("/accounts/{account}/tokens", false),
        ("/users", false),
    ] {
        let answer = world.get(&token, path).await;
        let expected = if allowed { no(200, "") } else { no(403, "scope_missing") };
        assert_eq!(said(&answer), expected, "{path}");
    }
    assert_eq!(world.posts(&token, "/keys/{key}/stop", json!(null)).await.status, 200);
    let quota = world.send(&token, Method::PUT, "/pools/{pool}/quota", json!({"units": {"OBM": 50}})).await;
    assert_eq!(said(&quota), no(403, "scope_missing"));
}

#[tokio::test]
async fn a_scope_gives_nothing_the_role_does_not() {
    let world = World::new().await;
    let body = json!({"name": "ci", "role": "viewer", "scopes": ["*:write"]});
    let made = world.posts(&world.admin(), "/accounts/{account}/tokens", body).await;
    let answer = world.posts(&text(&made, "secret"), "/keys/{key}/stop", json!(null)).await;
    assert_eq!(said(&answer), no(403, "forbidden_role"));
}

#[tokio::test]
async fn a_token_makes_no_token_with_more_scopes_than_its_own() {
    let world = World::new().await;
    let maker = token(&world, json!(["tokens:write", "pools:write"])).await;
    let make = async |scopes: Value| {
        let body = json!({"name": "made", "role": "admin", "scopes": scopes});
        world.posts(&maker, "/accounts/{account}/tokens", body).await
    };
    for beyond in [json!(["*:read"]), json!(["keys:read"]), json!(["pools:read", "users:write"])] {
        assert_eq!(said(&make(beyond.clone()).await), no(403, "scope_missing"), "{beyond}");
    }
    assert_eq!(make(json!(["pools:read"])).await.json()["scopes"], json!(["pools:read"]));
    assert_eq!(make(Value::Null).await.json()["scopes"], json!(["pools:write", "tokens:write"]), "as many as its own");
}

#[tokio::test]
async fn a_word_that_is_no_scope_is_refused_by_name() {
    let world = World::new().await;
    let body = json!({"name": "ci", "role": "viewer", "scopes": ["pools:delete"]});
    let answer = world.posts(&world.admin(), "/accounts/{account}/tokens", body).await;
    assert_eq!(said(&answer), no(422, "field_invalid"));
    assert!(text(&answer, "detail").contains("pools:delete"));
}

#[test]
fn every_part_of_the_api_has_its_scopes() {
    let all = scopes::all();
    for scope in ["accounts:read", "users:write", "members:write", "sessions:read", "*:write"] {
        assert!(all.contains(scope), "{scope} in {all:?}");
    }
    assert!(!all.iter().any(|scope| scope.starts_with("openapi")));
}

#[tokio::test]
async fn the_last_use_of_a_token_is_noted_now_and_then() {
    let world = World::new().await;
    let token = token(&world, Value::Null).await;
    let last = async |world: &World| {
        let list = world.get(&world.admin(), "/accounts/{account}/tokens?limit=500").await.json();
        let items = list["items"].as_array().expect("tokens").clone();
        items.iter().find(|one| one["name"] == "ci").expect("there")["last_used"].clone()
    };
    assert_eq!(last(&world).await, Value::Null);
    world.get(&token, "/whoami").await;
    assert_eq!(last(&world).await, NOW.to_string());
    let soon = world.at(NOW.plus(TOUCH_EVERY - 1));
    soon.get(&token, "/whoami").await;
    assert_eq!(last(&soon).await, NOW.to_string());
    let later = world.at(NOW.plus(TOUCH_EVERY));
    later.get(&token, "/whoami").await;
    assert_eq!(last(&later).await, NOW.plus(TOUCH_EVERY).to_string());
}

#[tokio::test]
async fn a_token_revoked_during_use_answers_either_way_and_then_never_again() {
    let world = World::new().await;
    let body = json!({"name": "ci", "role": "viewer"});
    let made = world.posts(&world.admin(), "/accounts/{account}/tokens", body).await;
    let (secret, id) = (text(&made, "secret"), text(&made, "id"));
    let reads = async {
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(world.raw(asks(&world, &secret, "/whoami")).await.status.as_u16());
            tokio::task::yield_now().await;
        }
        seen
    };
    let (admin, path) = (world.admin(), format!("/tokens/{id}"));
    let (seen, revoked) = tokio::join!(reads, world.deletes(&admin, &path));
    assert_eq!(revoked.status, 204);
    let ended = seen.iter().position(|status| *status == 401).unwrap_or(seen.len());
    assert!(seen[..ended].iter().all(|status| *status == 200) && seen[ended..].iter().all(|status| *status == 401));
    assert_eq!(said(&world.get(&secret, "/whoami").await), no(401, "token_invalid"));
}
