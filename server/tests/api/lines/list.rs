//! Line items: what was bought and is not activated.

use crate::world::{Relation, World};
use axum::body::Body;
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

const LIST: &str = "/accounts/{account}/line-items";
const COLUMNS: [&str; 8] = [
    "activation_id",
    "entitlement_id",
    "sold_to",
    "product",
    "version",
    "available_quantity",
    "total_quantity",
    "expiration",
];

impl World {
    async fn lines(&self, query: &str) -> Vec<Value> {
        self.items(&self.of(Relation::Own, Role::Viewer), &format!("{LIST}{query}")).await
    }

    async fn csv(&self, query: &str) -> Vec<String> {
        let token = self.of(Relation::Own, Role::Viewer);
        let request = self.request(&token, Method::GET, &format!("{LIST}{query}")).header("accept", "text/csv");
        let answer = self.raw(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
        String::from_utf8_lossy(&answer.bytes).lines().map(str::to_owned).collect()
    }
}

fn codes(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["activation_id"].as_str().expect("a code")).collect()
}

#[tokio::test]
async fn v3_every_line_of_an_order_has_a_key_of_its_own() {
    let world = World::new().await;
    let lines = json!([{"product": "{sku}", "units": {"OBM": 1}}, {"product": "{sku}", "units": {"OBM": 2}}]);
    let order = json!({"entitlement": "SO-3", "lines": lines});
    let made = world.post(&world.vendor(), "/accounts/{account}/orders", order).await.json();
    let own = world.lines("?entitlement_id=SO-3").await;
    assert_eq!(own.len(), 2, "one row a line");
    let keys = |of: &Value, field: &str| {
        let of = of.as_array().expect("lines").iter().map(|line| line[field].to_string());
        of.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(keys(&made["lots"], "activation_id"), keys(&json!(own), "activation_id"));
    assert_eq!(keys(&made["lots"], "key").len(), 2);
}

#[tokio::test]
async fn v26_what_is_not_activated_is_listed_one_row_a_line() {
    let world = World::new().await;
    let lines = world.lines("").await;
    assert_eq!(codes(&lines), ["AAAA-BBBB-CCCC-1111", "AAAA-BBBB-CCCC-2222"], "what was pooled is no line");
    let device = crate::device::Device::new(60).asks(1, 6);
    let all = world.upload(&world.admin(), "/accounts/{account}/requests", &device).await;
    assert_eq!(all.status, 200, "{:?}", all.bytes);
    assert_eq!(codes(&world.lines("").await), ["AAAA-BBBB-CCCC-1111"], "all of the other is in use");
    let every = world.lines("?used_up=true").await;
    assert_eq!((every.len(), &every[1]["available_quantity"]), (2, &json!({})));
    world.sold("{child}", "SO-9", json!({})).await;
    assert_eq!((world.lines("").await.len(), world.lines("?subtree=true").await.len()), (1, 2));
    let above = world.of(Relation::Above, Role::Viewer);
    assert_eq!(world.items(&above, &format!("{LIST}?subtree=true&limit=1")).await.len(), 1, "a page of it");
}

#[tokio::test]
async fn the_lines_of_a_subtree_are_the_same_in_pages_of_every_size() {
    let world = World::new().await;
    for number in 0..5 {
        world.sold("{child}", &format!("SO-9{number}"), json!({})).await;
    }
    let (token, whole) = (world.of(Relation::Own, Role::Viewer), world.lines("?subtree=true").await);
    assert_eq!(whole.len(), 7);
    for limit in 1..9 {
        let (mut found, mut next) = (Vec::new(), Some(String::new()));
        while let Some(cursor) = next {
            let cursor = if cursor.is_empty() { cursor } else { format!("&cursor={cursor}") };
            let page = world.get(&token, &format!("{LIST}?subtree=true&limit={limit}{cursor}")).await.json();
            found.extend(page["items"].as_array().expect("items").clone());
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(found, whole, "pages of {limit}");
    }
}

#[tokio::test]
async fn v27_the_list_has_eight_columns_in_their_order() {
    let world = World::new().await;
    let lines = world.csv("").await;
    assert_eq!(lines[0], COLUMNS.map(|name| format!("\"{name}\"")).join(","));
    let first = world.lines("").await[0].clone();
    assert_eq!(first.as_object().expect("a row").len(), COLUMNS.len(), "{first}");
}

#[tokio::test]
async fn v28_total_is_what_was_bought_and_available_what_is_not_activated() {
    let world = World::new().await;
    let product = json!({"sku": "CAM", "name": "Camera", "version": "7.2", "kinds": ["channel"], "compat": "cam"});
    assert_eq!(world.post(&world.vendor(), "/products", product).await.status, 201);
    let line = json!({"product": "CAM", "units": {"channel": 8}, "expires": "2035-01-31T00:00:00Z"});
    world.sold("{child}", "SO-9", line).await;
    let lines = world.lines("?subtree=true").await;
    let of = |number: &str| lines.iter().find(|line| line["entitlement_id"] == number).expect("listed").clone();
    let sold = of("SO-9");
    let expected = ["Child", "CAM", "7.2", "2035-01-31T00:00:00Z"];
    assert_eq!(
        ["sold_to", "product", "version", "expiration"].map(|field| sold[field].clone()),
        expected.map(Value::from)
    );
    let partly = lines.iter().find(|line| line["activation_id"] == "AAAA-BBBB-CCCC-2222").expect("listed");
    assert_eq!(
        (&partly["available_quantity"], &partly["total_quantity"], &partly["expiration"]),
        (&json!({"OBM": 6}), &json!({"OBM": 10}), &json!("permanent"))
    );
}

#[tokio::test]
async fn v29_the_list_is_searched_and_filtered() {
    let world = World::new().await;
    let dated = world.sold("{child}", "SO-9", json!({"expires": "2035-01-31T00:00:00Z"})).await;
    let code = dated["activation_id"].as_str().expect("a code");
    for query in [
        "q=child",
        "q=so-9",
        "entitlement_id=so-9",
        "sold_to=CHILD",
        "expiration_from=2030-01-01T00:00:00Z",
        &format!("activation_id={code}"),
        &format!("q={}", &code[5..14]),
    ] {
        assert_eq!(codes(&world.lines(&format!("?subtree=true&{query}")).await), [code], "{query}");
    }
    assert_eq!(world.lines("?subtree=true&product=none").await.len(), 0);
    let sorted = world.lines("?subtree=true&sort=-sold_to").await;
    assert_eq!(
        sorted.iter().map(|line| line["sold_to"].as_str().expect("a name")).collect::<Vec<_>>(),
        ["Target", "Target", "Child"]
    );
    let token = world.of(Relation::Own, Role::Viewer);
    for query in ["subtree=perhaps", "sort=subtree", "ids_from=1", "bogus=1"] {
        let answer = world.get(&token, &format!("{LIST}?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "query_invalid"), "{query}");
    }
}

#[tokio::test]
async fn v30_chosen_rows_are_exported_and_no_cell_is_a_formula() {
    let world = World::new().await;
    let rename = json!({"name": "=cmd|' /C calc'!A0"});
    assert!(world.patch(&world.vendor(), "/accounts/{child}", rename).await.status.is_success());
    let lot = world.sold("{child}", "SO-9", json!({})).await;
    let code = lot["activation_id"].as_str().expect("a code");
    let rows = world.csv(&format!("?subtree=true&ids={code},AAAA-BBBB-CCCC-1111")).await;
    assert_eq!(rows.len(), 3, "the head and two of three rows: {rows:?}");
    assert!(rows[1].starts_with("\"AAAA-BBBB-CCCC-1111\",\"SO-1\",\"Target\""), "{rows:?}");
    assert!(rows[2].contains(",\"'=cmd|"), "{rows:?}");
    assert!(world.csv("?ids=NONE").await.len() == 1, "none was chosen");
    let many = vec![code; 500].join(",");
    assert_eq!(world.csv(&format!("?subtree=true&ids={many}")).await.len(), 2, "as many as a page has");
}

#[tokio::test]
async fn v31_devices_are_listed_and_lead_to_their_licences() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    for device in world.items(&viewer, "/accounts/{account}/devices").await {
        let of = format!("/accounts/{{account}}/activations?device={}", device["id"].as_str().expect("an id"));
        let activations = world.items(&viewer, &of).await;
        assert_eq!(json!(activations.len()), device["activations"]);
        let key = format!("/keys/{}", activations[0]["key"].as_str().expect("a key"));
        let key = world.get(&viewer, &key).await.json();
        assert_eq!((&key["in_use"], &key["product"]), (&json!(true), &json!("OBM-STD")), "{key}");
        assert!(activations[0]["lease"]["units"].is_object(), "what it has");
    }
}
