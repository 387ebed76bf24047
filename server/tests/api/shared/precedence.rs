//! The order of refusals where something is redeemed or granted.

use super::stage::{NAMED, PERMISSION_CODE};
use crate::precedence::{Against, bar, made, sent, walk};
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_protocol::Refused::*;
use serde_json::json;

/// The lot that the world's permission key was sold with.
async fn sold(world: &World) -> serde_json::Value {
    let path = format!("/accounts/{}/lots?q={PERMISSION_CODE}", world.ids.account(Relation::Top));
    world.items(&world.vendor(), &path).await[0].clone()
}

/// What stands against redeeming the key.
async fn bar_key(world: &World, against: &Against<'_>) {
    let lot = sold(world).await;
    if against.has(KeyStopped) {
        made(world, &format!("/keys/{}/stop", lot["key"].as_str().expect("a key")), json!(null)).await;
    }
    if against.has(LicencePooled) {
        made(world, &format!("/lots/{}/convert", lot["id"].as_str().expect("a lot")), json!({})).await;
    }
}

#[tokio::test]
async fn a_redemption_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [Quarantine, OutOfReach, ForbiddenRole, ProductNotAllowed, AccountInactive, LicencePooled];
    walk("redeem_key", &reasons, async |world, against| {
        bar_key(world, against).await;
        bar(world, against, "/accounts/{account}").await;
        let body = json!({"key": PERMISSION_CODE});
        sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/redemptions"), &body)
    })
    .await;
    for wrong in [KeyInvalid, KeyFormat, KeyRequired] {
        walk("redeem_key", &[OutOfReach, ForbiddenRole, AccountInactive, wrong], async |world, against| {
            bar(world, against, "").await;
            let typed = against.pick(KeyInvalid, "ZZZZ-ZZZZ-ZZZZ-ZZZZ", PERMISSION_CODE);
            let typed = against.pick(KeyFormat, "ZZZZ", against.pick(KeyRequired, " ", typed));
            let body = json!({"key": typed});
            sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/redemptions"), &body)
        })
        .await;
    }
}

#[tokio::test]
async fn a_stopped_key_is_refused_before_what_its_seller_did_with_it() {
    walk("redeem_key", &[AccountInactive, KeyStopped, LicencePooled], async |world, against| {
        bar_key(world, against).await;
        if against.has(AccountInactive) {
            made(world, "/accounts/{account}/deactivate", json!(null)).await;
        }
        let body = json!({"key": PERMISSION_CODE});
        sent(world, &against.caller(world), (Method::POST, "/accounts/{account}/redemptions"), &body)
    })
    .await;
}

#[tokio::test]
async fn a_seat_is_refused_for_the_first_reason_in_the_list() {
    let reasons = [
        Quarantine,
        OutOfReach,
        ForbiddenRole,
        ProductNotAllowed,
        AccountInactive,
        BadQuantity,
        InsufficientUnits,
        NotParticipant,
    ];
    walk("grant_seat", &reasons, async |world, against| {
        bar(world, against, "/accounts/{account}").await;
        let body = json!({"user": against.pick(NotParticipant, "{disabled}", "{member}"), "units": against.units(1)});
        sent(world, &against.caller(world), (Method::POST, "/holdings/{lot}/seats"), &body)
    })
    .await;
}

#[tokio::test]
async fn floating_seats_are_refused_for_the_first_reason_in_the_list() {
    let reasons = [OutOfReach, AdminOnly, ProductNotAllowed, AccountInactive, BadQuantity, InsufficientUnits];
    let firm = super::stage::firm().await;
    let (floating, named) = (firm.has(super::stage::FLOAT, 3).await, firm.has(NAMED, 3).await);
    firm.joins("bela", "admin").await;
    let (owner, other) = (firm.owner.clone(), firm.world.session("bela").await);
    let stranger = firm.world.private("eve").await;
    for bits in 0..1_u32 << reasons.len() {
        let some: Vec<_> = (0..reasons.len()).filter(|at| bits >> at & 1 == 1).map(|at| reasons[at]).collect();
        let (world, against) = (firm.world.fork(), Against(&some));
        if against.has(AccountInactive) {
            made(&world, &firm.at("/deactivate"), json!(null)).await;
        }
        let session = against.pick(OutOfReach, &stranger, against.pick(AdminOnly, &other, &owner));
        let lot = against.pick(ProductNotAllowed, &named, &floating);
        let body = json!({"units": against.units(1)});
        let answer = world.posts(session, &format!("/holdings/{lot}/flex"), body).await;
        let expected = some.iter().min().map_or((201, ""), |first| (first.status(), first.code()));
        let code = if answer.status.is_success() { String::new() } else { answer.code() };
        assert_eq!((answer.status.as_u16(), code.as_str()), expected, "{some:?}: {:?}", answer.bytes);
    }
    println!("count precedence: open_flex: {} combinations of {} reasons", 1 << reasons.len(), reasons.len());
}
