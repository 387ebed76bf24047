//! Facts about pools, products and endpoints of a customer.

use super::transfers::id;
use crate::device::Device;
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::json;

#[tokio::test]
async fn a39_a_customers_pools_are_made_and_managed_where_it_is_shown() {
    let world = World::new().await;
    let reseller = world.of(Relation::Above, Role::Operator);
    let pool = json!({"name": "For the lab", "product": "{sku}"});
    let made = world.post(&reseller, "/accounts/{account}/pools", pool).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let pool = made.json();
    let quota = format!("/pools/{}/quota", id(&pool));
    for count in [20, 8] {
        let set = world.send(&reseller, Method::PUT, &quota, json!({"units": {"OBM": count}})).await;
        assert_eq!(set.json()["quota"], json!({"OBM": count}));
    }
    let own = world
        .items(
            &world.of(Relation::Own, Role::Viewer),
            "/accounts/{account}/pools?name=For the lab".replace(' ', "%20").as_str(),
        )
        .await;
    assert_eq!((own.len(), &own[0]["quota"]), (1, &json!({"OBM": 8})), "the customer sees it");
}

#[tokio::test]
async fn a40_a_request_that_is_uploaded_registers_an_endpoint() {
    let world = World::new().await;
    let reseller = world.of(Relation::Above, Role::Viewer);
    let devices = async || world.items(&reseller, "/accounts/{account}/devices").await;
    let before = devices().await.len();
    let file = world.upload(&reseller, "/accounts/{account}/requests", &Device::new(60).asks(1, 2)).await;
    assert_eq!(file.status, 200, "{:?}", file.bytes);
    let now = devices().await;
    let new = leasehold_protocol::PublicKey::of(&Device::new(60).0).device_id().to_string();
    let endpoint = now.iter().find(|device| device["id"] == new).expect("it is registered");
    assert_eq!((now.len(), &endpoint["name"], &endpoint["in_use"]), (before + 1, &json!("gate 4"), &json!(true)));
    let of = format!("/accounts/{{account}}/activations?device={new}");
    let activation = &world.items(&reseller, &of).await[0];
    assert_eq!((&activation["mode"], &activation["lease"]["units"]), (&json!("file"), &json!({"OBM": 2})));
}

#[tokio::test]
async fn a54_a_pool_holds_bought_units_of_one_kind_of_product_for_one_account() {
    let world = World::new().await;
    let pool = world.get(&world.admin(), "/pools/{pool}").await.json();
    assert_eq!((&pool["account"], &pool["product"]), (&json!(world.path("{account}")), &json!("OBM-STD")));
    assert_eq!((&pool["units"], &pool["granted"]), (&json!({"OBM": 25}), &json!({"OBM": 15})));
    let other = json!({"sku": "OTHER", "name": "Other", "kinds": ["OBM"], "compat": "other"});
    assert_eq!(world.post(&world.vendor(), "/products", other).await.status, 201);
    let lot = world.sold("{account}", "SO-5", json!({"product": "OTHER"})).await;
    let stock = world.post(&world.admin(), &format!("/lots/{}/convert", id(&lot)), json!({})).await.json();
    let mixed = json!({"account": "{account}", "units": {"OBM": 1}, "pool": "{pool}"});
    let mixed = world.post(&world.admin(), &format!("/pools/{}/moves", id(&stock)), mixed).await;
    assert_eq!((mixed.status.as_u16(), mixed.code().as_str()), (409, "compat_mismatch"));
    let moved = world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 1}})).await;
    assert_eq!(moved["account"], world.path("{child}"), "what another account gets is in a pool of its own");
}

#[tokio::test]
async fn a55_a_product_is_a_set_of_features_that_are_licensed_together() {
    let world = World::new().await;
    let product =
        json!({"sku": "SUITE", "name": "Suite", "kinds": ["seat"], "compat": "suite", "features": ["a", "b"]});
    assert_eq!(world.post(&world.vendor(), "/products", product).await.status, 201);
    let shown = world.get(&world.admin(), "/products/SUITE").await.json();
    assert_eq!(shown["features"], json!(["a", "b"]));
    let outcome = world.activates(61, "AAAA-BBBB-CCCC-1111").await;
    let leasehold_ledger::Outcome::Lease(lease) = outcome else { panic!("no lease: {outcome:?}") };
    assert_eq!(lease.grant.features, ["failover"], "every lease grants all of its product's");
}
