//! What a request would do (V10).

use super::PREVIEW;
use crate::device::Device;
use crate::world::{Relation, World};
use leasehold_ledger::actor::Role;
use serde_json::json;

#[tokio::test]
async fn v10_a_preview_says_what_a_request_would_do_and_changes_nothing() {
    let world = World::new().await;
    let (asks, before) = (Device::new(60).asks(1, 2), world.store.rows());
    let preview = world.previewed(&asks).await;
    assert_eq!(preview.status, 200, "{:?}", preview.bytes);
    let preview = preview.json();
    let (license, none) = (&preview["license"], json!(null));
    assert_eq!((&license["units"], &license["charges"]), (&json!({"OBM": 2}), &json!({"OBM": 2})));
    assert_eq!((&license["features"], &license["expires"], &license["replaces"]), (&json!(["failover"]), &none, &none));
    assert_eq!((&preview["product"], &preview["device_name"]), (&json!("OBM-STD"), &json!("gate 4")));
    assert_eq!((&preview["device"], &preview["answered"]), (&json!(Device::new(60).id()), &json!(false)));
    assert!(world.store.rows() == before, "it changed something");
    let done = world.upload(&world.viewer(), "/accounts/{account}/requests", &asks).await;
    assert!(done.header("content-location").ends_with(preview["request"].as_str().expect("a digest")));
    let again = world.previewed(&asks).await.json();
    assert_eq!((&again["answered"], &again["license"], &again["refusal"]), (&json!(true), &none, &none));
    let more = world.previewed(&Device::new(60).asks(2, 3)).await.json();
    assert_eq!((&more["license"]["units"], &more["license"]["charges"]), (&json!({"OBM": 3}), &json!({"OBM": 1})));
}

#[tokio::test]
async fn a_preview_tells_the_refusal_that_uploading_would_meet() {
    let world = World::new().await;
    for asks in [Device::new(60).asks(1, 7), Device::new(61).asks(1, 6)] {
        let preview = world.previewed(&asks).await.json();
        let done = world.upload(&world.viewer(), "/accounts/{account}/requests", &asks).await;
        match done.status.as_u16() {
            200 => assert!(preview["license"].is_object(), "{preview}"),
            _ => assert_eq!(
                (&preview["refusal"]["code"], &preview["refusal"]["problem"]),
                (&json!(done.code()), &done.json())
            ),
        }
    }
    let bad = world.previewed(b"hello").await;
    assert_eq!((bad.status.as_u16(), bad.code().as_str()), (422, "not_armour"));
    let stranger = world.upload(&world.of(Relation::Beside, Role::Admin), PREVIEW, &Device::new(60).asks(1, 2)).await;
    assert_eq!(stranger.code(), "out_of_reach");
}
