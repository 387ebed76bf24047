//! Orders: read by their number, and listed by account.

use super::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::fsck;
use leasehold_ledger::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub async fn order(world: &World, entitlement: &str) -> Value {
    let answer = world.get(&world.vendor(), &format!("/orders/{entitlement}")).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()
}

pub fn is_sound(world: &World) {
    let report = fsck::check(world.store.read().expect("memory").as_ref(), world.app.clock.now()).expect("memory");
    assert!(report.is_clean(), "{:#?}", report.findings);
}

#[tokio::test]
async fn v2_an_order_is_found_by_its_number_and_shows_each_caller_the_lines_in_its_reach() {
    let world = World::new().await;
    let seen = async |relation| {
        let token = world.ids.token(relation, Role::Viewer).to_owned();
        let answer = world.get(&token, "/orders/SO-1").await;
        (answer.status.as_u16(), answer.json()["lots"].as_array().map_or(0, Vec::len))
    };
    for relation in Relation::ALL {
        assert_eq!(seen(relation).await, if relation.reaches() { (200, 3) } else { (404, 0) }, "{relation:?}");
    }
    let own = world.get(&world.admin(), "/accounts/{account}/orders").await.json();
    let one = &own["items"][0];
    assert_eq!((own["items"].as_array().map(Vec::len), &one["entitlement"]), (Some(2), &json!("SO-1")));
    assert_eq!(
        (&one["lines"], &one["products"], &one["minted"]),
        (&json!(3), &json!(["OBM-STD"]), &json!({"OBM": 130}))
    );
    assert_eq!(one["units"], json!({"OBM": 30}), "what was added to the pool is in the pool");
    let below = world.get(&world.admin(), "/accounts/{child}/orders").await.json();
    assert_eq!(below["items"], json!([]));
    let csv = world.get(&world.admin(), "/accounts/{account}/orders?format=csv").await;
    let text = String::from_utf8(csv.bytes.to_vec()).expect("UTF-8");
    assert_eq!(text.lines().count(), 3, "{text}");
    assert_eq!(world.get(&world.vendor(), "/orders/SO-0").await.status, 404);
}

#[tokio::test]
async fn v3_every_line_of_an_order_has_an_activation_id_of_its_own() {
    let world = World::new().await;
    let line = json!({"product": "{sku}", "units": {"OBM": 1}});
    let body = json!({"entitlement": " SO-5 ", "reference": "PO 5", "lines": [line.clone(), line.clone(), line]});
    let made = world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let shown = order(&world, "SO-5").await;
    assert_eq!((&shown["entitlement"], &shown["reference"]), (&json!("SO-5"), &json!("PO 5")));
    let ids = |order: &Value| -> BTreeSet<String> {
        let lots = order["lots"].as_array().expect("lots").iter();
        lots.map(|lot| lot["activation_id"].as_str().expect("an Activation ID").to_owned()).collect()
    };
    assert_eq!((ids(&shown).len(), ids(&made.json())), (3, ids(&shown)));
    is_sound(&world);
}
