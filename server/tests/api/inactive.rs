//! Facts about inactive accounts: what stops, and what goes on.

use super::device::{Device, FILE_DEVICE};
use super::world::{Relation, SKU, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::json;

#[tokio::test]
async fn a19_an_inactive_customer_gets_nothing_new() {
    let world = World::new().await;
    let admin = world.admin();
    assert!(world.post(&world.vendor(), "/accounts/{account}/deactivate", json!(null)).await.status.is_success());
    let key = json!({"name": "new", "quota": {"OBM": 1}});
    let cases = [
        (Method::POST, "/pools/{pool}/keys", key),
        (Method::PUT, "/pools/{pool}/quota", json!({"units": {"OBM": 50}})),
        (Method::PUT, "/keys/{key}/quota", json!({"units": {"OBM": 11}})),
        (Method::POST, "/pools/{pool}/moves", json!({"account": "{child}", "units": {"OBM": 1}})),
        (Method::POST, "/lots/{lot}/convert", json!({})),
        (Method::POST, "/accounts/{account}/pools", json!({"name": "New", "product": SKU})),
    ];
    for (method, path, body) in cases {
        let answer = world.send(&admin, method, path, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "account_inactive"), "{path}");
    }
    let file = world.upload(&admin, "/accounts/{account}/requests", &Device::new(60).asks(1, 1)).await;
    assert_eq!(file.code(), "account_inactive");
    // Nothing comes in either, from whoever gives it.
    let pool = world.give_from_above(&world.vendor()).await;
    let give = json!({"account": "{account}", "units": {"OBM": 1}});
    let into = world.post(&world.vendor(), &format!("/pools/{pool}/moves"), give).await;
    assert_eq!(into.code(), "account_inactive");
    let lowered = world.send(&admin, Method::PUT, "/keys/{key}/quota", json!({"units": {"OBM": 3}})).await;
    assert_eq!(lowered.status, 200, "lowering is no new thing");
}

impl World {
    /// A pool with units in the account above the target.
    async fn give_from_above(&self, vendor: &str) -> String {
        let above = self.ids.account(Relation::Above);
        let order = json!({"entitlement": "SO-8", "lines": [{"product": "{sku}", "units": {"OBM": 9}}]});
        let made = self.post(vendor, &format!("/accounts/{above}/orders"), order).await.json();
        let lot = made["lots"][0]["id"].as_str().expect("a lot").to_owned();
        let stock = self.post(vendor, &format!("/lots/{lot}/convert"), json!({})).await.json();
        stock["id"].as_str().expect("a pool").to_owned()
    }
}

#[tokio::test]
async fn a20_what_an_inactive_customer_has_goes_on() {
    let world = World::new().await;
    let before = world.get(&world.admin(), "/accounts/{account}/requests/{request}").await;
    assert!(world.post(&world.vendor(), "/accounts/{account}/deactivate", json!(null)).await.status.is_success());
    let viewer = world.of(Relation::Own, Role::Viewer);
    let file = world.get(&viewer, "/accounts/{account}/requests/{request}").await;
    assert_eq!((file.status.as_u16(), &file.bytes), (200, &before.bytes), "it is downloaded again");
    let again = world.upload(&viewer, "/accounts/{account}/requests", &Device::new(FILE_DEVICE).asks(1, 4)).await;
    assert_eq!((again.status.as_u16(), &again.bytes), (200, &before.bytes), "the same request is the same file");
    let activation = world.get(&viewer, "/activations/{activation}").await.json();
    assert_eq!(activation["state"], "active");
}
