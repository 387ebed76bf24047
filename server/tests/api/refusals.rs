//! Rules' refusals as HTTP: one function for all of them, and nothing about what is out of reach.

use super::world::{Relation, World, new_account};
use axum::http::Method;
use axum::response::IntoResponse;
use leasehold::admin::problem::Problem;
use leasehold_ledger::Fault;
use leasehold_ledger::actor::Role;
use leasehold_protocol::Refused;
use serde_json::json;

#[test]
fn every_refusal_has_its_own_status_code_and_words() {
    for refused in Refused::ALL {
        let problem = Problem::from(Fault::refused(*refused, "detail"));
        assert_eq!((problem.status().as_u16(), problem.code()), (refused.status(), refused.code()));
        assert_eq!(problem.into_response().status().as_u16(), refused.status());
    }
}

#[test]
fn a_key_that_may_not_sign_is_503_and_keeps_its_reason_to_itself() {
    let problem = Problem::from(Fault::Unsigned("kid 01 ended".into()));
    assert_eq!((problem.status().as_u16(), problem.code()), (503, "unsigned"));
    assert!(!format!("{problem:?}").contains("kid 01"));
}

#[tokio::test]
async fn a_rules_no_says_what_happened_and_what_to_do() {
    let world = World::new().await;
    let answer = world.send(&world.admin(), Method::PUT, "/pools/{pool}/quota", json!({"units": {"OBM": 1000}})).await;
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "insufficient_units"));
    assert_eq!(problem["title"], "Not enough free units");
    assert_eq!(problem["hint"], "Free some, or get more.");
    assert!(
        problem["detail"].as_str().expect("detail").contains("1000")
            || problem["detail"].as_str().expect("detail").contains("960")
    );
}

#[tokio::test]
async fn rules_reach_people_by_their_codes() {
    let world = World::new().await;
    let (vendor, admin) = (world.vendor(), world.admin());
    let quota = |count: u32| json!({"units": {"OBM": count}});
    let key = |name: &str, code: Option<&str>| json!({"name": name, "quota": {}, "code": code});
    let cases = [
        (&admin, Method::POST, "/accounts", new_account("Child"), "name_taken"),
        (
            &vendor,
            Method::POST,
            "/accounts",
            json!({"parent": "{child}", "kind": "end_customer", "name": "N"}),
            "not_reseller",
        ),
        (&vendor, Method::POST, "/accounts", new_account(" "), "field_invalid"),
        (&admin, Method::PUT, "/pools/{pool}/quota", quota(1), "quota_below_children"),
        (&admin, Method::PUT, "/keys/{key}/quota", json!({"units": {"CPU": 1}}), "bad_quantity"),
        (&admin, Method::POST, "/pools/{pool}/keys", key("a b", None), "licensee_name"),
        (&admin, Method::POST, "/pools/{pool}/keys", key("a", Some("1")), "key_format"),
        (&admin, Method::POST, "/pools/{pool}/keys", key("a", Some("AAAA-BBBB-CCCC-3333")), "key_taken"),
        (&admin, Method::DELETE, "/keys/{key}", json!(null), "key_in_use"),
        (&vendor, Method::POST, "/lots/{lot}/retire", quota(21), "insufficient_units"),
        (&admin, Method::POST, "/pools/{pool}/moves", json!({"account": "{child}", "units": {}}), "bad_quantity"),
        (
            &admin,
            Method::POST,
            "/pools/{pool}/moves",
            json!({"account": "{child}", "units": {"OBM": 1}, "pool": "{pool}"}),
            "out_of_reach",
        ),
        (
            &admin,
            Method::POST,
            "/pools/{pool}/moves",
            json!({"account": "{child}", "units": {"OBM": 1}, "pool": "{pool}", "name": "N"}),
            "field_invalid",
        ),
        (
            &admin,
            Method::POST,
            "/accounts/{account}/tokens",
            json!({"name": "t", "role": "viewer", "expires": "2001-01-01T00:00:00Z"}),
            "field_invalid",
        ),
    ];
    for (token, method, path, body, code) in cases {
        let answer = world.send(token, method, path, body.clone()).await;
        assert_eq!(answer.code(), code, "{path} {body}");
    }
}

#[tokio::test]
async fn what_is_out_of_reach_and_what_is_not_there_answer_alike() {
    let world = World::new().await;
    let stranger = world.ids.token(Relation::Far, Role::Admin);
    let nowhere = "01a1ffb1-5470-7008-bca9-a75d4f4b148c";
    for (method, there) in [(Method::PUT, "/pools/{pool}/quota"), (Method::PUT, "/keys/{key}/quota")] {
        let (base, tail) = there.split_once('{').expect("an id");
        let missing = format!("{base}{nowhere}{}", tail.split_once('}').expect("an id").1);
        let body = json!({"units": {"OBM": 1}});
        let there = world.send(stranger, method.clone(), there, body.clone()).await;
        let missing = world.send(stranger, method, &missing, body).await;
        assert_eq!((there.status, there.bytes), (missing.status, missing.bytes));
    }
}
