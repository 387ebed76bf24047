//! Seats that float (G7, G11). What consoles do with them on the wire stands in the suite `clock`.

use super::stage::{FLOAT, NAMED, firm};
use crate::people::stage::{no, said};
use crate::world::{NOW, Relation};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_protocol::Refused;
use serde_json::json;

#[tokio::test]
async fn g7_floating_licences_are_switched_on_by_the_owner_alone() {
    let firm = firm().await;
    let lot = firm.has(FLOAT, 3).await;
    let path = format!("/holdings/{lot}/flex");
    let bela = firm.joins("bela", "admin").await;
    assert_eq!(firm.names(&firm.owner, bela, false).await.status, 200);
    firm.joins("cyra", "operator").await;
    let world = &firm.world;
    let others = [
        world.session("bela").await,
        world.session("cyra").await,
        world.ids.token(Relation::Own, Role::Admin).to_owned(),
        world.vendor(),
    ];
    for (who, session) in others.iter().enumerate() {
        assert_eq!(said(&world.posts(session, &path, json!({})).await), no(403, "admin_only"), "number {who}");
    }
    let code = world.get(&firm.owner, &format!("/lots/{lot}")).await.json()["activation_id"].clone();
    let code = code.as_str().expect("a code");
    assert_eq!(firm.activates(60, FLOAT, code).await, Some(Refused::KeyInvalid), "not before it is switched on");
    let (flex, code) = firm.flex(&lot).await;
    assert_eq!(firm.activates(60, FLOAT, &code).await, None);
    let quota = json!({"units": {"OBM": 1}});
    for session in &others {
        let changed = world.send(session, Method::PUT, &format!("/keys/{flex}/quota"), quota.clone()).await;
        assert_eq!(said(&changed), said(&world.removes(session, &format!("/keys/{flex}")).await));
        assert!(["admin_only", "forbidden_role"].contains(&changed.code().as_str()), "{:?}", changed.bytes);
    }
    let named = firm.has(NAMED, 1).await;
    let wrong = world.posts(&firm.owner, &format!("/holdings/{named}/flex"), json!({})).await;
    assert_eq!(said(&wrong), no(403, "product_not_allowed"), "it does not float");
}

#[tokio::test]
async fn g7_the_owner_changes_how_many_float_and_closes_them() {
    let firm = firm().await;
    let lot = firm.has(FLOAT, 3).await;
    let (flex, code) = firm.flex(&lot).await;
    let path = format!("/keys/{flex}");
    let quota = json!({"units": {"OBM": 2}});
    let changed = firm.world.send(&firm.owner, Method::PUT, &format!("{path}/quota"), quota).await.json();
    assert_eq!((&changed["units"], firm.free(&lot).await), (&json!({"OBM": 2}), json!({"OBM": 1})));
    assert_eq!(firm.activates(60, FLOAT, &code).await, None);
    assert_eq!(said(&firm.world.removes(&firm.owner, &path).await), no(409, "key_in_use"));
    let later = firm.world.at(NOW.plus(601));
    assert_eq!(said(&later.removes(&firm.owner, &path).await), no(204, ""), "its last lease has ended");
    assert_eq!(firm.free(&lot).await, json!({"OBM": 3}));
}

#[tokio::test]
async fn g11_who_uses_what_just_now_can_be_watched() {
    let firm = firm().await;
    let lot = firm.has(FLOAT, 3).await;
    let (flex, code) = firm.flex(&lot).await;
    for seed in [60, 61] {
        assert_eq!(firm.activates(seed, FLOAT, &code).await, None);
    }
    firm.joins("bela", "viewer").await;
    let viewer = firm.world.session("bela").await;
    let running = firm.world.items(&viewer, &format!("/keys/{flex}/activations")).await;
    assert_eq!(running.len(), 2);
    for one in &running {
        assert_eq!((&one["product"], &one["lease"]["units"]), (&json!(FLOAT), &json!({"OBM": 1})), "{one}");
    }
    let key = firm.world.get(&viewer, &format!("/keys/{flex}")).await.json();
    assert_eq!((&key["charged"], &key["free"]), (&json!({"OBM": 2}), &json!({"OBM": 1})));
    assert_eq!((&key["kind"], &key["pool"]), (&json!("flex"), &json!(lot)));
}
