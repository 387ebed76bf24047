//! Input that is not understood: each a problem of its own.

use super::world::{World, new_account};
use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::json;

#[tokio::test]
async fn every_error_is_problem_details() {
    let world = World::new().await;
    let cases = [
        (Method::GET, "/nothing", 404, "path_unknown"),
        (Method::DELETE, "/whoami", 405, "method_not_allowed"),
        (Method::GET, "/accounts/not-an-id", 400, "path_invalid"),
        (Method::GET, "/activations/0102", 400, "path_invalid"),
        (Method::GET, "/accounts/{account}/requests/0102", 400, "path_invalid"),
        (Method::GET, "/accounts?limit=0", 400, "query_invalid"),
        (Method::GET, "/accounts?limit=501", 400, "query_invalid"),
        (Method::GET, "/accounts?limit=x", 400, "query_invalid"),
        (Method::GET, "/accounts?cursor=%21", 400, "query_invalid"),
        (Method::GET, "/accounts?cursor=AAAA", 400, "query_invalid"),
        (Method::GET, "/accounts?page=2", 400, "query_invalid"),
        (Method::GET, "/accounts/01a1ffb1-5470-7008-bca9-a75d4f4b148c", 404, "out_of_reach"),
        (Method::GET, "/products/NONE", 404, "out_of_reach"),
        (Method::POST, "/jobs/none/run", 404, "out_of_reach"),
    ];
    for (method, path, status, code) in cases {
        let request = world.request(&world.vendor(), method, path).body(Body::empty()).expect("a request");
        let answer = world.raw(request).await;
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["type"], format!("urn:leasehold:problem:{code}"), "{path}");
        assert!(!problem["title"].as_str().expect("a title").is_empty() && problem["detail"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_understood_changes_nothing_and_says_where() {
    let world = World::new().await;
    let before = world.store.rows();
    let cases = [
        ("application/json", "{", 422, "body_invalid", "EOF"),
        (
            "application/json",
            r#"{"parent": "{account}", "kind": "end_customer", "name": "N", "nmae": 1}"#,
            422,
            "body_invalid",
            "nmae",
        ),
        ("application/json", r#"{"parent": "{account}", "kind": "king", "name": "N"}"#, 422, "body_invalid", "kind"),
        ("text/html", "{}", 415, "media_type", "application/json"),
    ];
    for (media_type, body, status, code, part) in cases {
        let request = world.request(&world.vendor(), Method::POST, "/accounts").header(CONTENT_TYPE, media_type);
        let answer = world.raw(request.body(world.path(body).into()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
        assert!(answer.json()["detail"].as_str().expect("detail").contains(part), "{body}: {:?}", answer.bytes);
    }
    assert!(world.store.rows() == before);
}

#[tokio::test]
async fn values_that_are_not_possible_name_their_field() {
    let world = World::new().await;
    let line = |field: &str, value: serde_json::Value| {
        let mut line = json!({"product": "{sku}", "units": {"OBM": 1}});
        line[field] = value;
        json!({"entitlement": "SO-9", "lines": [line]})
    };
    for (field, value) in [
        ("units", json!({"O B M": 1})),
        ("units", json!({"OBM": 1_000_000_001})),
        ("units", json!({"OBM": -1})),
        ("expires", json!("tomorrow")),
        ("expires", json!("2027-01-31")),
        ("expires", json!("1969-12-31T00:00:00Z")),
        ("free_upgrade_until", json!("2027-02-30")),
        ("free_on", json!("never")),
    ] {
        let answer =
            world.send(&world.vendor(), Method::POST, "/accounts/{account}/orders", line(field, value.clone())).await;
        assert_eq!(answer.code(), "body_invalid", "{value}");
        assert!(answer.json()["detail"].as_str().expect("detail").contains(field), "{value}: {:?}", answer.bytes);
    }
}

#[tokio::test]
async fn a_body_longer_than_64_kib_is_refused() {
    let world = World::new().await;
    let mut account = new_account("Long");
    account["notes"] = "x".repeat(64 * 1024).into();
    let answer = world.send(&world.vendor(), Method::POST, "/accounts", account).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (413, "too_large"));
}

#[tokio::test]
async fn a_failing_store_is_a_bare_500() {
    let world = World::new().await;
    world.store.fail_at(3);
    let answer = world.get(&world.vendor(), "/accounts").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "failed"));
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("told to fail"));
    assert_eq!(world.get(&world.vendor(), "/accounts").await.status, 200);
}
