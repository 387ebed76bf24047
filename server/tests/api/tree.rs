//! Facts about accounts and their tree, as the portals have them.

use super::world::{Answer, Relation, World, new_account};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

impl World {
    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(token, Method::POST, path, body).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(token, Method::PATCH, path, body).await
    }

    /// A list's items, first page.
    pub async fn items(&self, token: &str, path: &str) -> Vec<Value> {
        let answer = self.get(token, path).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.bytes);
        answer.json()["items"].as_array().expect("a list").clone()
    }

    pub fn of(&self, relation: Relation, role: Role) -> String {
        self.ids.token(relation, role).to_owned()
    }

    /// An account below the target, as its administrator makes it.
    pub async fn made(&self, body: Value) -> Value {
        let answer = self.post(&self.admin(), "/accounts", body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.bytes);
        answer.json()
    }
}

pub fn with(name: &str, more: Value) -> Value {
    let mut body = new_account(name);
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    body
}

pub fn names(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|item| item["name"].as_str()).collect()
}

#[tokio::test]
async fn a1_a_reseller_finds_all_its_customers_and_their_licences_in_one_place() {
    let world = World::new().await;
    let above = world.of(Relation::Above, Role::Viewer);
    let items = world.items(&above, "/accounts").await;
    assert_eq!(names(&items), ["Parent", "Sibling", "Target", "Child"]);
    for account in &items {
        let path = format!("/accounts/{}/overview", account["id"].as_str().expect("an id"));
        let overview = world.get(&above, &path).await.json();
        let total = overview["types"].as_array().expect("types").first().map(|one| one["total"]["OBM"].clone());
        assert_eq!(total, (account["name"] == "Target").then(|| json!(130)), "{account}");
    }
}

#[tokio::test]
async fn a3_a_reseller_steers_what_happens_below_it() {
    let world = World::new().await;
    let above = world.of(Relation::Above, Role::Admin);
    let stopped = world.post(&above, "/keys/{key}/stop", json!(null)).await;
    assert_eq!(stopped.json()["state"], "stopped");
    let quota = world.send(&above, Method::PUT, "/pools/{pool}/quota", json!({"units": {"OBM": 50}})).await;
    assert_eq!(quota.json()["quota"], json!({"OBM": 50}));
    let beside = world.of(Relation::Beside, Role::Admin);
    assert_eq!(world.post(&beside, "/keys/{key}/resume", json!(null)).await.code(), "out_of_reach");
}

#[tokio::test]
async fn a12_a13_a_reseller_hands_on_and_an_end_customer_has_nobody_below() {
    let world = World::new().await;
    let reseller = world.made(with("Sub-reseller", json!({"kind": "reseller"}))).await;
    let customer = world.made(with("Customer", json!({"kind": "end_customer"}))).await;
    assert_eq!((&reseller["kind"], &customer["kind"]), (&json!("reseller"), &json!("end_customer")));
    let below = |above: &Value| json!({"parent": above["id"], "kind": "end_customer", "name": "Below"});
    assert_eq!(world.post(&world.vendor(), "/accounts", below(&customer)).await.code(), "not_reseller");
    // The sub-reseller was not given the right to have customers; the account above it gives it.
    assert_eq!(world.post(&world.vendor(), "/accounts", below(&reseller)).await.code(), "not_reseller");
    let at = format!("/accounts/{}", reseller["id"].as_str().expect("an id"));
    let given = world.patch(&world.admin(), &at, json!({"may_create_customers": true})).await;
    assert!(given.status.is_success());
    assert_eq!(world.post(&world.vendor(), "/accounts", below(&reseller)).await.status, 201);
}

#[tokio::test]
async fn a14_a_reseller_has_resellers_below_it_where_it_may_and_eight_levels_are_all() {
    let world = World::new().await;
    let vendor = world.vendor();
    let level = |above: &Value, name: &str| json!({"parent": above, "kind": "reseller", "name": name, "may_create_customers": true, "may_create_resellers": true});
    let mut above = json!(world.ids.account(Relation::Own).to_string()); // the third level
    for number in 4..=8 {
        let made = world.post(&vendor, "/accounts", level(&above, &format!("Level {number}"))).await;
        assert_eq!(made.status, 201, "{number}: {:?}", made.bytes);
        above = made.json()["id"].clone();
    }
    let ninth = world.post(&vendor, "/accounts", level(&above, "Level 9")).await;
    assert_eq!((ninth.status.as_u16(), ninth.code().as_str()), (422, "field_invalid"));
    let taken = world.patch(&vendor, "/accounts/{account}", json!({"may_create_resellers": false})).await;
    assert!(taken.status.is_success());
    let sub = with("No right", json!({"kind": "reseller"}));
    assert_eq!(world.post(&vendor, "/accounts", sub).await.code(), "not_reseller");
}

