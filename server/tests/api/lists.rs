//! Every list that says it sorts, filters and searches does what it says: read from the OpenAPI document, tried on the items it has.

use super::world::{NOW, World, new_account};
use axum::http::Method;
use leasehold_ledger::record::{AccountId, Device};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::rule::code::fold;
use leasehold_ledger::store::{Store, Table, Write};
use leasehold_protocol::SigningKey;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// All items of a list, page by page.
pub async fn all(world: &World, path: &str, query: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&world.vendor(), &format!("{path}?limit={limit}{query}{next}")).await;
        assert_eq!(answer.status, 200, "{path} {query}: {:?}", answer.bytes);
        let page = answer.json();
        found.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return found,
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A list of the document: its path and its parameters' names, with the words where there are some.
struct List {
    path: String,
    params: Vec<(String, Vec<String>)>,
}

fn lists() -> Vec<List> {
    let document = serde_json::to_value(leasehold::admin::document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, item) in paths {
        let params = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let query = params.iter().filter(|param| param["in"] == "query");
        let words = |param: &Value| {
            let words = param["schema"]["enum"].as_array().cloned().unwrap_or_default();
            words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let params: Vec<_> =
            query.map(|param| (param["name"].as_str().unwrap_or_default().to_owned(), words(param))).collect();
        if params.iter().any(|(name, _)| name == "sort") {
            found.push(List { path: path.trim_start_matches("/api/v1").to_owned(), params });
        }
    }
    found
}

async fn crowded() -> World {
    let world = World::sharing().await;
    let reserve = json!({"product": "{sku}", "units": {"OBM": 1}});
    world.send(&world.vendor(), Method::POST, "/accounts/{account}/reserves", reserve).await;
    for name in ["Zebra", "ant", "Élan", "élan 2"] {
        let mut account = new_account(name);
        account["email"] = format!("{}@example.com", name.len()).into();
        world.send(&world.admin(), Method::POST, "/accounts", account).await;
        let pool = json!({"name": name, "product": "{sku}"});
        world.send(&world.admin(), Method::POST, "/accounts/{account}/pools", pool).await;
    }
    for name in ["b-key", "A-key"] {
        world.send(&world.admin(), Method::POST, "/pools/{pool}/keys", json!({"name": name})).await;
        let product = json!({"sku": name, "name": name, "kinds": ["OBM"], "compat": name});
        world.send(&world.vendor(), Method::POST, "/products", product).await;
    }
    world
}

/// A field of an item; of a list of people, of the user in it or of the one place it is a line for.
fn shown<'a>(item: &'a Value, field: &str) -> Option<&'a Value> {
    let place = item["accounts"].as_array().filter(|places| places.len() == 1).map(|places| &places[0]);
    [Some(item), item.get("user"), item.get("product"), place].into_iter().flatten().find_map(|part| part.get(field))
}

