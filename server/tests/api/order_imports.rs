//! Orders imported from CSV (A63).

use super::orders::{is_sound, order};
use super::world::{Answer, Relation, World};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::Verb;
use leasehold_ledger::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn import(world: &World, token: &str, query: &str, file: &str) -> Answer {
    let request = world.request(token, Method::POST, &format!("/accounts/{{account}}/orders/import{query}"));
    let request = request.header(CONTENT_TYPE, "text/csv").body(world.path(file).into()).expect("a request");
    world.raw(request).await
}

fn counts(report: &Value) -> [u64; 3] {
    ["created", "unchanged", "failed"].map(|name| report[name].as_u64().expect("a count"))
}

fn codes(report: &Value) -> BTreeSet<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problems = report["problems"].as_array().expect("problems").iter();
    problems.map(|one| (one["line"].as_u64().expect("a line"), text(&one["column"]), text(&one["code"]))).collect()
}

const FILE: &str = "entitlement,reference,account,sku,units,expires,free_upgrade_until,free_on,kind\r\n\
    SO-7,PO 1,,OBM-STD,OBM=10;VM=5,2028-01-31T12:00:00Z,2028-01-31,expiry,activation_id\r\n\
    SO-8,,{child},OBM-STD,VM=1,,,,permission_key\r\n\
    SO-7,PO 1,,OBM-STD,OBM=2,,,,\r\n";

#[tokio::test]
async fn a63_v2_orders_are_imported_by_the_vendor_whole_and_again_change_nothing() {
    let world = World::new().await;
    let before = world.store.rows();
    for (relation, role) in
        [(Relation::Top, Role::Operator), (Relation::Above, Role::Admin), (Relation::Own, Role::Admin)]
    {
        let token = world.ids.token(relation, role).to_owned();
        assert_eq!(import(&world, &token, "?dry_run=true", FILE).await.code(), "admin_only", "{relation:?}");
    }
    let dry = import(&world, &world.vendor(), "?dry_run=true", FILE).await;
    assert_eq!(dry.status, 200, "{:?}", dry.bytes);
    let dry = dry.json();
    assert_eq!((counts(&dry), codes(&dry).len(), &dry["dry_run"]), ([3, 0, 0], 0, &json!(true)), "{dry}");
    assert!(world.store.rows() == before, "a dry run writes nothing");

    let report = import(&world, &world.vendor(), "", FILE).await.json();
    assert_eq!(counts(&report), [3, 0, 0], "{report}");
    let lots = order(&world, "SO-7").await;
    let minted = lots["lots"].as_array().expect("lots").iter().map(|lot| lot["minted"].clone()).collect::<Vec<_>>();
    assert!(minted.contains(&json!({"OBM": 10, "VM": 5})) && minted.contains(&json!({"OBM": 2})), "{minted:?}");
    assert_eq!(lots["reference"], json!("PO 1"));
    let dated =
        lots["lots"].as_array().expect("lots").iter().find(|lot| !lot["expires"].is_null()).expect("a dated one");
    assert_eq!(
        (&dated["expires"], &dated["free_upgrade_until"], &dated["free_on"], &dated["id"]),
        (&json!("2028-01-31T12:00:00Z"), &json!("2028-01-31"), &json!("expiry"), &report["lines"][0]["id"])
    );
    let other = order(&world, "SO-8").await;
    assert_eq!(other["lots"][0]["account"], json!(world.ids.account(Relation::Below)));
    let key = other["lots"][0]["key"].as_str().expect("a key");
    let key = world.get(&world.vendor(), &format!("/keys/{key}")).await.json();
    assert_eq!(key["kind"], json!("permission_key"));
    let view = world.store.read().expect("memory");
    let events = leasehold_ledger::view::list::<leasehold_ledger::record::Event>(view.as_ref(), &[], None, usize::MAX);
    let orders = events.expect("they decode").into_iter().filter(|event| event.verb == Verb::UnitsMinted);
    assert_eq!(
        orders.map(|event| event.subject).collect::<Vec<_>>(),
        ["SO-1", "SO-C", "SO-7", "SO-8"],
        "one Event an order"
    );
    drop(view);

    let before = world.store.rows();
    let again = import(&world, &world.vendor(), "", FILE).await.json();
    assert_eq!(counts(&again), [0, 3, 0], "{again}");
    assert_eq!(again["lines"][0]["id"], report["lines"][0]["id"]);
    assert!(world.store.rows() == before, "it is there, just as the file says");
    let more = format!("{FILE}SO-8,,{{child}},OBM-STD,VM=1,,,,\r\n");
    assert_eq!(import(&world, &world.vendor(), "", &more).await.code(), "import_invalid", "an order is not added to");
    is_sound(&world);
}

