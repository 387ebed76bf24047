//! Reports: what is used now and was in the past, what ends, what runs out, who is silent; in JSON and as CSV.

use super::device::Device;
use super::world::{Answer, IDLE_KEY_CODE, NOW, Relation, SKU, World};
use axum::http::Method;
use leasehold::random;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::AccountId;
use leasehold_protocol::ActivationId;
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

/// A report of the target account, page by page.
pub async fn report(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), String::new());
    let mark = if query.contains('?') { '&' } else { '?' };
    loop {
        let path = format!("/accounts/{{account}}/reports/{query}{mark}limit={limit}{next}");
        let page = world.get(&world.admin(), &path).await;
        assert_eq!(page.status, 200, "{path}: {:?}", page.bytes);
        let page = page.json();
        found.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return found,
        }
    }
}

/// The report as lines of some columns, from its CSV.
async fn csv(world: &World, query: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mark = if query.contains('?') { '&' } else { '?' };
    let file = world.get(&world.admin(), &format!("/accounts/{{account}}/reports/{query}{mark}format=csv")).await;
    assert!(file.header("content-type").starts_with("text/csv"), "{query}");
    let mut reader = csv::ReaderBuilder::new().from_reader(&file.bytes[..]);
    let head = reader.headers().expect("a head").clone();
    let at = |name: &str| head.iter().position(|one| one == name).unwrap_or_else(|| panic!("{name} in {head:?}"));
    let places: Vec<usize> = columns.iter().map(|name| at(name)).collect();
    let line = |line: csv::StringRecord| places.iter().map(|at| line[*at].to_owned()).collect();
    reader.records().map(|one| line(one.expect("a line"))).collect()
}

pub fn counts(items: &[Value]) -> Vec<(String, u64, u64, u64)> {
    let count = |item: &Value, field: &str| item[field].as_u64().expect("a count");
    let line = |item: &Value| {
        let name = item["account_name"].as_str().expect("a name").to_owned();
        (name, count(item, "owned"), count(item, "in_use"), count(item, "free"))
    };
    items.iter().map(line).collect()
}

pub fn good(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{:?}", answer.bytes);
    if answer.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&answer.bytes).unwrap_or_default() }
}

/// What the world has of the product of its licence.
fn credits() -> (String, u64, u64, u64) {
    ("Target".to_owned(), 12, 0, 12)
}

pub async fn activate(world: &World, device: u8, code: &str) -> ActivationId {
    let (message, id) = (Box::new(Device::new(device).activates(code)), random::activation());
    world.app.send(Actor::system("activate"), Command::Activate { message, id, held: None }).await.expect("a lease");
    id
}

