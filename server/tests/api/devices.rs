//! Devices from the account's side: how they do, what they are called, their lives.

mod preview;
mod waiting;

use super::device::{Device, FILE_DEVICE, LEASE_DEVICE};
use super::world::{Answer, NOW, Relation, World};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::Activation;
use leasehold_ledger::record::activation::Alarm;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{Command, Outcome, row, view};
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

const DEVICES: &str = "/accounts/{account}/devices";
const WAITING: &str = "/accounts/{account}/waiting-devices";
const PREVIEW: &str = "/accounts/{account}/requests/preview";

impl World {
    fn viewer(&self) -> String {
        self.of(Relation::Own, Role::Viewer)
    }

    fn operator(&self) -> String {
        self.of(Relation::Own, Role::Operator)
    }

    async fn device(&self, number: u8) -> Value {
        let id = Device::new(number).id();
        let all = self.items(&self.viewer(), DEVICES).await;
        all.into_iter().find(|device| device["id"] == id.as_str()).expect("it is listed")
    }

    async fn healths(&self, query: &str) -> Vec<(String, String)> {
        let all = self.items(&self.viewer(), &format!("{DEVICES}?{query}")).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        all.iter().map(|device| (text(&device["id"]), text(&device["health"]))).collect()
    }

    async fn waiting(&self, query: &str) -> Vec<Value> {
        self.items(&self.viewer(), &format!("{WAITING}{query}")).await
    }

    async fn license(&self, body: Value) -> Answer {
        self.post(&self.operator(), &format!("{WAITING}/{{waiting}}/license"), body).await
    }

    async fn previewed(&self, file: &[u8]) -> Answer {
        self.upload(&self.viewer(), PREVIEW, file).await
    }

    /// Changes an activation as no command does.
    fn alarm(&self, alarm: Alarm) {
        let read = self.store.read().expect("memory");
        let found = view::find::<Activation>(read.as_ref(), &self.ids.activation.0);
        let mut activation = found.expect("sound").expect("there is one");
        activation.alarms = vec![(alarm, NOW.day().0)];
        let key = self.ids.activation.0;
        self.store.write(&mut |tx| tx.put(Table::Activations, &key, &row::encode(&activation))).expect("memory");
    }
}

#[tokio::test]
async fn a40_a_request_that_is_uploaded_registers_an_endpoint() {
    let world = World::new().await;
    let file = world.upload(&world.viewer(), "/accounts/{account}/requests", &Device::new(60).asks(1, 2)).await;
    assert_eq!(file.status, 200, "{:?}", file.bytes);
    let device = world.device(60).await;
    assert_eq!((&device["name"], &device["in_use"], &device["health"]), (&json!("gate 4"), &json!(true), &json!("ok")));
    let life = format!("{DEVICES}/{}/life", Device::new(60).id());
    let life = world.get(&world.viewer(), &life).await.json();
    assert_eq!((&life["leases"][0]["typ"], &life["leases"][0]["units"]), (&json!("license"), &json!({"OBM": 2})));
    assert_eq!(life["leases"][0]["request"].as_str().map(str::len), Some(64), "it names the request");
    assert_eq!((&life["items"][0]["verb"], life["items"].as_array().map(Vec::len)), (&json!("file_issued"), Some(1)));
}

