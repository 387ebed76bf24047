//! Facts about licences as far as accounts go: who gives, who uses, what goes on and what does not.

use super::device::{Device, LOT_CODE};
use super::world::{Relation, World};
use leasehold_ledger::actor::Role;
use leasehold_protocol::armour;
use leasehold_protocol::message::DeviceMessage;
use serde_json::{Value, json};

const CHILD_CODE: &str = "AAAA-BBBB-CCCC-5555";

impl World {
    /// Moves OBM units of a pool to an account, and yields the pool they went to.
    pub async fn give(&self, token: &str, from: &str, body: Value) -> Value {
        let answer = self.post(token, &format!("/pools/{from}/moves"), body).await;
        assert!(answer.status.is_success(), "{:?}", answer.bytes);
        answer.json()
    }

    pub async fn total(&self, token: &str, account: &str) -> Value {
        let overview = self.get(token, &format!("/accounts/{account}/overview")).await.json();
        overview["types"][0]["total"]["OBM"].clone()
    }

    /// Ten units with an Activation ID, sold to the child.
    pub async fn sold_to_child(&self) {
        let line = json!({"product": "{sku}", "units": {"OBM": 10}, "activation_id": CHILD_CODE, "expires": "2030-01-31T00:00:00Z"});
        let order = json!({"entitlement": "SO-9", "lines": [line]});
        let made = self.post(&self.vendor(), "/accounts/{child}/orders", order).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
    }
}

/// A device's request for units of the child's licence.
pub fn asks(number: u8, count: u32) -> Vec<u8> {
    let device = Device::new(number);
    let mut request = device.request(1, count);
    request.code = CHILD_CODE.into();
    armour::wrap(armour::Label::Request, &request.sign(&device.0)).into_bytes()
}