pub async fn order(world: &World, number: u32, line: Value) -> Value {
    let order = json!({"entitlement": format!("SO {number}"), "lines": [line]});
    good(&world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", order).await)
}

#[tokio::test]
async fn a24_g11_what_an_account_has_and_uses_is_told_by_product_and_kind_now() {
    let world = World::new().await;
    let now = report(&world, "usage", 500).await;
    assert_eq!(counts(&now), [("Target".to_owned(), 130, 14, 116), credits()], "{now:?}");
    assert_eq!((now[0]["product"].as_str(), now[0]["kind"].as_str()), (Some(SKU), Some("OBM")));
    assert_eq!(csv(&world, "usage", &["owned", "in_use", "free"]).await, [["130", "14", "116"], ["12", "0", "12"]]);
    activate(&world, 44, IDLE_KEY_CODE).await;
    assert_eq!(counts(&report(&world, "usage", 500).await), [("Target".to_owned(), 130, 19, 111), credits()]);
    let lapsed = world.at(NOW.plus(15 * DAY));
    assert_eq!(
        counts(&report(&lapsed, "usage", 500).await),
        [("Target".to_owned(), 130, 4, 126), credits()],
        "by the clock alone"
    );
}

#[tokio::test]
async fn the_accounts_below_are_told_one_by_one_and_only_to_who_reaches_them() {
    let world = World::new().await;
    let to = json!({"account": "{child}", "units": {"OBM": 5}});
    good(&world.send(&world.admin(), Method::POST, "/pools/{pool}/moves", to).await);
    let both = [("Target".to_owned(), 125, 14, 111), credits(), ("Child".to_owned(), 5, 0, 5)];
    assert_eq!(counts(&report(&world, "usage?subtree=true", 500).await), both);
    assert_eq!(counts(&report(&world, "usage?subtree=true", 1).await), both, "in pages of one");
    assert_eq!(counts(&report(&world, "usage", 500).await), both[..2]);
    let vendor = world.ids.account(Relation::Top);
    let all = world.get(&world.vendor(), &format!("/accounts/{vendor}/reports/usage?subtree=true")).await.json();
    assert_eq!(counts(all["items"].as_array().expect("items")), both);
    for what in ["usage", "expiring", "low-pools", "silent"] {
        let path = format!("/accounts/{{account}}/reports/{what}?subtree=true");
        let below = world.get(world.ids.token(Relation::Below, Role::Admin), &path).await;
        assert_eq!((below.status.as_u16(), below.code().as_str()), (404, "out_of_reach"), "{what}");
    }
}

#[tokio::test]
async fn a24_h21_what_ends_soon_is_told_with_its_days() {
    let world = World::new().await;
    order(&world, 7, json!({"product": SKU, "units": {"OBM": 4}, "expires": NOW.plus(20 * DAY).to_string()})).await;
    let until = NOW.plus(40 * DAY).day().to_string();
    order(&world, 8, json!({"product": SKU, "units": {"OBM": 6}, "free_upgrade_until": until})).await;
    let ending = report(&world, "expiring", 500).await;
    let fields = |item: &Value| (item["name"].clone(), item["days_left"].clone(), item["units"]["OBM"].clone());
    assert_eq!(ending.iter().map(fields).collect::<Vec<_>>(), [(json!("SO 7"), json!(20), json!(4))]);
    let both = csv(&world, "expiring?days=60", &["name", "role", "days_left", "free_upgrade_until"]).await;
    assert_eq!(both, [["SO 7", "lot", "20", ""], ["SO 8", "lot", "40", until.as_str()]]);
    assert!(report(&world, "expiring?days=19", 500).await.is_empty());
    let later = world.at(NOW.plus(21 * DAY));
    assert_eq!(report(&later, "expiring?days=60", 1).await.len(), 1, "what has ended is not about to");
    let above = world.ids.account(Relation::Above);
    let path = format!("/accounts/{above}/reports/expiring?days=60");
    let own = world.get(&world.vendor(), &path).await.json();
    let tree = world.get(&world.vendor(), &format!("{path}&subtree=true")).await.json();
    let len = |page: &Value| page["items"].as_array().map(Vec::len);
    assert_eq!((len(&own), len(&tree)), (Some(0), Some(2)));
}

#[tokio::test]
async fn a21_pools_that_are_nearly_empty_are_told() {
    let world = World::new().await;
    let names = async |query: &str| {
        let pools = report(&world, query, 500).await;
        pools
            .iter()
            .map(|pool| (pool["name"].as_str().expect("a name").to_owned(), pool["free_percent"].as_u64()))
            .collect::<Vec<_>>()
    };
    assert!(names("low-pools").await.is_empty(), "60 of 100 in the stock are free, and 25 of 40 in the pool");
    assert_eq!(names("low-pools?below=63").await.iter().filter(|(name, _)| name == "P").count(), 1);
    assert!(names("low-pools?below=62").await.iter().all(|(name, _)| name != "P"), "62 percent are not below 62");
    let key = json!({"name": "big", "quota": {"OBM": 23}});
    good(&world.send(&world.admin(), Method::POST, "/pools/{pool}/keys", key).await);
    assert_eq!(names("low-pools").await, [("P".to_owned(), Some(5))]);
    assert_eq!(
        csv(&world, "low-pools", &["name", "quota", "free", "free_percent"]).await,
        [["P", "OBM=40", "OBM=2", "5"]]
    );
}

#[tokio::test]
async fn a3_consoles_that_are_silent_are_told_and_files_are_not_missed() {
    let world = World::new().await;
    assert!(report(&world, "silent?days=1", 500).await.is_empty());
    let later = world.at(NOW.plus(8 * DAY));
    let silent = csv(&later, "silent", &["name", "products", "silent_days"]).await;
    assert_eq!(silent, [["server 2", SKU, "8"]], "the device with a licence file is not expected to be heard");
    assert!(report(&later, "silent?days=9", 500).await.is_empty());
}

#[tokio::test]
async fn a_report_that_cannot_be_is_refused() {
    let world = World::new().await;
    let later = NOW.plus(1);
    for query in [
        "expiring?days=0",
        "expiring?days=3661",
        "low-pools?below=101",
        "silent?days=0",
        "silent?days=x",
        "usage?at=yesterday",
        "usage?cursor=AAAA",
        "silent?cursor=AAAA",
        "usage?limit=0",
        "usage?colour=red",
        "usage?subtree=perhaps",
    ] {
        let answer = world.get(&world.admin(), &format!("/accounts/{{account}}/reports/{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "query_invalid"), "{query}");
    }
    let future = world.get(&world.admin(), &format!("/accounts/{{account}}/reports/usage?at={later}")).await;
    assert_eq!(future.code(), "query_invalid");
    let nobody: AccountId = "00000000-0000-7000-8000-000000000001".parse().expect("an id");
    assert_eq!(world.get(&world.vendor(), &format!("/accounts/{nobody}/reports/usage")).await.code(), "out_of_reach");
}