fn text(item: &Value, field: &str) -> Option<String> {
    match shown(item, field)? {
        Value::String(text) if text == "permanent" => None, // the word for no end date
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[tokio::test]
async fn every_order_a_list_offers_is_that_order_in_pages_of_any_size() {
    let (world, mut orders) = (crowded().await, 0);
    for list in lists() {
        let whole = all(&world, &list.path, "", 500).await;
        assert!(!whole.is_empty(), "{}", list.path);
        let set = |items: &[Value]| items.iter().map(Value::to_string).collect::<BTreeSet<_>>();
        let sorts = list.params.iter().find(|(name, _)| name == "sort").expect("it sorts").1.clone();
        for sort in sorts {
            let items = all(&world, &list.path, &format!("&sort={sort}"), 500).await;
            assert!(items.len() == whole.len() && set(&items) == set(&whole), "{} by {sort}", list.path);
            let field = sort.trim_start_matches('-');
            assert!(
                items.iter().any(|item| shown(item, field).is_some()),
                "{}: {field} is no field of its items",
                list.path
            );
            let mut places: Vec<_> = items
                .iter()
                .map(|item| text(item, field).map_or((1, String::new()), |text| (0, fold(&text))))
                .collect();
            if sort.starts_with('-') {
                places.reverse();
            }
            assert!(places.is_sorted(), "{} by {sort}: {places:?}", list.path);
            assert_eq!(all(&world, &list.path, &format!("&sort={sort}"), 2).await, items, "{} by {sort}", list.path);
            orders += 1;
        }
    }
    assert!(orders > 100, "{orders}");
    println!("count lists: {orders} orders, each the same in pages of 500 and of 2");
}

#[tokio::test]
async fn every_filter_a_list_offers_leaves_what_fits_and_nothing_else() {
    let (world, mut filters) = (crowded().await, 0);
    for list in lists() {
        let whole = all(&world, &list.path, "", 500).await;
        for (name, words) in
            list.params.iter().filter(|(name, _)| !["limit", "cursor", "sort", "q", "format"].contains(&name.as_str()))
        {
            let mut values: BTreeSet<String> = whole.iter().filter_map(|item| text(item, name)).collect();
            values.extend(words.iter().cloned());
            for value in &values {
                let found = all(&world, &list.path, &format!("&{name}={}", encoded(value)), 3).await;
                let fits = |item: &&Value| text(item, name).is_some_and(|text| fold(&text) == fold(value));
                let expected: Vec<Value> = whole.iter().filter(fits).cloned().collect();
                assert_eq!(found, expected, "{} {name}={value}", list.path);
                filters += 1;
            }
            if let Some(field) = name.strip_suffix("_from") {
                filters += times(&world, &list.path, field, &whole).await;
            }
        }
    }
    assert!(filters > 110, "{filters}");
    println!("count lists: {filters} filters, each compared with the whole list");
}

/// A moment splits a list: what is before it, what is not, and what has none.
async fn times(world: &World, path: &str, field: &str, whole: &[Value]) -> usize {
    let moments: BTreeSet<String> = whole.iter().filter_map(|item| text(item, field)).collect();
    for moment in &moments {
        let before = all(world, path, &format!("&{field}_to={moment}"), 500).await;
        let after = all(world, path, &format!("&{field}_from={moment}"), 500).await;
        assert!(before.iter().all(|item| text(item, field).is_some_and(|at| at < *moment)), "{path} {field}");
        assert!(after.iter().all(|item| text(item, field).is_some_and(|at| at >= *moment)), "{path} {field}");
        let timed = whole.iter().filter(|item| text(item, field).is_some()).count();
        assert_eq!(before.len() + after.len(), timed, "{path} {field}");
    }
    moments.len()
}

#[tokio::test]
async fn a_search_finds_words_in_whatever_case_and_all_of_them() {
    let world = crowded().await;
    let names = async |q: &str| {
        let found = all(&world, "/accounts/{account}/children", &format!("&q={}", encoded(q)), 500).await;
        found.iter().filter_map(|item| text(item, "name")).collect::<Vec<_>>()
    };
    assert_eq!(names("\u{c9}LAN").await, ["Élan", "élan 2"]);
    assert_eq!(names("2 E\u{301}l").await, ["élan 2"]);
    assert_eq!(names("5@EXAMPLE.com").await, ["Zebra", "Élan"], "in the address too");
    assert_eq!(names("zebra ant").await, [""; 0]);
    assert_eq!(names(" ").await.len(), 5);
}

#[tokio::test]
async fn what_a_list_does_not_understand_it_refuses_by_name() {
    let world = World::new().await;
    for (query, named) in [
        ("sort=notes", "\"notes\" is none of name"),
        ("sort=name&sort=kind", "sort: it is given twice"),
        ("kind=king", "\"king\" is none of vendor"),
        ("colour=red", "colour: there is no such parameter"),
        ("name_from=2027-01-31T12:00:00Z", "name_from: there is no such parameter"),
        ("limit=many", "limit"),
    ] {
        let answer = world.get(&world.vendor(), &format!("/accounts?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "query_invalid"), "{query}");
        let detail = answer.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(named), "{query}: {detail}");
    }
    let lots = world.get(&world.admin(), "/accounts/{account}/lots?created_from=yesterday").await;
    assert_eq!(lots.code(), "query_invalid");
    let long = format!("/accounts?q={}", "x".repeat(257));
    assert_eq!(world.get(&world.vendor(), &long).await.code(), "query_invalid");
    let sorted = world.get(&world.vendor(), "/accounts?sort=name&limit=1").await.json();
    let cursor = sorted["next"].as_str().expect("more");
    let other = world.get(&world.vendor(), &format!("/accounts?sort=-name&cursor={cursor}")).await;
    assert_eq!(other.code(), "query_invalid", "a cursor belongs to its order");
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_rows() {
    let world = World::new().await;
    devices(&world, world.ids.account(super::world::Relation::Own), 10_001);
    let path = "/accounts/{account}/devices";
    let sorted = world.get(&world.admin(), &format!("{path}?sort=name")).await;
    assert_eq!((sorted.status.as_u16(), sorted.code().as_str()), (400, "too_many_to_sort"));
    let page = world.get(&world.admin(), &format!("{path}?q=nowhere")).await.json();
    assert_eq!((page["items"].as_array().map(Vec::len), page["next"].is_string()), (Some(0), true));
    let found = all(&world, path, "&name=device%2010000", 500).await;
    assert_eq!(found.len(), 1, "it is found some pages later");
}

#[tokio::test]
async fn a_page_of_activations_looks_at_a_bounded_number_of_holdings() {
    let world = World::new().await;
    let (path, account) = ("/accounts/{account}/activations", world.ids.account(super::world::Relation::Own));
    let whole = all(&world, path, "", 500).await;
    let idle = |number: u128| [*account.bytes(), number.to_be_bytes()].concat();
    let put =
        |tx: &mut dyn Write| (0..10_001).try_for_each(|number| tx.put(Table::AccountHoldings, &idle(number), &[]));
    world.store.write(&mut |tx| put(tx)).expect("memory");
    for query in ["?limit=1", "?q=nowhere"] {
        let page = world.get(&world.admin(), &format!("{path}{query}")).await.json();
        assert_eq!((page["items"].as_array().map(Vec::len), page["next"].is_string()), (Some(0), true), "{query}");
    }
    for limit in [1, 2, 500] {
        assert_eq!(all(&world, path, "", limit).await, whole, "they are found some pages later, by {limit}");
    }
    assert_eq!(world.get(&world.admin(), &format!("{path}?sort=created")).await.code(), "too_many_to_sort");
}

/// Puts as many devices into the store.
pub fn devices(world: &World, account: AccountId, count: u32) {
    let put = |tx: &mut dyn Write, number| {
        let device = device(account, number);
        tx.put(Device::TABLE, &device.key(), &row::encode(&device))
    };
    world.store.write(&mut |tx| (0..count).try_for_each(|number| put(tx, number))).expect("memory");
}

pub fn device(account: AccountId, number: u32) -> Device {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    let public = leasehold_protocol::PublicKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes());
    let name = Some(format!("device {number}"));
    Device { account, id: public.device_id(), public, name, fingerprint: Default::default(), first_seen: NOW }
}