#[tokio::test]
async fn a4_a26_t34_a_reseller_gives_units_more_of_them_and_takes_some_back() {
    let world = World::new().await;
    let admin = world.of(Relation::Own, Role::Operator);
    let pool = world.give(&admin, "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    let id = pool["id"].as_str().expect("an id");
    world.give(&admin, "{pool}", json!({"account": "{child}", "units": {"OBM": 3}, "pool": id})).await;
    assert_eq!(world.total(&admin, "{child}").await, 8);
    world.give(&admin, id, json!({"account": "{account}", "units": {"OBM": 2}, "pool": "{pool}"})).await;
    assert_eq!((world.total(&admin, "{child}").await, world.total(&admin, "{account}").await), (json!(6), json!(124)));
}

#[tokio::test]
async fn a5_a_reseller_licenses_a_customers_device() {
    let world = World::new().await;
    world.sold_to_child().await;
    let reseller = world.of(Relation::Own, Role::Viewer);
    let file = world.upload(&reseller, "/accounts/{child}/requests", &asks(60, 4)).await;
    assert_eq!(file.status, 200, "{:?}", file.bytes);
    let devices = world.items(&world.of(Relation::Below, Role::Viewer), "/accounts/{child}/devices").await;
    assert_eq!((devices.len(), &devices[0]["name"]), (1, &json!("gate 4")), "it is the customer's");
    let stranger = world.of(Relation::Beside, Role::Admin);
    assert_eq!(world.upload(&stranger, "/accounts/{child}/requests", &asks(61, 4)).await.code(), "out_of_reach");
}

#[tokio::test]
async fn a11_a_customer_has_pools_and_devices_of_its_own() {
    let world = World::new().await;
    let child = world.of(Relation::Below, Role::Viewer);
    for list in ["pools", "devices", "lots", "activations"] {
        assert_eq!(world.items(&child, &format!("/accounts/{{child}}/{list}")).await, Vec::<Value>::new(), "{list}");
        assert!(!world.items(&world.admin(), &format!("/accounts/{{account}}/{list}")).await.is_empty(), "{list}");
    }
    let pool = world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    world.sold_to_child().await;
    world.upload(&child, "/accounts/{child}/requests", &asks(60, 4)).await;
    assert_eq!(world.items(&child, "/accounts/{child}/pools").await[0]["id"], pool["id"]);
    assert_eq!(world.items(&child, "/accounts/{child}/devices").await.len(), 1);
    assert_eq!(world.get(&child, "/pools/{pool}").await.code(), "out_of_reach", "the reseller's is not its own");
}

#[tokio::test]
async fn a21_a24_a_customer_sees_pools_what_is_free_and_what_ends_when() {
    let world = World::new().await;
    let child = world.of(Relation::Below, Role::Viewer);
    world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    world.sold_to_child().await;
    world.upload(&child, "/accounts/{child}/requests", &asks(60, 4)).await;
    let pools = world.items(&child, "/accounts/{child}/pools").await;
    assert_eq!((pools.len(), &pools[0]["free"]), (1, &json!({"OBM": 5})));
    let lots = world.items(&child, "/accounts/{child}/lots").await;
    assert_eq!((&lots[0]["free"], &lots[0]["charged"]), (&json!({"OBM": 6}), &json!({"OBM": 4})));
    assert_eq!(lots[0]["expires"], "2030-01-31T00:00:00Z");
    let used = world.items(&child, "/accounts/{child}/activations").await;
    assert_eq!((used.len(), &used[0]["charged"]), (1, &json!({"OBM": 4})));
}

#[tokio::test]
async fn a22_a23_a_customer_licenses_its_device_and_downloads_the_file() {
    let world = World::new().await;
    world.sold_to_child().await;
    let child = world.of(Relation::Below, Role::Viewer);
    let made = world.upload(&child, "/accounts/{child}/requests", &asks(60, 4)).await;
    assert_eq!(made.status, 200, "{:?}", made.bytes);
    let at = made.header("content-location").strip_prefix("/api/v1").expect("a location").to_owned();
    let downloaded = world.get(&child, &at).await;
    assert_eq!((downloaded.status.as_u16(), &downloaded.bytes), (200, &made.bytes));
    assert_eq!(downloaded.header("content-type"), "application/x-leasehold-license");
    let stranger = world.of(Relation::Beside, Role::Admin);
    assert_eq!(world.get(&stranger, &at).await.code(), "out_of_reach");
}

#[tokio::test]
async fn a30_an_end_customer_moves_no_units_to_anybody() {
    let world = World::new().await;
    let pool = world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    let path = format!("/pools/{}/moves", pool["id"].as_str().expect("an id"));
    let child = world.of(Relation::Below, Role::Admin);
    for taker in [Relation::Own, Relation::Beside, Relation::Top] {
        let body = json!({"account": world.ids.account(taker).to_string(), "units": {"OBM": 1}});
        assert_eq!(world.post(&child, &path, body).await.code(), "out_of_reach", "{taker:?}");
    }
    let within = world.post(&child, &path, json!({"account": "{child}", "units": {"OBM": 1}, "name": "Second"})).await;
    assert_eq!(within.status.as_u16(), 200, "between its own pools it may: {:?}", within.bytes);
    assert_eq!(world.total(&child, "{child}").await, 5);
}

#[tokio::test]
async fn a37_the_overview_has_the_figures_and_the_account_its_status_and_profile() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    let overview = world.get(&viewer, "/accounts/{account}/overview").await.json();
    let totals = &overview["types"][0];
    for (figure, count) in
        [("total", 130), ("in_lots", 30), ("in_stock", 60), ("in_pools", 25), ("in_keys", 15), ("charged", 14)]
    {
        assert_eq!(totals[figure]["OBM"], count, "{figure}: {totals}");
    }
    assert_eq!(totals["free"]["OBM"], 116);
    let account = world.get(&viewer, "/accounts/{account}").await.json();
    assert_eq!((&account["status"], &account["name"]), (&json!("active"), &json!("Target")));
}