#[tokio::test]
async fn v31_devices_are_listed_and_lead_to_their_licences() {
    let world = World::new().await;
    let device = world.device(LEASE_DEVICE).await;
    assert_eq!((&device["activations"], device["licences"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    let path = format!("/activations/{}", device["licences"][0].as_str().expect("an id"));
    let licence = world.get(&world.viewer(), &path).await.json();
    assert_eq!((&licence["device"], &licence["lease"]["units"]), (&device["id"], &json!({"OBM": 10})));
    assert_eq!(licence["key"], json!(world.ids.key.to_string()));
}

#[tokio::test]
async fn a_device_is_late_by_its_window_and_one_on_a_licence_file_never_is() {
    let world = World::new().await;
    let (lease, file) = (Device::new(LEASE_DEVICE).id(), Device::new(FILE_DEVICE).id());
    for (days, expected) in [(0, "ok"), (2, "overdue"), (6, "overdue"), (7, "silent"), (20, "silent")] {
        let later = world.at(NOW.plus(days * DAY));
        assert_eq!(later.device(LEASE_DEVICE).await["health"], expected, "after {days} days");
        assert_eq!(later.device(FILE_DEVICE).await["health"], "ok", "after {days} days");
    }
    let later = world.at(NOW.plus(7 * DAY));
    assert_eq!(later.healths("health=silent").await, [(lease.clone(), "silent".to_owned())]);
    let sorted = [(lease, "silent".to_owned()), (file, "ok".to_owned())];
    assert_eq!(later.healths("sort=-health").await, sorted);
    let unknown = later.get(&later.viewer(), &format!("{DEVICES}?health=well")).await;
    assert_eq!(unknown.code(), "query_invalid");
    let set = world.patch(&world.admin(), "/accounts/{account}/settings", json!({"values": {"silent_days": 3}})).await;
    assert_eq!(set.status, 200, "{:?}", set.bytes);
    assert_eq!(world.at(NOW.plus(3 * DAY)).device(LEASE_DEVICE).await["health"], "silent", "the account says when");
}

#[tokio::test]
async fn what_was_proved_of_a_device_is_told_for_a_month_before_everything_else() {
    for (alarm, word) in [(Alarm::Fork, "forked"), (Alarm::Mismatch, "mismatched"), (Alarm::Rewind, "ok")] {
        let world = World::new().await;
        world.alarm(alarm);
        assert_eq!(world.device(LEASE_DEVICE).await["health"], word);
        let later = world.at(NOW.plus(8 * DAY));
        assert_eq!(later.device(LEASE_DEVICE).await["health"], if word == "ok" { "silent" } else { word });
        assert_eq!(world.at(NOW.plus(30 * DAY)).device(LEASE_DEVICE).await["health"], "silent", "{word}: a month ago");
    }
}

#[tokio::test]
async fn a_device_whose_clock_is_wrong_is_told_until_it_checks_with_a_right_one() {
    let world = World::new().await;
    let device = Device::new(LEASE_DEVICE);
    let steps = [(2, "clock_suspect"), (0, "ok"), (-2, "clock_suspect"), (-2, "clock_suspect"), (0, "ok")];
    for (seq, (days, expected)) in (1..).zip(steps) {
        let message = Box::new(device.checks(world.ids.activation, seq, NOW.plus(days * DAY)));
        let answer = world.app.send(Actor::system("check"), Command::Check { message, held: None }).await;
        assert!(matches!(answer, Ok(Outcome::Lease(_))), "{answer:?}");
        assert_eq!(world.device(LEASE_DEVICE).await["health"], expected, "{days} days");
    }
}

#[tokio::test]
async fn a_device_has_another_name_and_its_life_says_so() {
    let world = World::new().await;
    let path = format!("{DEVICES}/{{device}}");
    let renamed = world.patch(&world.operator(), &path, json!({"name": "till 4"})).await;
    assert_eq!((renamed.status.as_u16(), &renamed.json()["name"]), (200, &json!("till 4")), "{:?}", renamed.bytes);
    let bad = world.patch(&world.operator(), &path, json!({"name": ""})).await;
    assert_eq!((bad.status.as_u16(), bad.code().as_str()), (422, "field_invalid"));
    let life = world.get(&world.viewer(), &format!("{path}/life")).await.json();
    let verbs: Vec<&Value> = life["items"].as_array().expect("items").iter().map(|event| &event["verb"]).collect();
    assert_eq!(verbs, ["device_renamed", "activated"], "newest first, and nothing of other devices");
    assert_eq!(life["items"][0]["changes"], json!([{"field": "name", "before": "server 2", "after": "till 4"}]));
    assert_eq!((&life["device"]["name"], &life["device"]["health"]), (&json!("till 4"), &json!("ok")));
    let none = world.patch(&world.operator(), &path, json!({"name": null})).await.json();
    assert_eq!(none["name"], json!(null));
}

#[tokio::test]
async fn a_device_s_lease_is_decoded_claim_by_claim_and_its_life_comes_in_pages() {
    let world = World::new().await;
    let path = format!("{DEVICES}/{{device}}/life");
    let life = world.get(&world.viewer(), &path).await.json();
    let lease = &life["leases"][0];
    let expected = json!({
        "typ": "lease", "iss": "vendor.test", "aud": "OBM-STD", "units": {"OBM": 10}, "features": ["failover"],
        "licensee": "server-2", "seq": 1, "iat": "2027-01-15T08:00:00Z", "exp": "2027-01-29T08:00:00Z",
        "at_expiry": "restrict", "store_epoch": 1, "notices": [], "nonce": "01".repeat(16), "request": null,
    });
    for (claim, value) in expected.as_object().expect("claims") {
        assert_eq!(lease[claim], *value, "{claim}");
    }
    assert_eq!(lease["device"], Device::new(LEASE_DEVICE).id());
    assert!(lease["renew_from"].as_str() < lease["renew_to"].as_str() && lease["renew_from"].is_string(), "{lease}");
    world.patch(&world.operator(), &format!("{DEVICES}/{{device}}"), json!({"name": "till 4"})).await;
    let first = world.get(&world.viewer(), &format!("{path}?limit=1")).await.json();
    let next = first["next"].as_str().expect("there is more");
    let second = world.get(&world.viewer(), &format!("{path}?limit=1&cursor={next}")).await.json();
    assert_eq!(
        (&first["items"][0]["verb"], &second["items"][0]["verb"]),
        (&json!("device_renamed"), &json!("activated"))
    );
    let csv = world.get(&world.viewer(), &format!("{path}?format=csv")).await;
    let text = String::from_utf8(csv.bytes.to_vec()).expect("text");
    assert!(text.lines().count() == 3 && text.starts_with("\"number\","), "{text}");
    let unknown = world.get(&world.viewer(), &format!("{DEVICES}/{}/life", Device::new(99).id())).await;
    assert_eq!(unknown.code(), "out_of_reach");
}
