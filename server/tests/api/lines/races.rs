//! Two at once of which one may be: each again and again, in a world of its own.

use crate::people::races::{Call, at_once, call, losers, race};
use crate::people::stage::no;
use crate::world::{KEY_CODE, Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::fsck;
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, Outcome};
use serde_json::json;
use std::sync::Arc;

fn is_sound(world: &World) {
    let view = world.store.read().expect("memory");
    let report = fsck::check(view.as_ref(), crate::world::NOW).expect("it reads");
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn v34_one_of_two_transfers_of_one_lot_wins() {
    race("one of 8 transfers of all of one lot wins", async |_| {
        let world = Arc::new(World::new().await);
        let partner = world.of(Relation::Own, Role::Operator);
        let body = json!({"account": "{child}", "units": {"OBM": 20}});
        let calls: Vec<Call> =
            (0..8).map(|_| call(&world, &partner, Method::POST, "/lots/{lot}/transfers", body.clone())).collect();
        let told = at_once(calls).await;
        // Who comes later asks for what is so already: the line is the child's, numbers and all.
        let done = world.verbs().await.into_iter().filter(|verb| verb == "line_transferred").count();
        let total = world.total(&world.vendor(), "{child}").await;
        assert_eq!(
            (done, total, world.total(&world.vendor(), "{account}").await),
            (1, json!(20), json!(110)),
            "{told:?}"
        );
        is_sound(&world);
    });
}

#[test]
fn v38_one_of_two_transfers_of_most_of_a_lot_wins() {
    race("one of 2 transfers of 15 of 20 wins", async |_| {
        let world = Arc::new(World::new().await);
        let partner = world.of(Relation::Own, Role::Operator);
        let body = json!({"account": "{child}", "units": {"OBM": 15}});
        let calls =
            (0..2).map(|_| call(&world, &partner, Method::POST, "/lots/{lot}/transfers", body.clone())).collect();
        assert_eq!(losers(&at_once(calls).await), [no(409, "insufficient_units")]);
        is_sound(&world);
    });
}

#[test]
fn h5_a_conversion_and_an_activation_at_once_are_one_after_the_other() {
    race("a conversion and an activation of the same lot, one after the other", async |number| {
        let world = Arc::new(World::new().await);
        let partner = world.of(Relation::Own, Role::Operator);
        let activating = {
            let world = world.clone();
            tokio::spawn(async move {
                if number % 2 == 0 {
                    tokio::task::yield_now().await;
                }
                world.activates(61, "AAAA-BBBB-CCCC-1111").await
            })
        };
        let converted = world.post(&partner, "/lots/{lot}/convert", json!({})).await;
        assert_eq!(converted.status, 200, "{:?}", converted.bytes);
        let stock = converted.json()["id"].as_str().expect("an id").to_owned();
        let stock = world.get(&partner, &format!("/pools/{stock}")).await.json();
        let outcome = activating.await.expect("it ends");
        let encumbered = stock["encumbered"]["OBM"].as_u64().unwrap_or(0);
        match outcome {
            Outcome::Lease(_) => assert_eq!(encumbered, 20, "it came first, and arrives when its lease has ended"),
            Outcome::Refusal(no) => {
                assert_eq!((no.refused().map(|no| no.code()), encumbered), (Some("licence_pooled"), 0));
            }
            other => panic!("{other:?}"),
        }
        is_sound(&world);
    });
}

#[test]
fn the_last_rehost_of_a_period_is_one() {
    race("one of 2 rehosts wins where one is left", async |_| {
        let world = Arc::new(World::new().await);
        let vendor = world.vendor();
        let one = json!({"values": {"rehosts_max": 1}});
        let set = world.send(&vendor, Method::PATCH, "/accounts/{account}/settings", one).await;
        assert_eq!(set.status, 200, "{:?}", set.bytes);
        let reserve = json!({"product": "{sku}", "units": {"OBM": 100}});
        assert_eq!(world.post(&vendor, "/accounts/{account}/reserves", reserve).await.status, 200);
        let Outcome::Lease(lease) = world.activates(61, "AAAA-BBBB-CCCC-1111").await else { panic!("no lease") };
        let other = format!("/activations/{}/rehost", lease.grant.sub);
        let partner = world.of(Relation::Own, Role::Operator);
        let calls = ["/activations/{activation}/rehost", &other]
            .map(|path| call(&world, &partner, Method::POST, path, json!(null)));
        assert_eq!(losers(&at_once(calls.into()).await), [no(409, "rehost_limit")]);
        is_sound(&world);
    });
}

#[test]
fn the_place_of_a_rehosted_device_is_one_devices() {
    race("one of 4 devices gets the place of a dead one", async |_| {
        let world = Arc::new(World::new().await);
        let partner = world.of(Relation::Own, Role::Operator);
        assert_eq!(world.post(&partner, "/activations/{activation}/rehost", json!(null)).await.status, 200);
        let begun: Vec<_> = (61..65)
            .map(|number| {
                let world = world.clone();
                tokio::spawn(async move { world.activates(number, KEY_CODE).await })
            })
            .collect();
        let mut leases = 0;
        for one in begun {
            leases += u32::from(matches!(one.await.expect("it ends"), Outcome::Lease(_)));
        }
        assert_eq!(leases, 1);
        let lapse = Command::Lapse { activation: world.ids.activation };
        world.app.send(Actor::system("job lapse"), lapse).await.expect("it is there");
        is_sound(&world);
    });
}
