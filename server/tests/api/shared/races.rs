//! Many at once of which one may win: a key, the last seat, the last floating seat.

use super::stage::{FLOAT, NAMED, PERMISSION_CODE, firm};
use crate::device::Device;
use crate::people::races::{at_once, call, losers, race};
use crate::people::stage::no;
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold::random;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Refused;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Calls, or consoles, at once.
const MANY: usize = 64;

#[test]
fn g10_one_permission_key_redeemed_by_64_at_once_is_redeemed_once() {
    race("one of 64 redemptions of one key wins", async |_| {
        let world = Arc::new(World::sharing().await);
        let accounts =
            [Relation::Own, Relation::Below, Relation::Beside, Relation::Far].map(|one| world.ids.account(one));
        let redeem = |number: usize| {
            let path = format!("/accounts/{}/redemptions", accounts[number % accounts.len()]);
            call(&world, &world.vendor(), Method::POST, &path, json!({"key": PERMISSION_CODE}))
        };
        let told = at_once((0..MANY).map(redeem).collect()).await;
        assert_eq!(losers(&told), vec![no(409, "key_redeemed"); MANY - 1]);
        let mut owners = 0;
        for account in accounts {
            let path = format!("/accounts/{account}/products?q={PERMISSION_CODE}");
            owners += world.items(&world.vendor(), &path).await.len();
        }
        assert_eq!(owners, 1);
    });
}

#[test]
fn g15_one_permission_key_founds_one_organisation_however_many_try_at_once() {
    race("one of a founding and a redemption of one key wins", async |_| {
        let world = Arc::new(World::sharing().await);
        let session = world.private("anna").await;
        let founds = json!({"name": "Anna's company", "permission_key": PERMISSION_CODE});
        let told = at_once(vec![
            call(&world, &session, Method::POST, "/organisations", founds),
            call(
                &world,
                &world.admin(),
                Method::POST,
                "/accounts/{account}/redemptions",
                json!({"key": PERMISSION_CODE}),
            ),
        ])
        .await;
        assert_eq!(losers(&told), [no(409, "key_redeemed")]);
    });
}

#[test]
fn g13_the_last_seat_granted_by_64_at_once_is_granted_once() {
    race("one of 64 grants of the last seat wins", async |_| {
        let firm = firm().await;
        let lot = firm.has(NAMED, 1).await;
        let grant = |_| {
            let body = json!({"user": firm.anna});
            call(&firm.world, &firm.owner, Method::POST, &format!("/holdings/{lot}/seats"), body)
        };
        let told = at_once((0..MANY).map(grant).collect()).await;
        assert_eq!(losers(&told), vec![no(409, "insufficient_units"); MANY - 1]);
        assert_eq!(firm.world.items(&firm.owner, &format!("/holdings/{lot}/seats")).await.len(), 1);
    });
}

#[test]
fn g6_of_64_consoles_at_once_one_has_the_last_floating_seat() {
    race("one of 64 consoles has the last floating seat", async |_| {
        let firm = firm().await;
        let lot = firm.has(FLOAT, 1).await;
        let (_, code) = firm.flex(&lot).await;
        let start = Arc::new(Barrier::new(MANY));
        let consoles = (0..MANY).map(|number| {
            let mut message = Device::new(u8::try_from(100 + number).expect("few")).activates(&code);
            message.sender.aud = FLOAT.to_owned();
            let (start, app) = (start.clone(), firm.world.app.clone());
            tokio::spawn(async move {
                start.wait().await;
                let id = random::activation();
                let activate = Command::Activate { message: Box::new(message), id, held: None };
                app.send(Actor::system("activate"), activate).await.expect("an answer")
            })
        });
        let (mut leases, mut refused) = (0, 0);
        for console in consoles.collect::<Vec<_>>() {
            match console.await.expect("it answers") {
                Outcome::Lease(_) => leases += 1,
                Outcome::Refusal(no) if no.refused() == Some(Refused::InsufficientUnits) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((leases, refused), (1, MANY - 1));
    });
}