#[tokio::test]
async fn a15_a_name_is_taken_among_the_customers_of_one_parent_only() {
    let world = World::new().await;
    let first = world.made(new_account("Caf\u{e9} Labs")).await;
    for twin in [" caf\u{e9} labs ", "CAFE\u{301} LABS"] {
        let answer = world.post(&world.admin(), "/accounts", new_account(twin)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "name_taken"), "{twin}");
    }
    let elsewhere = json!({"parent": world.ids.account(Relation::Beside).to_string(), "kind": "end_customer", "name": "Caf\u{e9} Labs"});
    assert_eq!(world.post(&world.vendor(), "/accounts", elsewhere).await.status, 201);
    let other = world.made(new_account("Other")).await;
    let at = |account: &Value| format!("/accounts/{}", account["id"].as_str().expect("an id"));
    let renamed = world.patch(&world.admin(), &at(&other), json!({"name": "CAF\u{c9} labs"})).await;
    assert_eq!(renamed.code(), "name_taken");
    assert!(world.patch(&world.admin(), &at(&first), json!({"name": "Renamed"})).await.status.is_success());
    assert!(world.patch(&world.admin(), &at(&other), json!({"name": "Caf\u{e9} Labs"})).await.status.is_success());
}

#[tokio::test]
async fn a16_an_account_is_an_end_customer_or_a_reseller() {
    let world = World::new().await;
    for kind in ["end_customer", "reseller"] {
        assert_eq!(world.made(with(kind, json!({"kind": kind}))).await["kind"], kind);
    }
    let second = world.post(&world.vendor(), "/accounts", with("Second vendor", json!({"kind": "vendor"}))).await;
    assert_eq!(second.code(), "not_reseller");
    let other = world.post(&world.vendor(), "/accounts", with("King", json!({"kind": "king"}))).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "body_invalid"));
}

#[tokio::test]
async fn a17_the_type_of_a_customer_cannot_change() {
    let world = World::new().await;
    let before = world.store.rows();
    for (account, kind) in [("{child}", "reseller"), ("{account}", "end_customer"), ("{account}", "vendor")] {
        let path = format!("/accounts/{account}");
        let answer = world.patch(&world.vendor(), &path, json!({"kind": kind})).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "type_immutable"), "{account} {kind}");
    }
    assert!(world.store.rows() == before);
    let same =
        world.patch(&world.vendor(), "/accounts/{child}", json!({"kind": "end_customer", "name": "Renamed"})).await;
    assert_eq!((&same.json()["kind"], &same.json()["name"]), (&json!("end_customer"), &json!("Renamed")));
}

#[tokio::test]
async fn a35_an_account_cannot_find_out_its_notes_by_trying() {
    let world = World::new().await;
    for guess in ["pays late", "pays early"] {
        let answer = world.patch(&world.admin(), "/accounts/{account}", json!({"notes": guess})).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "admin_only"), "{guess}");
    }
}

#[tokio::test]
async fn v1_v12_v15_partners_see_what_is_below_them_and_customers_themselves() {
    let world = World::new().await;
    let child = world.of(Relation::Below, Role::Admin);
    assert_eq!(names(&world.items(&world.admin(), "/accounts").await), ["Target", "Child"]);
    assert_eq!(names(&world.items(&world.admin(), "/accounts/{account}/children").await), ["Child"]);
    assert_eq!(names(&world.items(&child, "/accounts").await), ["Child"]);
    assert_eq!(names(&world.items(&child, "/accounts/{child}/children").await), [""; 0]);
    assert_eq!(world.get(&child, "/accounts/{account}").await.code(), "out_of_reach");
    assert_eq!(world.get(&child, "/accounts/{account}/children").await.code(), "out_of_reach");
    assert!(world.get(&world.of(Relation::Own, Role::Viewer), "/accounts/{child}/lots").await.status.is_success());
    let renamed = world.patch(&world.admin(), "/accounts/{child}", json!({"name": "Renamed"})).await;
    assert_eq!(renamed.json()["name"], "Renamed");
}

