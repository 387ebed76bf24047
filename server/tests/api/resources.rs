//! What the routes do when they do it.

use super::roles::find;
use super::world::{NOW, World};
use axum::http::Method;
use serde_json::{Value, json};

async fn call(world: &World, token: &str, operation: &str) -> Value {
    let answer = world.raw(find(world, operation).request(world, token)).await;
    assert!(answer.status.is_success(), "{operation}: {:?}", answer.bytes);
    if answer.bytes.is_empty() { Value::Null } else { answer.json() }
}

#[tokio::test]
async fn accounts_are_made_changed_and_found_where_they_say() {
    let world = World::new().await;
    let answer = world.raw(find(&world, "create_account").request(&world, &world.admin())).await;
    assert_eq!(answer.status, 201);
    let account = answer.json();
    let at = answer.header("location").strip_prefix("/api/v1").expect("a location").to_owned();
    assert_eq!(world.get(&world.admin(), &at).await.json(), account);
    let change = json!({"email": "desk@labs.example", "notes": "n", "key_prefix": "CSV"});
    let changed = world.send(&world.admin(), Method::PATCH, &at, change).await.json();
    assert_eq!(
        (&changed["email"], &changed["key_prefix"], &changed["name"]),
        (&json!("desk@labs.example"), &json!("CSV"), &json!("New"))
    );
    let cleared = world.send(&world.admin(), Method::PATCH, &at, json!({"email": null})).await.json();
    assert_eq!(
        (&cleared["email"], &cleared["notes"], &cleared["key_prefix"]),
        (&json!(null), &json!("n"), &json!("CSV"))
    );
    assert_eq!(call(&world, &world.vendor(), "deactivate_account").await["status"], "inactive");
    assert_eq!(call(&world, &world.vendor(), "reactivate_account").await["status"], "active");
}

#[tokio::test]
async fn an_order_becomes_lots_with_activation_ids() {
    let world = World::new().await;
    let order = json!({"entitlement": "SO-2", "reference": "PO-7", "lines": [
        {"product": "{sku}", "units": {"OBM": 10}, "expires": "2030-01-31T12:00:00+01:00"},
        {"product": "{sku}", "units": {"VM": 2}, "free_upgrade_until": "2031-05-06", "free_on": "expiry", "activation_id": "zzzz-zzzz-zzzz-zzzz"},
    ]});
    let made = world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", order).await.json();
    let lots = made["lots"].as_array().expect("lots");
    assert_eq!((&lots[0]["units"], &lots[0]["expires"]), (&json!({"OBM": 10}), &json!("2030-01-31T11:00:00Z")));
    assert_eq!((&lots[1]["free_upgrade_until"], &lots[1]["free_on"]), (&json!("2031-05-06"), &json!("expiry")));
    assert_eq!(lots[1]["activation_id"], "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    for lot in lots {
        let path = format!("/lots/{}", lot["id"].as_str().expect("an id"));
        assert_eq!(world.get(&world.admin(), &path).await.json(), *lot);
    }
    let again = json!({"entitlement": "SO-2", "lines": [{"product": "{sku}", "units": {"OBM": 1}}]});
    assert_eq!(
        world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", again).await.code(),
        "name_taken"
    );
}

#[tokio::test]
async fn h3_h12_h14_units_go_from_lot_to_stock_to_pool_to_key() {
    let world = World::new().await;
    let stock = call(&world, &world.admin(), "convert_lot").await;
    assert_eq!(
        (&stock["role"], &stock["name"], &stock["units"]),
        (&json!("stock"), &json!("standard"), &json!({"OBM": 80}))
    );
    assert_eq!(call(&world, &world.vendor(), "show_lot").await["converted"], NOW.to_string());
    let pool = call(&world, &world.admin(), "set_pool_quota").await;
    assert_eq!(
        (&pool["quota"], &pool["granted"], &pool["units"]),
        (&json!({"OBM": 50}), &json!({"OBM": 15}), &json!({"OBM": 35}))
    );
    let key = call(&world, &world.admin(), "create_key").await;
    assert_eq!(
        (&key["licensee"], &key["units"], &key["in_use"], &key["kind"]),
        (&json!("new"), &json!({"OBM": 1}), &json!(false), &json!("pool_key"))
    );
    let moved = call(&world, &world.admin(), "move_units").await;
    assert_eq!((&moved["units"], &moved["account"]), (&json!({"OBM": 5}), &json!(world.path("{child}"))));
    let retired = world.send(&world.vendor(), Method::POST, "/lots/{lot}/retire", json!({"units": {"OBM": 1}})).await;
    assert_eq!(retired.code(), "insufficient_units", "the lot is empty now");
}

