//! What each role may do, by persons who are signed in, as tables (A48-A50, V10, V21).

use super::facts_a::draft;
use crate::device::Device;
use crate::routes::{May, rows};
use crate::use_of::asks;
use crate::world::{Relation, SKU, World};
use axum::http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a48_a_viewer_looks_uploads_and_downloads_and_is_refused_everything_else() {
    let world = World::sharing().await;
    world.person("vera", "viewer").await;
    let vera = world.session("vera").await;
    let (mut may, mut calls) = (Vec::new(), 0);
    for row in rows(&world) {
        if matches!(row.may, May::Everybody | May::Person | May::Anybody(..)) {
            continue; // what people do with their own passwords and sessions
        }
        calls += 1;
        let world = world.fork();
        let before = world.store.rows();
        let answer = world.raw(row.request(&world, &vera)).await;
        let writes = row.method != Method::GET;
        match answer.status.as_u16() {
            200 if row.operation.starts_with("bulk_") => assert_eq!(answer.json()["done"], 0, "{}", row.operation),
            200..300 if writes => may.push(row.operation),
            200..300 => assert!(matches!(row.may, May::View | May::Itself), "{}", row.operation),
            status => assert_eq!(status, 403, "{}: {:?}", row.operation, answer.bytes),
        }
        let uploads = may.last() == Some(&row.operation);
        assert!(uploads || world.store.rows() == before, "{}: something was written", row.operation);
    }
    assert_eq!(
        may,
        ["answer_request", "take_return", "preview_request"],
        "what a device wrote is uploaded; of {calls} calls"
    );
}

#[tokio::test]
async fn a50_a_viewer_makes_no_users_and_moves_no_units_by_any_way_there_is() {
    let world = World::new().await;
    world.person("vera", "viewer").await;
    let vera = world.session("vera").await;
    let before = world.store.rows();
    let with_user = json!({"account": crate::world::new_account("New"), "user": draft("x")});
    let units = |count: u32| json!({"units": {"OBM": count}});
    for (method, path, body, code) in [
        (Method::POST, "/users", draft("x"), "admin_only"),
        (Method::POST, "/users?account={child}", draft("x"), "admin_only"),
        (Method::POST, "/accounts/with-user", with_user, "admin_only"),
        (
            Method::POST,
            "/accounts/{account}/invitations",
            json!({"emails": "x@mail.example", "role": "viewer"}),
            "admin_only",
        ),
        (Method::POST, "/pools/{pool}/moves", json!({"account": "{child}", "units": {"OBM": 1}}), "forbidden_role"),
        (Method::POST, "/pools/{pool}/moves", json!({"account": "{account}", "units": {"OBM": 1}}), "forbidden_role"),
        (Method::PUT, "/pools/{pool}/quota", units(50), "forbidden_role"),
        (Method::PUT, "/keys/{key}/quota", units(3), "forbidden_role"),
        (Method::POST, "/pools/{pool}/keys", json!({"name": "new", "quota": {"OBM": 1}}), "forbidden_role"),
        (Method::POST, "/lots/{lot}/convert", json!({}), "forbidden_role"),
        (Method::POST, "/lots/{lot}/retire", units(1), "admin_only"),
    ] {
        let answer = world.send(&vera, method, path, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, code), "{path}");
    }
    let import = world.request(&vera, Method::POST, "/accounts/{account}/members/import");
    let import = import.header("content-type", "text/csv").body("email,role\nx@mail.example,viewer\n".into());
    assert_eq!(world.raw(import.expect("a request")).await.code(), "admin_only");
    assert!(world.store.rows() == before, "something was written");
}

/// A partner's and its customer's people; the columns of [`MATRIX`].
const PEOPLE: [(Relation, &str); 6] = [
    (Relation::Own, "viewer"),
    (Relation::Own, "operator"),
    (Relation::Own, "admin"),
    (Relation::Below, "viewer"),
    (Relation::Below, "operator"),
    (Relation::Below, "admin"),
];

/// What is done, in the partner's account or in the customer's, and how each of [`PEOPLE`] is answered.
const MATRIX: [(&str, Relation, [u16; 6]); 14] = [
    ("sees the licences", Relation::Own, [200, 200, 200, 404, 404, 404]),
    ("sees the licences", Relation::Below, [200; 6]),
    ("sees the users", Relation::Own, [200, 200, 200, 404, 404, 404]),
    ("sees the users", Relation::Below, [200; 6]),
    ("licenses a device", Relation::Own, [200, 200, 200, 404, 404, 404]),
    ("licenses a device", Relation::Below, [200; 6]),
    ("makes a pool", Relation::Own, [403, 201, 201, 404, 404, 404]),
    ("makes a pool", Relation::Below, [403, 201, 201, 403, 201, 201]),
    ("gives units away", Relation::Own, [403, 200, 200, 404, 404, 404]),
    ("gives units away", Relation::Below, [403, 200, 200, 403, 404, 404]),
    ("makes a user", Relation::Own, [403, 403, 201, 404, 404, 404]),
    ("makes a user", Relation::Below, [403, 403, 201, 403, 403, 201]),
    ("makes an account", Relation::Own, [403, 403, 201, 404, 404, 404]),
    ("makes an account", Relation::Below, [403, 403, 409, 403, 403, 409]),
];

/// Does one of [`MATRIX`], and yields the status.
async fn does(world: &World, session: &str, what: &str, at: Relation, pool: &str) -> u16 {
    let account = world.ids.account(at);
    let post = async |path: String, body: Value| world.posts(session, &path, body).await;
    let answer = match what {
        "sees the licences" => world.get(session, &format!("/accounts/{account}/lots")).await,
        "sees the users" => world.get(session, &format!("/users?account={account}")).await,
        "licenses a device" => {
            let file = if at == Relation::Own { Device::new(60).asks(1, 1) } else { asks(60, 1) };
            world.upload(session, &format!("/accounts/{account}/requests"), &file).await
        }
        "makes a pool" => post(format!("/accounts/{account}/pools"), json!({"name": "New", "product": SKU})).await,
        "gives units away" => {
            let (from, to) = if at == Relation::Own { ("{pool}", "{child}") } else { (pool, "{account}") };
            post(format!("/pools/{from}/moves"), json!({"account": to, "units": {"OBM": 1}})).await
        }
        "makes a user" => post(format!("/users?account={account}"), draft("made")).await,
        "makes an account" => {
            post("/accounts".into(), json!({"parent": account, "kind": "end_customer", "name": "New"})).await
        }
        other => panic!("nobody {other}"),
    };
    answer.status.as_u16()
}

#[tokio::test]
async fn v10_v21_a49_role_and_kind_of_account_say_together_what_a_person_may() {
    let world = World::new().await;
    world.sold_to_child().await;
    let pool = world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    let pool = pool["id"].as_str().expect("an id");
    let mut sessions = Vec::new();
    for (relation, role) in PEOPLE {
        let name = format!("{relation:?}-{role}").to_lowercase();
        world.person_in(world.ids.account(relation), &name, role).await;
        sessions.push(world.session(&name).await);
    }
    for (what, at, expected) in MATRIX {
        for (person, session) in sessions.iter().enumerate() {
            let found = does(&world.fork(), session, what, at, pool).await;
            assert_eq!(found, expected[person], "{:?} {what} at {at:?}", PEOPLE[person]);
        }
    }
}