#[tokio::test]
async fn every_error_of_a_file_of_orders_is_shown_at_once() {
    let world = World::new().await;
    let file = "entitlement,sku,units,account,expires,free_on,kind,reference,colour\n\
        ,OBM-STD,OBM=1,,,,,,\n\
        A,NONE,OBM=1,,,,,,\n\
        A,OBM-STD,CPU=1,,,,,,\n\
        A,OBM-STD,OBM=1,,,,,,\n\
        B,OBM-STD,OBM,nobody,tomorrow,never,pool,,\n\
        SO-1,OBM-STD,OBM=1,,,,,,\n\
        C,OBM-STD,OBM=1,,,,,PO 1,\n\
        C,OBM-STD,OBM=1,{child},,,,PO 1,\n\
        D,OBM-STD,OBM=1;OBM=2,,,,,,\n\
        E,OBM-STD,OBM=1,,2020-01-01T00:00:00Z,,,,\n\
        F,OBM-STD,OBM=1,01a1ffb1-5470-7008-bca9-a75d4f4b148c,,,,,\n\
        G,OBM-STD,OBM=1,,,,pool_key,,\n\
        H,OBM-STD\n";
    let before = world.store.rows();
    let dry = import(&world, &world.vendor(), "?dry_run=true", file).await;
    let dry = dry.json();
    let expected: BTreeSet<(u64, String, String)> = [
        (1, "colour", "column_unknown"),
        (2, "entitlement", "cell_empty"),
        (3, "", "out_of_reach"),
        (4, "", "bad_quantity"),
        (6, "units", "cell_invalid"),
        (6, "account", "cell_invalid"),
        (6, "expires", "cell_invalid"),
        (6, "free_on", "cell_invalid"),
        (6, "kind", "cell_invalid"),
        (7, "", "name_taken"),
        (9, "", "order_differs"),
        (10, "units", "cell_invalid"),
        (11, "expires", "field_invalid"),
        (12, "", "out_of_reach"),
        (13, "kind", "field_invalid"),
        (14, "units", "cell_empty"),
        (14, "", "cells_missing"),
    ]
    .into_iter()
    .map(|(line, column, code)| (line, column.to_owned(), code.to_owned()))
    .collect();
    let found = codes(&dry);
    assert!(found == expected, "missing {:?}, too many {:?}", &expected - &found, &found - &expected);
    let real = import(&world, &world.vendor(), "", file).await;
    assert_eq!((real.status.as_u16(), real.code().as_str()), (422, "import_invalid"));
    assert_eq!(real.json()["problems"], dry["problems"]);
    assert!(world.store.rows() == before, "all or nothing");
}

#[tokio::test]
async fn what_is_wrong_with_an_order_as_a_whole_is_said_of_each_of_its_lines() {
    let world = World::new().await;
    let code = "AAAA-BBBB-CCCC-9999";
    let file = format!(
        "entitlement,sku,units,activation_id\nA,OBM-STD,OBM=1,{code}\nA,OBM-STD,OBM=1,{code}\nB,OBM-STD,VM=1,\n"
    );
    let dry = import(&world, &world.vendor(), "?dry_run=true", &file).await.json();
    let taken = |line| (line, String::new(), "key_taken".to_owned());
    assert_eq!((codes(&dry), counts(&dry)), (BTreeSet::from([taken(2), taken(3)]), [1, 0, 2]), "{dry}");
    let long = format!("entitlement,sku,units\n{}", "A,OBM-STD,OBM=1\n".repeat(101));
    let dry = import(&world, &world.vendor(), "?dry_run=true", &long).await.json();
    assert_eq!((counts(&dry), &dry["problems"][0]["code"]), ([0, 0, 101], &json!("bad_quantity")));
}

#[tokio::test]
async fn a_list_of_lots_that_was_exported_is_imported_as_it_is() {
    let world = World::new().await;
    import(&world, &world.vendor(), "", FILE).await;
    let exported = world.get(&world.vendor(), "/accounts/{account}/lots?format=csv").await;
    let text = String::from_utf8(exported.bytes.to_vec()).expect("UTF-8");
    assert_eq!(text.lines().count(), 7, "{text}");
    let same = import(&world, &world.vendor(), "", &text).await.json();
    assert_eq!(counts(&same), [0, 6, 0], "{same}");
    let elsewhere = World::new().await;
    let other = elsewhere.ids.account(Relation::Own).to_string();
    let moved = text.replace(&world.ids.account(Relation::Own).to_string(), &other);
    let lines: Vec<&str> =
        moved.split("\r\n").filter(|line| !line.contains("SO-1") && !line.contains("SO-C")).collect();
    let made = import(&elsewhere, &elsewhere.vendor(), "", &lines.join("\r\n")).await.json();
    assert_eq!(counts(&made), [2, 0, 0], "{made}");
    let ids = |order: &Value| -> BTreeSet<String> {
        let lots = order["lots"].as_array().expect("lots").iter();
        lots.map(|lot| lot["activation_id"].to_string() + &lot["minted"].to_string()).collect()
    };
    assert_eq!(
        ids(&order(&world, "SO-7").await),
        ids(&order(&elsewhere, "SO-7").await),
        "with the same Activation IDs"
    );
}

#[tokio::test]
async fn an_import_that_is_sent_again_with_its_key_is_answered_the_same() {
    let world = World::new().await;
    let send = async || {
        let request = world.request(&world.vendor(), Method::POST, "/accounts/{account}/orders/import");
        let request = request.header(CONTENT_TYPE, "text/csv").header("idempotency-key", "\"orders-1\"");
        world.raw(request.body(world.path(FILE).into()).expect("a request")).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), first.bytes), (200, again.bytes.clone()));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_thousand_lines_of_orders_are_imported_in_moments() {
    let world = World::new().await;
    let lines: String = (0..1000).map(|number| format!("SO-X{},OBM-STD,OBM=1\n", number / 4)).collect();
    let report = import(&world, &world.vendor(), "", &format!("entitlement,sku,units\n{lines}")).await.json();
    assert_eq!(counts(&report), [1000, 0, 0]);
    is_sound(&world);
}
