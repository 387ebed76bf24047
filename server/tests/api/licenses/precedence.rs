//! The order of refusals where licences are made and changed.

use super::shop::{Shop, id};
use crate::precedence::{Against, bar, made, sent, walk};
use crate::world::{KEY_CODE, World};
use axum::body::Body;
use axum::http::Method;
use leasehold_protocol::Refused::*;
use serde_json::{Value, json};

fn users(against: &Against<'_>, good: u32) -> Value {
    let mut units = json!({"users": against.pick(InsufficientUnits, 1000, good)});
    if against.has(BadQuantity) {
        units["CPU"] = 1.into();
    }
    units
}

/// A pool of the target with five credits of a product.
async fn pool(world: &World, product: Value) -> String {
    let sku = product["sku"].clone();
    made(world, "/products", product).await;
    let line = json!({"product": sku, "units": {"users": 5}});
    let order = made(world, "/accounts/{account}/orders", json!({"entitlement": "SO-7", "lines": [line]})).await;
    let stock = made(world, &format!("/lots/{}/convert", id(&order["lots"][0])), json!({})).await;
    id(&stock).to_owned()
}

#[tokio::test]
async fn an_activation_key_is_refused_for_the_first_reason_in_the_list() {
    for code in [KeyFormat, KeyTaken] {
        let reasons = [OutOfReach, ForbiddenRole, AccountInactive, code, FieldInvalid];
        walk("create_activation_key", &reasons, async |world, against| {
            bar(world, against, "").await;
            let code = against.pick(KeyTaken, KEY_CODE, against.pick(KeyFormat, "ZZZZ", "ZZZZ-ZZZZ-ZZZZ-ZZZZ"));
            let body = json!({"name": against.pick(FieldInvalid, "", "New"), "code": code});
            sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/activation-keys"), &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_new_licence_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [
        Quarantine,
        OutOfReach,
        ForbiddenRole,
        ProductNotAllowed,
        AccountInactive,
        BadQuantity,
        InsufficientUnits,
        DurationRequired,
        FieldInvalid,
    ];
    walk("make_license", &reasons, async |world, against| {
        let trial =
            json!({"sku": "TRY", "name": "T", "kinds": ["users"], "compat": "try", "term": "trial", "term_days": 30});
        let pool = pool(world, trial).await;
        bar(world, against, "/accounts/{account}").await;
        let body = json!({
            "pool": pool, "units": users(against, 2),
            "days": against.pick(DurationRequired, json!(null), json!(5)),
            "email": against.pick(FieldInvalid, "nowhere", ""),
        });
        sent(world, &against.caller(world), (Method::POST, "/keys/{named}/licenses"), &body)
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_is_refused_for_the_first_reason_in_the_list() {
    let reasons =
        [Quarantine, OutOfReach, ForbiddenRole, ProductNotAllowed, AccountInactive, BadQuantity, InsufficientUnits];
    walk("upgrade_license", &reasons, async |world, against| {
        bar(world, against, "/accounts/{account}").await;
        let body = json!({"units": users(against, 3)});
        sent(world, &against.caller(world), (Method::POST, "/licenses/{license}/upgrade"), &body)
    })
    .await;
}

#[tokio::test]
async fn an_exchange_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [
        Quarantine,
        OutOfReach,
        ForbiddenRole,
        ProductNotAllowed,
        AccountInactive,
        BadQuantity,
        InsufficientUnits,
        TermMismatch,
    ];
    walk("upgrade_license", &reasons, async |world, against| {
        let term = against.pick(TermMismatch, "perpetual", "annual");
        let other = json!({"sku": "PRO", "name": "P", "kinds": ["users"], "compat": "pro", "term": term});
        let pool = pool(world, other).await;
        bar(world, against, "/accounts/{account}").await;
        let body = json!({"units": users(against, 3), "pool": pool});
        sent(world, &against.caller(world), (Method::POST, "/licenses/{license}/upgrade"), &body)
    })
    .await;
}

#[tokio::test]
async fn an_extension_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [
        Quarantine,
        OutOfReach,
        ForbiddenRole,
        ProductNotAllowed,
        AccountInactive,
        InsufficientUnits,
        FieldNotEditable,
    ];
    walk("extend_license", &reasons, async |world, against| {
        let term = against.pick(FieldNotEditable, "perpetual", "annual");
        let product = json!({"sku": "OWN", "name": "O", "kinds": ["users"], "compat": "own", "term": term});
        let pool = pool(world, product).await;
        let count = against.pick(InsufficientUnits, 4, 1);
        let body = json!({"pool": pool, "units": {"users": count}});
        let license = made(world, "/keys/{named}/licenses", body).await;
        bar(world, against, "/accounts/{account}").await;
        let path = format!("/licenses/{}/extend", id(&license));
        world.request(&against.caller(world), Method::POST, &path).body(Body::empty()).expect("a request")
    })
    .await;
}

#[tokio::test]
async fn an_edit_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [OutOfReach, ForbiddenRole, FieldNotEditable, FieldInvalid];
    walk("edit_license", &reasons, async |world, against| {
        let mut body = json!({"email": against.pick(FieldInvalid, "nowhere", "a@mail.example")});
        if against.has(FieldNotEditable) {
            body["units"] = json!({"users": 9});
        }
        sent(world, &against.caller(world), (Method::PATCH, "/licenses/{license}"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_deletion_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [Quarantine, OutOfReach, ForbiddenRole, LicenceActivated];
    walk("delete_license", &reasons, async |world, against| {
        if against.has(LicenceActivated) {
            Shop::in_world(world.at(crate::world::NOW)).activates(70, Shop::YEAR).await.expect("a lease");
        }
        bar(world, against, "").await;
        let request = world.request(&against.caller(world), Method::DELETE, "/licenses/{license}");
        request.body(Body::empty()).expect("a request")
    })
    .await;
}
