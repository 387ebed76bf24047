//! Pages: complete, in a stable order, whatever happens between them.

use super::world::{Relation, World, new_account};
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn ids(world: &World, token: &str, path: &str, limit: usize, field: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = world.get(token, &format!("{path}?limit={limit}{next}")).await.json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= limit);
        found.extend(items.iter().map(|item| item[field].clone()));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn every_list_is_the_same_in_pages_of_any_size() {
    let world = World::new().await;
    for number in 0..7 {
        world.send(&world.admin(), Method::POST, "/accounts", new_account(&format!("Customer {number}"))).await;
        let pool = json!({"name": format!("Pool {number}"), "product": "{sku}"});
        world.send(&world.admin(), Method::POST, "/accounts/{account}/pools", pool).await;
        let key = json!({"name": format!("key-{number}")});
        world.send(&world.admin(), Method::POST, "/pools/{pool}/keys", key).await;
    }
    let lists = [
        ("/accounts", "id", 9),
        ("/accounts/{account}/children", "id", 8),
        ("/accounts/{account}/pools", "id", 9),
        ("/pools/{pool}/keys", "id", 9),
        ("/accounts/{account}/lots", "id", 3),
        ("/accounts/{account}/activations", "id", 2),
        ("/accounts/{account}/devices", "id", 2),
        ("/accounts/{account}/requests", "request", 1),
        ("/accounts/{account}/tokens", "id", 4),
        ("/accounts/{account}/events", "number", 30),
        ("/products", "sku", 1),
    ];
    for (path, field, least) in lists {
        let whole = ids(&world, &world.admin(), path, 500, field).await;
        let distinct: BTreeSet<String> = whole.iter().map(Value::to_string).collect();
        assert!(whole.len() >= least && distinct.len() == whole.len(), "{path}: {whole:?}");
        for limit in [1, 2, 3, 7] {
            assert_eq!(ids(&world, &world.admin(), path, limit, field).await, whole, "{path} by {limit}");
        }
    }
}

#[tokio::test]
async fn an_account_made_between_two_pages_moves_no_other() {
    let world = World::new().await;
    for name in ["B", "D", "F", "H"] {
        world.send(&world.admin(), Method::POST, "/accounts", new_account(name)).await;
    }
    let children = "/accounts/{account}/children";
    let first = world.get(&world.admin(), &format!("{children}?limit=2")).await.json();
    for name in ["A", "C", "G"] {
        world.send(&world.admin(), Method::POST, "/accounts", new_account(name)).await;
    }
    let next = first["next"].as_str().expect("more");
    let rest = world.get(&world.admin(), &format!("{children}?cursor={next}")).await.json();
    let name = |item: &Value| item["name"].as_str().expect("a name").to_owned();
    let names: Vec<String> =
        [&first, &rest].iter().flat_map(|page| page["items"].as_array().expect("items")).map(name).collect();
    assert_eq!(names, ["B", "Child", "D", "F", "G", "H"]);
}

#[tokio::test]
async fn the_tree_lists_each_account_before_those_below_it() {
    let world = World::new().await;
    let accounts = ids(&world, &world.vendor(), "/accounts", 2, "name").await;
    assert_eq!(accounts, ["Vendor", "Parent", "Sibling", "Target", "Child", "Stranger"]);
    assert_eq!(ids(&world, &world.admin(), "/accounts", 1, "name").await, ["Target", "Child"]);
}

#[tokio::test]
async fn a_cursor_of_another_list_leads_nowhere_else() {
    let world = World::new().await;
    let page = world.get(&world.vendor(), "/accounts?limit=1").await.json();
    let cursor = page["next"].as_str().expect("more");
    let own = world.get(&world.admin(), &format!("/accounts?cursor={cursor}")).await;
    assert_eq!(own.code(), "out_of_reach", "the vendor's account is not in the target's tree");
}

#[tokio::test]
async fn a_cursor_out_of_another_accounts_list_is_refused() {
    let world = World::new().await;
    let cursor = URL_SAFE_NO_PAD.encode([*world.ids.account(Relation::Below).bytes(), [0; 16]].concat());
    for list in ["members", "line-items", "reports/expiring", "reports/low-pools", "reports/silent"] {
        let ask = async |account: &str| {
            world.get(&world.admin(), &format!("/accounts/{account}/{list}?cursor={cursor}")).await.code()
        };
        assert_eq!(ask("{account}").await, "query_invalid", "{list}");
        assert_eq!(ask(&world.ids.account(Relation::Far).to_string()).await, "out_of_reach", "{list}");
    }
}
