//! The order of refusals where units move, or are about to.

use super::device::Device;
use super::precedence::{bar, made, sent, walk};
use super::world::{KEY_CODE, SKU, units};
use axum::http::Method;
use leasehold_protocol::Refused::*;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::message::DeviceMessage;
use serde_json::json;

#[tokio::test]
async fn a_pools_quota_is_refused_for_the_first_reason_in_the_list() {
    let reasons =
        [Quarantine, OutOfReach, ForbiddenRole, AccountInactive, BadQuantity, InsufficientUnits, QuotaBelowChildren];
    walk("set_pool_quota", &reasons, async |world, against| {
        bar(world, against, "").await;
        let mut units = json!({"OBM": against.pick(QuotaBelowChildren, 1, 30)});
        if against.has(InsufficientUnits) {
            units["VM"] = 1000.into();
        }
        if against.has(BadQuantity) {
            units["CPU"] = 1.into();
        }
        sent(world, &against.caller(world), (Method::PUT, "/pools/{pool}/quota"), &json!({"units": units}))
    })
    .await;
}

#[tokio::test]
async fn a_move_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [
        Quarantine,
        OutOfReach,
        ForbiddenRole,
        ProductNotAllowed,
        AccountInactive,
        BadQuantity,
        InsufficientUnits,
        CompatMismatch,
    ];
    walk("move_units", &reasons, async |world, against| {
        let mut body = json!({"account": "{child}", "units": against.units(5)});
        if against.has(CompatMismatch) {
            made(world, "/products", json!({"sku": "OTHER", "name": "Other", "kinds": ["OBM"], "compat": "other"}))
                .await;
            let pool = made(world, "/accounts/{child}/pools", json!({"name": "Other", "product": "OTHER"})).await;
            body["pool"] = pool["id"].clone();
        }
        bar(world, against, "/accounts/{child}").await;
        sent(world, &against.caller(world), (Method::POST, "/pools/{pool}/moves"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_new_key_is_refused_for_the_first_reason_in_the_list() {
    for code in [KeyFormat, KeyTaken] {
        let reasons = [
            Quarantine,
            OutOfReach,
            ForbiddenRole,
            AccountInactive,
            BadQuantity,
            InsufficientUnits,
            code,
            LicenseeName,
        ];
        walk("create_key", &reasons, async |world, against| {
            bar(world, against, "").await;
            let code = against.pick(KeyTaken, KEY_CODE, "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
            let body = json!({
                "name": against.pick(LicenseeName, "no spaces", "new"), "quota": against.units(1),
                "code": against.pick(KeyFormat, "ZZZZ", code),
            });
            sent(world, &against.caller(world), (Method::POST, "/pools/{pool}/keys"), &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_keys_quota_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [Quarantine, OutOfReach, ForbiddenRole, AccountInactive, BadQuantity, InsufficientUnits];
    walk("set_key_quota", &reasons, async |world, against| {
        bar(world, against, "").await;
        let body = json!({"units": against.units(11)});
        sent(world, &against.caller(world), (Method::PUT, "/keys/{key}/quota"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_conversion_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [Quarantine, OutOfReach, ForbiddenRole, AccountInactive, NotPoolable, MaintenanceExpired];
    walk("convert_lot", &reasons, async |world, against| {
        let line = json!({
            "product": SKU, "units": {"OBM": 1},
            "expires": against.pick(NotPoolable, json!("2035-01-31T00:00:00Z"), json!(null)),
            "free_upgrade_until": against.pick(MaintenanceExpired, json!("2020-01-31"), json!(null)),
        });
        let order = made(world, "/accounts/{account}/orders", json!({"entitlement": "SO-7", "lines": [line]})).await;
        bar(world, against, "").await;
        let path = format!("/lots/{}/convert", order["lots"][0]["id"].as_str().expect("a lot"));
        sent(world, &against.caller(world), (Method::POST, &path), &json!({}))
    })
    .await;
}

#[tokio::test]
async fn an_order_is_refused_for_the_first_reason_in_the_list() {
    for code in [KeyFormat, KeyTaken] {
        let reasons = [OutOfReach, AccountInactive, NameTaken, BadQuantity, code, FieldInvalid];
        walk("create_order", &reasons, async |world, against| {
            bar(world, against, "").await;
            let good = "ZZZZ-ZZZZ-ZZZZ-ZZZZ";
            let code = against.pick(KeyTaken, KEY_CODE, against.pick(KeyFormat, "ZZZZ", good));
            let line = json!({
                "product": against.pick(OutOfReach, "NONE", SKU), "activation_id": code,
                "units": {against.pick(BadQuantity, "CPU", "OBM"): 1},
                "expires": against.pick(FieldInvalid, json!("2001-01-01T00:00:00Z"), json!(null)),
            });
            let body = json!({"entitlement": against.pick(NameTaken, "SO-1", "SO-7"), "lines": [line]});
            sent(world, &world.vendor(), (Method::POST, "/accounts/{account}/orders"), &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_licence_file_is_refused_for_the_first_reason_in_the_list() {
    // Nobody learns what is wrong with a file for somebody else, so reach comes before all, the quarantine included.
    for first in [Quarantine, OutOfReach] {
        let reasons = [first, ProductNotAllowed, AccountInactive, BadQuantity, InsufficientUnits, KeyStopped];
        walk("answer_request", &reasons, async |world, against| {
            bar(world, against, "/accounts/{account}").await;
            let device = Device::new(60);
            let mut request = device.request(1, against.pick(InsufficientUnits, 1000, 1));
            if against.has(BadQuantity) {
                let strange = leasehold_protocol::Units::of("CPU", 1).expect("a good kind");
                request.wanted = request.wanted.unwrap_or(units(1)).checked_add(&strange);
            }
            let file = armour::wrap(Label::Request, &request.sign(&device.0));
            let request = world.request(&against.caller(world), Method::POST, "/accounts/{account}/requests");
            request.header("content-type", "text/plain").body(file.into()).expect("a request")
        })
        .await;
    }
}
