//! Lists as CSV: the same rows and fields as in JSON, whole, and harmless in a spreadsheet.

use super::long_lists::{device, devices};
use super::world::{NOW, Relation, World, new_account};
use axum::body::Body;
use axum::http::header::ACCEPT;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use leasehold::admin::{self, csv::cell};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{Device, Token, TokenId};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Store, Table};
use leasehold_protocol::DeviceId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;

/// Header and lines of a CSV file.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let head = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    let line = |line: csv::Result<csv::StringRecord>| line.expect("a line").iter().map(str::to_owned).collect();
    (head, reader.records().map(line).collect())
}

/// Path and documented columns of every list.
fn lists() -> BTreeMap<String, Vec<String>> {
    let document = serde_json::to_value(admin::document()).expect("JSON");
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let response = &item["get"]["responses"]["200"]["content"];
        let schema = response["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
        let is_page = schema.contains("Page_") || schema.ends_with("/LifeView"); // a page with something beside it
        let about = response["text/csv"]["schema"]["description"].as_str();
        assert_eq!(is_page, about.is_some(), "{path}: a list is a list in CSV too");
        if let Some(about) = about {
            let columns = about.strip_prefix("Columns: ").and_then(|rest| rest.split('.').next()).expect("columns");
            let columns = columns.split(", ").map(str::to_owned).collect();
            found.insert(path.trim_start_matches("/api/v1").to_owned(), columns);
        }
    }
    found
}

#[tokio::test]
async fn every_list_is_the_same_in_csv_as_in_json() {
    let world = World::sharing().await;
    let mut account = new_account("=1+1");
    account["notes"] = "two\r\nlines, \"quoted\"".into();
    world.send(&world.admin(), Method::POST, "/accounts", account).await;
    let (lists, mut lines) = (lists(), 0);
    assert!(lists.len() >= 13, "{lists:?}");
    for (path, columns) in &lists {
        let items = world.get(&world.vendor(), path).await.json()["items"].as_array().expect("items").clone();
        let answer = world.get(&world.vendor(), &format!("{path}?format=csv")).await;
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.bytes);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\""), "{path}");
        let (head, found) = read(&answer.bytes);
        assert_eq!(head, *columns, "{path}");
        let cells = |item: &Value| columns.iter().map(|name| cell::write(&item[name])).collect::<Vec<_>>();
        assert_eq!(found, items.iter().map(cells).collect::<Vec<_>>(), "{path}");
        let shown = items.iter().filter_map(Value::as_object).flat_map(|item| item.keys());
        assert!(shown.clone().all(|name| columns.contains(name)), "{path}: a field has no column");
        let text = String::from_utf8(answer.bytes.to_vec()).expect("UTF-8");
        assert!(text.ends_with("\r\n"), "{path}");
        lines += found.len();
    }
    println!("count csv: {} lists, {lines} lines, each cell compared with its JSON", lists.len());
}

#[tokio::test]
async fn a_cell_stays_one_for_whoever_takes_a_semicolon_or_a_tab_for_the_end_of_it() {
    let world = World::new().await;
    for name in ["a;=1+cmd|'/C calc'!A0", "b\t=1+1", "c,=1+1"] {
        let mut account = new_account(&name[..1]);
        account["notes"] = name.into();
        assert_eq!(world.send(&world.admin(), Method::POST, "/accounts", account).await.status, 201);
    }
    let file = world.get(&world.admin(), "/accounts/{account}/children?format=csv").await;
    let text = String::from_utf8(file.bytes.to_vec()).expect("UTF-8");
    for cell in ["\"a;=1+cmd|'/C calc'!A0\"", "\"b\t=1+1\"", "\"c,=1+1\""] {
        assert!(text.contains(cell), "{cell} in {text}");
    }
    let (head, lines) = read(&file.bytes);
    let notes = head.iter().position(|column| column == "notes").expect("notes");
    let notes: Vec<&str> = lines.iter().map(|line| line[notes].as_str()).collect();
    assert_eq!(notes[..3], ["a;=1+cmd|'/C calc'!A0", "b\t=1+1", "c,=1+1"], "and is read back as it was");
}

