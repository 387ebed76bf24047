//! The order of refusals of what is asked about lines and devices that are elsewhere.

use super::transfers::id;
use crate::precedence::{bar, made, sent, walk};
use crate::world::{SKU, World};
use axum::http::Method;
use leasehold_protocol::Refused::*;
use serde_json::json;

const TRANSFER: (Method, &str) = (Method::POST, "/lots/{lot}/transfers");

#[tokio::test]
async fn a_transfer_to_a_new_line_is_refused_for_the_first_reason_in_the_list() {
    for last in [NameTaken, FieldInvalid] {
        let reasons = [
            Quarantine,
            OutOfReach,
            ForbiddenRole,
            ProductNotAllowed,
            AccountInactive,
            BadQuantity,
            InsufficientUnits,
            last,
        ];
        walk("transfer_line", &reasons, async |world, against| {
            bar(world, against, "/accounts/{child}").await;
            let number = against.pick(NameTaken, "SO-1", against.pick(FieldInvalid, " ", "SO-8"));
            let body = json!({"account": "{child}", "units": against.units(5), "entitlement": number});
            sent(world, &against.caller(world), TRANSFER, &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_transfer_to_a_line_that_is_there_is_refused_for_the_first_reason_in_the_list() {
    for last in [TermMismatch, LicencePooled] {
        let reasons = [
            Quarantine,
            OutOfReach,
            ForbiddenRole,
            AccountInactive,
            BadQuantity,
            InsufficientUnits,
            CompatMismatch,
            last,
        ];
        walk("transfer_line", &reasons, async |world: &World, against| {
            let other = json!({"sku": "OTHER", "name": "Other", "kinds": ["OBM"], "compat": "other"});
            made(world, "/products", other).await;
            let ends = against.pick(TermMismatch, json!("2035-01-01T00:00:00Z"), json!(null));
            let line = json!({"product": against.pick(CompatMismatch, "OTHER", SKU), "expires": ends});
            let lot = world.sold("{child}", "SO-5", line).await;
            if against.has(LicencePooled) {
                made(world, &format!("/lots/{}/convert", id(&lot)), json!({})).await;
            }
            bar(world, against, "").await;
            let body = json!({"account": "{child}", "units": against.units(5), "into": id(&lot)});
            sent(world, &against.caller(world), TRANSFER, &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_rehost_is_refused_for_the_first_reason_in_the_list() {
    for first in [LicenceActivated, LicenceLapsed] {
        let reasons = [Quarantine, OutOfReach, ForbiddenRole, AccountInactive, first, RehostLimit];
        walk("rehost_activation", &reasons, async |world: &World, against| {
            if against.has(LicenceLapsed) {
                let none = json!({"units": {}});
                let done = world.send(&world.vendor(), Method::PUT, "/keys/{key}/quota", none).await;
                assert_eq!(done.status, 200, "{:?}", done.bytes);
            }
            if against.has(RehostLimit) {
                let none = json!({"values": {"rehosts_max": 0}});
                let done = world.send(&world.vendor(), Method::PATCH, "/accounts/{account}/settings", none).await;
                assert_eq!(done.status, 200, "{:?}", done.bytes);
            }
            bar(world, against, "").await;
            let which = against.pick(LicenceActivated, world.ids.file, world.ids.activation);
            sent(world, &against.caller(world), (Method::POST, &format!("/activations/{which}/rehost")), &json!(null))
        })
        .await;
    }
}

#[tokio::test]
async fn a_stop_is_refused_for_the_first_reason_in_the_list() {
    for what in ["stop", "resume"] {
        walk(what, &[OutOfReach, ForbiddenRole], async |world: &World, against| {
            let path = format!("/activations/{{activation}}/{what}");
            sent(world, &against.caller(world), (Method::POST, &path), &json!(null))
        })
        .await;
    }
}

#[tokio::test]
async fn a_reserve_is_refused_for_the_first_reason_in_the_list() {
    walk("mint_reserve", &[OutOfReach, AccountInactive, BadQuantity], async |world: &World, against| {
        bar(world, against, "").await;
        let units = json!({against.pick(BadQuantity, "CPU", "OBM"): 1});
        let body = json!({"product": against.pick(OutOfReach, "NONE", SKU), "units": units});
        sent(world, &world.vendor(), (Method::POST, "/accounts/{account}/reserves"), &body)
    })
    .await;
}