#[tokio::test]
async fn v17_a_partner_without_the_right_asks_the_one_above() {
    let world = World::new().await;
    let above = world.of(Relation::Above, Role::Admin);
    let taken = json!({"may_create_customers": false, "may_create_resellers": false});
    assert!(world.patch(&above, "/accounts/{account}", taken).await.status.is_success());
    assert_eq!(world.post(&world.admin(), "/accounts", new_account("Mine")).await.code(), "not_reseller");
    let wider = world.patch(&world.admin(), "/accounts/{account}", json!({"may_create_customers": true})).await;
    assert_eq!(wider.code(), "admin_only", "nobody widens its own rights");
    let given = json!({"may_create_customers": true});
    assert!(world.patch(&above, "/accounts/{account}", given.clone()).await.status.is_success());
    assert_eq!(world.post(&world.admin(), "/accounts", new_account("Mine")).await.status, 201);
    assert!(
        world
            .patch(
                &world.vendor(),
                &format!("/accounts/{}", world.ids.account(Relation::Above)),
                json!({"may_create_resellers": false})
            )
            .await
            .status
            .is_success()
    );
    let beyond = world.patch(&above, "/accounts/{account}", json!({"may_create_resellers": true})).await;
    assert_eq!(beyond.code(), "not_reseller", "nobody gives what it does not have");
}

#[tokio::test]
async fn an_account_that_owns_nothing_is_deleted_and_its_name_is_free() {
    let world = World::new().await;
    let made = world.made(with("Short-lived", json!({"kind": "reseller", "may_create_customers": true}))).await;
    let path = format!("/accounts/{}", made["id"].as_str().expect("an id"));
    let user = json!({"email": "s@mail.example", "role": "admin"});
    let user = world.post(&world.admin(), &format!("/users?account={}", &path[10..]), user).await;
    assert_eq!(user.status, 201);
    let below = json!({"parent": made["id"], "kind": "end_customer", "name": "Below"});
    let below = world.made(below).await;
    let in_use = world.send(&world.admin(), Method::DELETE, &path, json!(null)).await;
    assert_eq!((in_use.status.as_u16(), in_use.code().as_str()), (409, "account_in_use"));
    let both = json!({"action": "delete", "ids": [below["id"], made["id"]]});
    let report = world.post(&world.admin(), "/accounts/bulk", both).await.json();
    assert_eq!((&report["done"], &report["refused"]), (&json!(2), &json!(0)), "{report}");
    assert_eq!(world.get(&world.admin(), &path).await.code(), "out_of_reach");
    assert!(!names(&world.items(&world.vendor(), "/accounts").await).contains(&"Short-lived"));
    world.made(with("Short-lived", json!({"kind": "end_customer"}))).await;
}

#[tokio::test]
async fn an_account_has_an_enrolment_code_that_its_administrators_see_and_change() {
    let world = World::new().await;
    let path = "/accounts/{account}/enrolment-code";
    let first = world.send(&world.admin(), Method::PUT, path, json!({})).await.json()["enrolment_code"].clone();
    assert_eq!(first.as_str().map(str::len), Some(19));
    let own = json!({"code": "abcd-efgh-2345-6789"});
    let second = world.send(&world.admin(), Method::PUT, path, own.clone()).await.json();
    assert_eq!(second["enrolment_code"], "ABCD-EFGH-2345-6789");
    let viewer = world.get(&world.of(Relation::Own, Role::Viewer), "/accounts/{account}").await.json();
    assert_eq!(viewer["enrolment_code"], json!(null));
    let taken = world.send(&world.admin(), Method::PUT, "/accounts/{child}/enrolment-code", own).await;
    assert_eq!(taken.code(), "key_taken", "no two accounts have the same");
    let none = world.send(&world.admin(), Method::DELETE, path, json!(null)).await.json();
    assert_eq!(none["enrolment_code"], json!(null));
}
