//! Devices that wait: given a key, or turned away (A5).

use super::WAITING;
use crate::device::{Device, ENROLMENT, FILE_DEVICE, WAITING_DEVICE};
use crate::world::{NOW, World};
use axum::http::Method;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

#[tokio::test]
async fn a_known_device_without_a_lease_that_announces_itself_again_is_waiting() {
    let world = World::new().await;
    let back = Device::new(FILE_DEVICE).gives_back(world.ids.file, 1);
    let returned = world.upload(&world.viewer(), "/accounts/{account}/returns", &back).await;
    assert_eq!(returned.status, 200, "{:?}", returned.bytes);
    assert_eq!(world.device(FILE_DEVICE).await["health"], "ok");
    let message = Box::new(Device::new(FILE_DEVICE).registers(ENROLMENT));
    let command = Command::Register { message, id: leasehold::random::activation(), held: None };
    let answer = world.app.send(Actor::system("register"), command).await;
    assert!(matches!(answer, Ok(Outcome::Waiting)), "{answer:?}");
    assert_eq!(world.device(FILE_DEVICE).await["health"], "waiting");
}

#[tokio::test]
async fn a5_a_waiting_device_is_given_a_key_and_nothing_is_charged_for_it_yet() {
    let world = World::new().await;
    let waits = world.waiting("").await;
    assert_eq!(waits.len(), 1, "{waits:?}");
    let shown = json!({"name": "till 7", "product": "OBM-STD", "version": "8.1", "state": "waiting", "key": null});
    for (field, value) in shown.as_object().expect("fields") {
        assert_eq!(waits[0][field], *value, "{field}");
    }
    let used = world.license(json!({"key": "{key}"})).await;
    assert_eq!((used.status.as_u16(), used.code().as_str()), (409, "key_on_other_device"));
    let many = world.license(json!({"key": "{idle}", "units": {"OBM": 6}})).await;
    assert_eq!((many.status.as_u16(), many.code().as_str()), (409, "insufficient_units"));
    let given = world.license(json!({"key": "{idle}", "units": {"OBM": 3}})).await;
    assert_eq!(given.status, 204, "{:?}", given.bytes);
    let licensed = world.waiting("?state=licensed").await;
    assert_eq!(
        (&licensed[0]["key"], &licensed[0]["units"]),
        (&json!(world.ids.idle_key.to_string()), &json!({"OBM": 3}))
    );
    assert_eq!(world.get(&world.viewer(), "/keys/{idle}").await.json()["charged"], json!({}));
    let message = Box::new(Device::new(WAITING_DEVICE).registers(ENROLMENT));
    let command = Command::Register { message, id: leasehold::random::activation(), held: None };
    let answer = world.app.send(Actor::system("register"), command).await;
    assert!(matches!(&answer, Ok(Outcome::Lease(_))), "{answer:?}");
    assert_eq!(world.get(&world.viewer(), "/keys/{idle}").await.json()["charged"], json!({"OBM": 3}));
    assert_eq!(world.waiting("").await, Vec::<Value>::new());
    assert_eq!(world.device(WAITING_DEVICE).await["name"], "till 7");
}

#[tokio::test]
async fn a_device_that_is_turned_away_stays_on_the_list_for_a_month() {
    let world = World::new().await;
    let path = format!("{WAITING}/{{waiting}}");
    for _ in 0..2 {
        let gone = world.send(&world.operator(), Method::DELETE, &path, json!(null)).await;
        assert_eq!(gone.status, 204, "{:?}", gone.bytes);
    }
    assert_eq!(world.waiting("").await[0]["state"], "turned_away");
    assert_eq!(world.at(NOW.plus(30 * DAY)).waiting("").await, Vec::<Value>::new());
    let late = world.at(NOW.plus(30 * DAY)).license(json!({"key": "{idle}"})).await;
    assert_eq!(late.code(), "out_of_reach");
}
