//! Import of accounts from CSV: everything wrong at once, all or nothing, and harmless when sent again.

use super::world::{Answer, World};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

async fn import(world: &World, token: &str, query: &str, file: &str) -> Answer {
    let request = world.request(token, Method::POST, &format!("/accounts/{{account}}/import{query}"));
    let request = request.header(CONTENT_TYPE, "text/csv").body(file.to_owned().into()).expect("a request");
    world.raw(request).await
}

const FILE: &str = "name,kind,parent,email,notes,products,may_create_customers\r\n\
    West,reseller,,west@example.com,\"two\r\nlines\",OBM-STD,yes\r\n\
    Shop,end_customer,west,,'=quoted,,\r\n\
    East,end_customer,,,,,no\r\n";

fn counts(report: &Value) -> [u64; 3] {
    ["created", "unchanged", "failed"].map(|name| report[name].as_u64().expect("a count"))
}

fn codes(report: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problems = report["problems"].as_array().expect("problems").iter();
    problems.map(|one| (one["line"].as_u64().expect("a line"), text(&one["column"]), text(&one["code"]))).collect()
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let world = World::new().await;
    let before = world.store.rows();
    let report = import(&world, &world.admin(), "?dry_run=true", FILE).await;
    assert_eq!(report.status, 200, "{:?}", report.bytes);
    let report = report.json();
    assert_eq!((counts(&report), codes(&report), report["dry_run"].clone()), ([3, 0, 0], vec![], json!(true)));
    assert!(report["lines"].as_array().expect("lines").iter().all(|line| line["id"].is_null()));
    assert!(world.store.rows() == before);
}

#[tokio::test]
async fn a_file_is_imported_whole_and_again_changes_nothing() {
    let world = World::new().await;
    let report = import(&world, &world.admin(), "", FILE).await.json();
    assert_eq!(counts(&report), [3, 0, 0], "{report}");
    let id = |at: usize| report["lines"][at]["id"].as_str().expect("an id").to_owned();
    let west = world.get(&world.admin(), &format!("/accounts/{}", id(0))).await.json();
    assert_eq!((&west["email"], &west["notes"]), (&json!("west@example.com"), &json!("two\r\nlines")));
    assert_eq!((&west["products"], &west["may_create_customers"]), (&json!(["OBM-STD"]), &json!(true)));
    let shop = world.get(&world.admin(), &format!("/accounts/{}", id(1))).await.json();
    assert_eq!((&shop["parent"], &shop["notes"]), (&json!(id(0)), &json!("=quoted")), "below the line further up");
    let before = world.store.rows();
    let again = import(&world, &world.admin(), "", FILE).await.json();
    assert_eq!(counts(&again), [0, 3, 0]);
    assert_eq!(again["lines"][1]["id"].as_str(), Some(id(1).as_str()));
    assert!(world.store.rows() == before);
    let more = format!("{FILE}North,end_customer,,,,,\r\n");
    assert_eq!(counts(&import(&world, &world.admin(), "", &more).await.json()), [1, 3, 0]);
}

#[tokio::test]
async fn every_error_is_shown_at_once_with_line_column_and_code() {
    let world = World::new().await;
    let file = "name,kind,colour,parent,may_create_resellers,products\n\
        ,reseller,,,,\n\
        A,king,,nobody,perhaps,\n\
        Child,reseller,,,,\n\
        B,end_customer,,,,NONE\n\
        Twice,end_customer,,,,\n\
        TWICE,reseller,,,,\n\
        C,end_customer\n\
        D,end_customer,,01a1ffb1-5470-7008-bca9-a75d4f4b148c,,\n";
    let before = world.store.rows();
    let dry = import(&world, &world.admin(), "?dry_run=true", file).await.json();
    let found = codes(&dry);
    for (line, column, code) in [
        (1, "colour", "column_unknown"),
        (2, "name", "cell_empty"),
        (3, "kind", "cell_invalid"),
        (3, "parent", "parent_unknown"),
        (3, "may_create_resellers", "cell_invalid"),
        (4, "", "name_taken"),
        (5, "", "out_of_reach"),
        (7, "", "name_taken"),
        (8, "", "cells_missing"),
        (9, "", "out_of_reach"),
    ] {
        assert!(found.iter().any(|one| *one == (line, column.to_owned(), code.to_owned())), "{line} {code}: {found:?}");
    }
    assert!(found.is_sorted_by_key(|(line, ..)| *line) && found.len() == 10, "{found:?}");
    let real = import(&world, &world.admin(), "", file).await;
    assert_eq!((real.status.as_u16(), real.code().as_str()), (422, "import_invalid"));
    assert_eq!(real.json()["problems"], dry["problems"], "the same, as problem details");
    assert!(world.store.rows() == before, "all or nothing");
}

#[tokio::test]
async fn of_very_many_problems_the_first_thousand_are_told_and_how_many_more() {
    let world = World::new().await;
    let file = format!("name,kind,may_create_resellers\n{}", "A,king,perhaps\n".repeat(1000));
    let dry = import(&world, &world.admin(), "?dry_run=true", &file).await.json();
    assert_eq!((codes(&dry).len(), &dry["more_problems"]), (1000, &json!(1000)));
    assert_eq!(counts(&dry), [0, 0, 1000], "lines whose problems are not told are no better");
    let real = import(&world, &world.admin(), "", &file).await.json();
    assert_eq!((codes(&real).len(), real["code"].as_str()), (1000, Some("import_invalid")));
    assert!(real["detail"].as_str().is_some_and(|detail| detail.starts_with("2000 errors")), "{}", real["detail"]);
}