#[tokio::test]
async fn h27_h28_units_taken_from_a_key_in_use_arrive_when_its_lease_has_ended() {
    let world = World::new().await;
    let key = call(&world, &world.admin(), "set_key_quota").await;
    assert_eq!(
        (&key["units"], &key["charged"], &key["in_use"]),
        (&json!({"OBM": 3}), &json!({"OBM": 3}), &json!(true))
    );
    let pool = world.get(&world.admin(), "/pools/{pool}").await.json();
    assert_eq!((&pool["encumbered"], &pool["free"]), (&json!({"OBM": 7}), &json!({"OBM": 25})));
    let end = NOW.plus(14 * 86_400);
    assert_eq!(pool["arriving"], json!([{"units": {"OBM": 7}, "at_latest": end.to_string()}]));
    let activation = world.get(&world.admin(), "/activations/{activation}").await.json();
    assert_eq!(activation["encumbrances"], json!([{"holding": world.ids.pool.to_string(), "units": {"OBM": 7}}]));
    assert_eq!(
        (&activation["lease"]["units"], &activation["lease"]["expires"]),
        (&json!({"OBM": 10}), &json!(end.to_string()))
    );
    let later = world.at(end);
    let pool = later.get(&world.admin(), "/pools/{pool}").await.json();
    assert_eq!(
        (&pool["free"], &pool["arriving"]),
        (&json!({"OBM": 32}), &json!([])),
        "time has freed them, without a command"
    );
    assert_eq!(later.get(&world.admin(), "/activations/{activation}").await.json()["state"], "lapsed");
}

#[tokio::test]
async fn h8_totals_add_up_by_type() {
    let world = World::new().await;
    call(&world, &world.admin(), "set_key_quota").await;
    let overview = call(&world, &world.admin(), "show_overview").await;
    let totals = &overview["types"][0];
    let of = |field: &str| totals[field]["OBM"].as_u64().unwrap_or(0);
    assert_eq!(totals["compat"], "standard");
    assert_eq!((of("total"), of("in_lots"), of("in_stock"), of("in_pools"), of("in_keys")), (130, 30, 60, 32, 8));
    assert_eq!((of("free"), of("charged"), of("encumbered")), (130 - 4 - 3 - 7, 3 + 4, 7));
    assert_eq!(totals["arriving"][0]["units"], json!({"OBM": 7}));
}

#[tokio::test]
async fn keys_stop_resume_and_go() {
    let world = World::new().await;
    assert_eq!(call(&world, &world.admin(), "stop_key").await["state"], "stopped");
    assert_eq!(call(&world, &world.admin(), "resume_key").await["state"], "open");
    call(&world, &world.admin(), "delete_key").await;
    assert_eq!(world.get(&world.admin(), "/keys/{idle}").await.code(), "out_of_reach");
    let keys = call(&world, &world.admin(), "list_keys").await;
    assert_eq!(keys["items"].as_array().expect("items").len(), 1);
    let pool = world.get(&world.admin(), "/pools/{pool}").await.json();
    assert_eq!((&pool["units"], &pool["quota"]), (&json!({"OBM": 30}), &json!({"OBM": 40})), "its units are back");
}

#[tokio::test]
async fn devices_activations_and_jobs_are_seen() {
    let world = World::new().await;
    let devices = call(&world, &world.admin(), "list_devices").await;
    let server = devices["items"].as_array().expect("items").iter().find(|device| device["name"] == "server 2");
    let server = server.expect("the console");
    assert_eq!(
        (&server["in_use"], &server["activations"], &server["last_seen"]),
        (&json!(true), &json!(1), &json!(NOW.to_string()))
    );
    let of_key = call(&world, &world.admin(), "list_key_activations").await;
    assert_eq!(of_key["items"], json!([call(&world, &world.admin(), "show_activation").await]));
    assert_eq!(of_key["items"][0]["device"], server["id"]);
    assert_eq!(call(&world, &world.vendor(), "run_job").await, json!({"name": "lapse", "done": 0}));
    assert_eq!(call(&world, &world.vendor(), "list_jobs").await["items"][0]["last_run"], NOW.to_string());
}

#[tokio::test]
async fn a_product_gets_the_usual_rules_unless_others_are_named() {
    let world = World::new().await;
    let made = call(&world, &world.vendor(), "create_product").await;
    assert_eq!(
        (&made["lease_term"], &made["maintenance"], &made["offline"]),
        (&json!(1_209_600), &json!("stops_renewal"), &json!(false))
    );
    assert_eq!(world.get(&world.admin(), "/products/NEW").await.json(), made);
}