#[tokio::test]
async fn csv_comes_by_the_accept_header_too_and_holds_the_whole_list() {
    let world = World::new().await;
    devices(&world, world.ids.account(Relation::Own), 1203);
    let path = "/accounts/{account}/devices?q=device&sort=-name";
    let request = world.request(&world.admin(), Method::GET, path).header(ACCEPT, "text/csv");
    let answer = world.raw(request.body(Body::empty()).expect("a request")).await;
    let (head, lines) = read(&answer.bytes);
    let name = head.iter().position(|column| column == "name").expect("a name");
    assert_eq!(lines.len(), 1203, "three pages");
    let names: Vec<&str> = lines.iter().map(|line| line[name].as_str()).collect();
    assert!(names.is_sorted_by(|left, right| left > right), "in the order asked for");
}

#[tokio::test]
async fn a_file_that_cannot_be_is_refused_as_a_page_would_be() {
    let world = World::new().await;
    for (path, status, code) in [
        ("/accounts?format=csv&limit=5", 400, "query_invalid"),
        ("/accounts?format=csv&cursor=AAAA", 400, "query_invalid"),
        ("/accounts?format=xml", 400, "query_invalid"),
        ("/accounts?format=csv&sort=size", 400, "query_invalid"),
        ("/accounts/01a1ffb1-5470-7008-bca9-a75d4f4b148c/lots?format=csv", 404, "out_of_reach"),
    ] {
        let answer = world.get(&world.vendor(), path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    let one = world.request(&world.vendor(), Method::GET, "/whoami").header(ACCEPT, "text/csv");
    let one = world.raw(one.body(Body::empty()).expect("a request")).await;
    assert_eq!(one.header("content-type"), "application/json", "what is no list has no CSV");
}

#[tokio::test]
async fn a_token_revoked_in_the_middle_of_a_file_breaks_it_off() {
    let world = World::new().await;
    devices(&world, world.ids.account(Relation::Own), 1203);
    let token = world.ids.token(Relation::Own, Role::Viewer).to_owned();
    let request = world.request(&token, Method::GET, "/accounts/{account}/devices?format=csv");
    let request = request.body(Body::empty()).expect("a request");
    let response = admin::router(world.app.clone()).oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    assert!(body.frame().await.expect("the first page").is_ok());
    revoke(&world, &token).await;
    let rest = body.collect().await;
    assert!(rest.is_err(), "half a file must not look like a whole one");
}

#[tokio::test]
async fn a_file_that_hardly_anything_fits_lets_others_have_their_turn_between_pages() {
    let world = World::new().await;
    let like = device(world.ids.account(Relation::Own), 0);
    world
        .store
        .write(&mut |tx| {
            (0..20_001_u32).try_for_each(|number| {
                let device = Device { id: DeviceId(u128::from(number).to_be_bytes()), ..like.clone() };
                tx.put(Device::TABLE, &device.key(), &row::encode(&device))
            })
        })
        .expect("memory");
    let request = world.request(&world.admin(), Method::GET, "/accounts/{account}/devices?format=csv&q=nowhere");
    let request = request.body(Body::empty()).expect("a request");
    let response = admin::router(world.app.clone()).oneshot(request).await.expect("infallible");
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = turns.clone();
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let bytes = response.into_body().collect().await.expect("it is whole").to_bytes();
    other.abort();
    assert_eq!(read(&bytes).1.len(), 0);
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns >= 3, "{turns} turns between five pages");
}

async fn revoke(world: &World, secret: &str) {
    let hash = admin::auth::hash(secret);
    let rows = world.store.rows();
    let row = rows.iter().find(|(table, key, _)| *table == Table::Tokens && *key == hash).expect("a token");
    let TokenId(id) = row::decode::<Token>(&row.1, &row.2).expect("ours").id;
    let gone = world.send(&world.vendor(), Method::DELETE, &format!("/tokens/{id}"), json!(null)).await;
    assert_eq!(gone.status, 204, "at {NOW}");
}