#[tokio::test]
async fn what_is_no_file_or_too_much_of_one_is_refused() {
    let world = World::new().await;
    let long = format!("name,kind\n{}", "x,end_customer\n".repeat(1001));
    let large = format!("name,kind\n{}", "x".repeat(512 * 1024));
    let wide = (0..80_000).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    for (file, status, code) in [
        ("", 422, "import_unreadable"),
        (&long, 422, "import_unreadable"),
        (&wide, 422, "import_unreadable"),
        (&large, 413, "too_large"),
    ] {
        let answer = import(&world, &world.admin(), "", file).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
    let json = world.send(&world.admin(), Method::POST, "/accounts/{account}/import", json!({})).await;
    assert_eq!((json.status.as_u16(), json.code().as_str()), (415, "media_type"));
    let operator = world.ids.token(super::world::Relation::Own, Role::Operator).to_owned();
    assert_eq!(import(&world, &operator, "?dry_run=true", FILE).await.code(), "admin_only");
}

#[tokio::test]
async fn a_list_that_was_exported_can_be_imported_elsewhere() {
    let world = World::new().await;
    for name in ["=1+1", "'quoted", "a,\"b\""] {
        let account = json!({"parent": "{account}", "kind": "end_customer", "name": name, "notes": "-x"});
        assert_eq!(world.send(&world.admin(), Method::POST, "/accounts", account).await.status, 201);
    }
    let exported = world.get(&world.admin(), "/accounts/{account}/children?format=csv").await;
    let mut reader = csv::ReaderBuilder::new().from_reader(&exported.bytes[..]);
    let head = reader.headers().expect("a head").clone();
    let wanted =
        ["name", "kind", "email", "notes", "key_prefix", "products", "may_create_customers", "may_create_resellers"];
    let places = wanted.map(|name| head.iter().position(|one| one == name).expect("a column"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(wanted).expect("memory");
    for line in reader.records() {
        let line = line.expect("a line");
        writer.write_record(places.map(|at| line[at].to_owned())).expect("memory");
    }
    let file = String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8");
    let same = import(&world, &world.admin(), "", &file).await.json();
    assert_eq!(counts(&same), [0, 4, 0], "{same}");
}

#[tokio::test]
async fn a_thousand_accounts_are_imported_in_moments() {
    let world = World::new().await;
    let lines: String = (0..1000).map(|number| format!("Customer {number},end_customer\n")).collect();
    let report = import(&world, &world.admin(), "", &format!("name,kind\n{lines}")).await.json();
    assert_eq!(counts(&report), [1000, 0, 0]);
}

async fn import_members(world: &World, token: &str, query: &str, file: &str) -> Answer {
    let request = world.request(token, Method::POST, &format!("/accounts/{{account}}/members/import{query}"));
    let request = request.header(CONTENT_TYPE, "text/csv").body(file.to_owned().into()).expect("a request");
    world.raw(request).await
}

#[tokio::test]
async fn users_are_imported_with_a_first_mail_each_and_again_changes_nothing() {
    let world = World::new().await;
    let file = "email,username,first_name,role\nann@example.com,ann,Ann,admin\nbob@example.com,,Bob,\n";
    let dry = import_members(&world, &world.admin(), "?dry_run=true", file).await.json();
    assert_eq!(counts(&dry), [2, 0, 0], "{dry}");
    let report = import_members(&world, &world.admin(), "", file).await.json();
    assert_eq!(counts(&report), [2, 0, 0], "{report}");
    let id = report["lines"][0]["id"].as_str().expect("an id");
    let ann = world.get(&world.admin(), &format!("/users/{id}")).await.json();
    assert_eq!((&ann["username"], &ann["first_name"]), (&json!("ann"), &json!("Ann")));
    let mails = world.store.rows().into_iter().filter(|(table, ..)| *table == leasehold_ledger::store::Table::Outbox);
    assert_eq!(mails.count(), 2);
    let before = world.store.rows();
    assert_eq!(counts(&import_members(&world, &world.admin(), "", file).await.json()), [0, 2, 0]);
    assert!(world.store.rows() == before);
}

#[tokio::test]
async fn every_error_of_a_file_of_users_is_shown_at_once() {
    let world = World::new().await;
    let file = "email,username,role,password\n\
        ,x,,\n\
        nobody,,king,\n\
        ann@example.com,same,,\n\
        bob@example.com,SAME,,\n\
        no at,,,\n";
    let before = world.store.rows();
    let found = codes(&import_members(&world, &world.admin(), "?dry_run=true", file).await.json());
    for (line, code) in
        [(1, "column_unknown"), (2, "cell_empty"), (3, "cell_invalid"), (5, "name_taken"), (6, "field_invalid")]
    {
        assert!(found.iter().any(|(at, _, what)| (*at, what.as_str()) == (line, code)), "{line} {code}: {found:?}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
    let real = import_members(&world, &world.admin(), "", file).await;
    assert_eq!((real.code().as_str(), world.store.rows() == before), ("import_invalid", true));
}
