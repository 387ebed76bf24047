//! Facts about one account: the form it is made from, what is shown of it, what is done with it.

use super::tree::{names, with};
use super::world::{Relation, World, new_account};
use leasehold_ledger::actor::Role;
use leasehold_ledger::store::Table;
use serde_json::json;

#[tokio::test]
async fn a25_a31_a34_a_reseller_makes_a_customer_from_the_fields_of_a_form() {
    let world = World::new().await;
    let form = json!({
        "parent": "{account}", "kind": "end_customer", "name": "Example Labs", "email": "desk@labs.example",
        "notes": "pays late", "key_prefix": "LABS", "products": ["{sku}"], "may_create_customers": false,
    });
    let made = world.made(form).await;
    assert_eq!(
        (&made["kind"], &made["name"], &made["status"]),
        (&json!("end_customer"), &json!("Example Labs"), &json!("active"))
    );
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
        let of = [Table::Users, Table::UserNames, Table::Memberships, Table::Secrets, Table::Outbox, Table::Tokens];
        world.store.rows().into_iter().filter(|(table, _, _)| of.contains(table)).collect::<Vec<_>>()
    };
    let before = people(&world);
    assert_eq!(world.made(new_account("Without")).await["email"], json!(null));
    let with_one = world.made(with("With", json!({"email": "desk@labs.example"}))).await;
    assert_eq!(with_one["email"], "desk@labs.example");
    assert!(people(&world) == before, "somebody may sign in, or gets a mail");
}

#[tokio::test]
async fn g18_an_accounts_own_administrator_edits_its_name_and_email() {
    let world = World::new().await;
    let edited =
        world.patch(&world.admin(), "/accounts/{account}", json!({"name": "Ours", "email": "o@labs.example"})).await;
    assert_eq!((&edited.json()["name"], &edited.json()["email"]), (&json!("Ours"), &json!("o@labs.example")));
    let operator = world.of(Relation::Own, Role::Operator);
    assert_eq!(world.patch(&operator, "/accounts/{account}", json!({"name": "Mine"})).await.code(), "admin_only");
    for more in
        [json!({"name": "Ours", "key_prefix": "P"}), json!({"products": null}), json!({"may_create_resellers": true})]
    {
        assert_eq!(
            world.patch(&world.admin(), "/accounts/{account}", more.clone()).await.code(),
            "admin_only",
            "{more}"
        );
    }
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
    assert!(
        world.patch(&world.vendor(), "/accounts/{account}", json!({"products": ["{sku}"]})).await.status.is_success()
    );
    assert_eq!(
        world.post(&world.admin(), &pools, json!({"name": "Again", "product": "OTHER"})).await.code(),
        "product_not_allowed"
    );
}

#[tokio::test]
async fn t36_resellers_are_listed_reviewed_edited_and_given_more() {
    let world = World::new().await;
    let above = world.of(Relation::Above, Role::Admin);
    let items = world.items(&above, &format!("/accounts/{}/children", world.ids.account(Relation::Above))).await;
    assert_eq!(names(&items), ["Sibling", "Target"]);
    let edited =
        world.patch(&above, "/accounts/{account}", json!({"name": "Renamed", "email": "r@labs.example"})).await;
    assert_eq!((&edited.json()["name"], &edited.json()["email"]), (&json!("Renamed"), &json!("r@labs.example")));
    let more = json!({"account": world.ids.account(Relation::Beside).to_string(), "units": {"OBM": 3}});
    let given = world.post(&above, "/pools/{pool}/moves", more).await;
    assert_eq!(given.json()["units"], json!({"OBM": 3}), "{:?}", given.bytes);
}
