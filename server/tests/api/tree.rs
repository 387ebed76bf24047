//! Facts about accounts and their tree, as the portals have them.

use super::world::{Answer, Relation, World, new_account};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::store::Table;
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

fn with(name: &str, more: Value) -> Value {
    let mut body = new_account(name);
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    body
}

fn names(items: &[Value]) -> Vec<&str> {
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
    let level = |above: &Value, name: &str| {
        json!({"parent": above, "kind": "reseller", "name": name, "may_create_customers": true, "may_create_resellers": true})
    };
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
async fn a25_a31_a34_a_reseller_makes_a_customer_from_the_fields_of_a_form() {
    let world = World::new().await;
    let form = json!({
        "parent": "{account}", "kind": "end_customer", "name": "Example Labs", "email": "desk@labs.example",
        "notes": "pays late", "key_prefix": "LABS", "products": ["{sku}"], "may_create_customers": false,
    });
    let made = world.made(form).await;
    assert_eq!((&made["kind"], &made["name"], &made["status"]), (&json!("end_customer"), &json!("Example Labs"), &json!("active")));
    assert_eq!((&made["email"], &made["key_prefix"]), (&json!("desk@labs.example"), &json!("LABS")));
    assert_eq!((&made["notes"], &made["products"]), (&json!("pays late"), &json!([super::world::SKU])));
    assert!(names(&world.items(&world.admin(), "/accounts/{account}/children").await).contains(&"Example Labs"));
    let taken = world.patch(&world.vendor(), "/accounts/{account}", json!({"may_create_customers": false})).await;
    assert!(taken.status.is_success());
    assert_eq!(world.post(&world.admin(), "/accounts", new_account("Another")).await.code(), "not_reseller");
}

#[tokio::test]
async fn a29_an_end_customer_makes_no_accounts() {
    let world = World::new().await;
    let below = world.of(Relation::Below, Role::Admin);
    for kind in ["end_customer", "reseller"] {
        let body = json!({"parent": "{child}", "kind": kind, "name": "Mine"});
        let answer = world.post(&below, "/accounts", body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "not_reseller"), "{kind}");
    }
}

#[tokio::test]
async fn a32_an_account_has_a_name() {
    let world = World::new().await;
    let mut nameless = new_account("");
    nameless.as_object_mut().expect("an object").remove("name");
    assert_eq!(world.post(&world.admin(), "/accounts", nameless).await.code(), "body_invalid");
    for name in ["", "  ", "a\nb", &"x".repeat(129)] {
        let answer = world.post(&world.admin(), "/accounts", new_account(name)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "field_invalid"), "{name:?}");
    }
}

#[tokio::test]
async fn a33_an_accounts_email_is_optional_and_signs_nobody_in() {
    let world = World::new().await;
    let people = |world: &World| {
        let of = [Table::Users, Table::UserNames, Table::Memberships, Table::Secrets, Table::Mails, Table::Tokens];
        world.store.rows().into_iter().filter(|(table, _, _)| of.contains(table)).collect::<Vec<_>>()
    };
    let before = people(&world);
    assert_eq!(world.made(new_account("Without")).await["email"], json!(null));
    let with_one = world.made(with("With", json!({"email": "desk@labs.example"}))).await;
    assert_eq!(with_one["email"], "desk@labs.example");
    assert!(people(&world) == before, "somebody may sign in, or gets a mail");
}

#[tokio::test]
async fn a36_one_customer_is_shown_with_all_there_is_to_it() {
    let world = World::new().await;
    let shown = world.get(&world.of(Relation::Above, Role::Viewer), "/accounts/{account}").await.json();
    for field in ["id", "parent", "kind", "name", "status", "email", "notes", "key_prefix", "products"] {
        assert!(shown.get(field).is_some(), "{field}: {shown}");
    }
    assert_eq!((&shown["name"], &shown["kind"]), (&json!("Target"), &json!("reseller")));
    for right in ["may_create_customers", "may_create_resellers"] {
        assert_eq!(shown[right], true, "{right}");
    }
}

#[tokio::test]
async fn a18_a38_a_customer_is_deactivated_and_reactivated_from_above() {
    let world = World::new().await;
    let (above, own) = (world.of(Relation::Above, Role::Admin), world.admin());
    let status = async |token: &str| world.get(token, "/accounts/{account}").await.json()["status"].clone();
    assert_eq!(status(&own).await, "active");
    for (act, after) in [("deactivate", "inactive"), ("reactivate", "active")] {
        let path = format!("/accounts/{{account}}/{act}");
        let refused = world.post(&own, &path, json!(null)).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "admin_only"), "{act}");
        assert_eq!(world.post(&above, &path, json!(null)).await.json()["status"], after);
        assert_eq!(status(&own).await, after);
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
    assert!(world.patch(&world.vendor(), &format!("/accounts/{}", world.ids.account(Relation::Above)), json!({"may_create_resellers": false})).await.status.is_success());
    let beyond = world.patch(&above, "/accounts/{account}", json!({"may_create_resellers": true})).await;
    assert_eq!(beyond.code(), "not_reseller", "nobody gives what it does not have");
}

#[tokio::test]
async fn t33_a_new_reseller_has_the_products_that_were_chosen_for_it() {
    let world = World::new().await;
    let other = json!({"sku": "OTHER", "name": "Other", "kinds": ["OBM"], "compat": "other"});
    assert_eq!(world.post(&world.vendor(), "/products", other).await.status, 201);
    let made = world.made(with("Chosen", json!({"kind": "reseller", "products": ["OTHER"]}))).await;
    let pools = format!("/accounts/{}/pools", made["id"].as_str().expect("an id"));
    let pool = |sku: &str| json!({"name": sku, "product": sku});
    let barred = world.post(&world.admin(), &pools, pool(super::world::SKU)).await;
    assert_eq!((barred.status.as_u16(), barred.code().as_str()), (403, "product_not_allowed"));
    assert_eq!(world.post(&world.admin(), &pools, pool("OTHER")).await.status, 201);
    // What is taken from the account above is taken from all below.
    assert!(world.patch(&world.vendor(), "/accounts/{account}", json!({"products": ["{sku}"]})).await.status.is_success());
    assert_eq!(world.post(&world.admin(), &pools, json!({"name": "Again", "product": "OTHER"})).await.code(), "product_not_allowed");
}

#[tokio::test]
async fn t36_resellers_are_listed_reviewed_edited_and_given_more() {
    let world = World::new().await;
    let above = world.of(Relation::Above, Role::Admin);
    let items = world.items(&above, &format!("/accounts/{}/children", world.ids.account(Relation::Above))).await;
    assert_eq!(names(&items), ["Sibling", "Target"]);
    let edited = world.patch(&above, "/accounts/{account}", json!({"name": "Renamed", "email": "r@labs.example"})).await;
    assert_eq!((&edited.json()["name"], &edited.json()["email"]), (&json!("Renamed"), &json!("r@labs.example")));
    let more = json!({"account": world.ids.account(Relation::Beside).to_string(), "units": {"OBM": 3}});
    let given = world.post(&above, "/pools/{pool}/moves", more).await;
    assert_eq!(given.json()["units"], json!({"OBM": 3}), "{:?}", given.bytes);
}