#[tokio::test]
async fn t35_no_more_is_given_than_is_free_and_nothing_is_lost_on_the_way() {
    let world = World::new().await;
    let admin = world.admin();
    let all = async || {
        let accounts = world.items(&world.vendor(), "/accounts").await;
        let mut sum = 0;
        for account in accounts {
            let total = world.total(&world.vendor(), account["id"].as_str().expect("an id")).await;
            sum += total.as_u64().unwrap_or(0);
        }
        sum
    };
    let before = all().await;
    let free = world.get(&admin, "/pools/{pool}").await.json()["free"]["OBM"].as_u64().expect("units");
    let gift = |count: u64| json!({"account": "{child}", "units": {"OBM": count}});
    let beyond = world.post(&admin, "/pools/{pool}/moves", gift(free + 1)).await;
    assert_eq!((beyond.status.as_u16(), beyond.code().as_str()), (409, "insufficient_units"));
    assert_eq!(world.post(&admin, "/pools/{pool}/moves", gift(0)).await.code(), "bad_quantity");
    assert!(world.post(&admin, "/pools/{pool}/moves", gift(free)).await.status.is_success());
    assert_eq!((all().await, before), (130, 130));
    assert_eq!(world.get(&admin, "/pools/{pool}").await.json()["free"], json!({}));
}

#[tokio::test]
async fn v5_an_activated_licence_is_a_device_and_off_what_is_available() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    let line = async || {
        let lots = world.items(&viewer, "/accounts/{account}/lots").await;
        lots.into_iter().find(|lot| lot["activation_id"] == LOT_CODE).expect("the line stays listed")
    };
    let before = line().await;
    let devices = world.items(&viewer, "/accounts/{account}/devices").await.len();
    assert_eq!((&before["free"], &before["units"]), (&json!({"OBM": 6}), &json!({"OBM": 10})));
    let made = world.upload(&viewer, "/accounts/{account}/requests", &Device::new(60).asks(1, 2)).await;
    assert_eq!(made.status, 200, "{:?}", made.bytes);
    let after = line().await;
    assert_eq!((&after["free"], &after["units"]), (&json!({"OBM": 4}), &json!({"OBM": 10})));
    let now = world.items(&viewer, "/accounts/{account}/devices").await;
    assert_eq!((now.len(), now.iter().all(|device| device["id"].is_string())), (devices + 1, true));
}

#[tokio::test]
async fn t27_a_reseller_licenses_on_demand_as_far_as_its_units_go() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    let file = world.upload(&viewer, "/accounts/{account}/requests", &Device::new(60).asks(1, 6)).await;
    assert_eq!(file.status, 200, "the lot has six left: {:?}", file.bytes);
    let beyond = world.upload(&viewer, "/accounts/{account}/requests", &Device::new(61).asks(1, 1)).await;
    assert_eq!((beyond.status.as_u16(), beyond.code().as_str()), (409, "insufficient_units"));
    let more = json!({"entitlement": "SO-9", "lines": [{"product": "{sku}", "units": {"OBM": 1}}]});
    let mint = world.post(&world.admin(), "/accounts/{account}/orders", more).await;
    assert_eq!(mint.code(), "admin_only", "it makes none itself");
}

#[tokio::test]
async fn h26_a_key_is_in_use_once_a_server_has_it() {
    let world = World::new().await;
    let in_use = async |key: &str| world.get(&world.admin(), key).await.json()["in_use"].clone();
    assert_eq!((in_use("/keys/{key}").await, in_use("/keys/{idle}").await), (json!(true), json!(false)));
}

#[tokio::test]
async fn h17_the_accounts_prefix_starts_the_licensee_names_of_its_new_keys() {
    let world = World::new().await;
    let prefix = json!({"key_prefix": "Labs-PLKY"});
    assert!(world.patch(&world.vendor(), "/accounts/{account}", prefix).await.status.is_success());
    let key = async |name: &str| {
        world.post(&world.admin(), "/pools/{pool}/keys", json!({"name": name, "quota": {"OBM": 1}})).await
    };
    assert_eq!(key("server-7").await.json()["licensee"], "Labs-PLKY-server-7");
    assert_eq!(world.get(&world.admin(), "/keys/{key}").await.json()["licensee"], "server-2", "old keys keep theirs");
    let long = key(&"x".repeat(60)).await;
    assert_eq!((long.status.as_u16(), long.code().as_str()), (422, "licensee_name"), "64 letters, the prefix included");
    let odd = world.patch(&world.vendor(), "/accounts/{account}", json!({"key_prefix": "no spaces"})).await;
    assert_eq!(odd.code(), "licensee_name");
}
