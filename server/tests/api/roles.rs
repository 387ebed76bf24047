//! Roles by relation, for every route of the one route table: a route without a row fails.

use super::routes::{Inactive, May, Row, rows};
use super::world::{ROLES, Relation, World};
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_protocol::{ActivationId, Digest};
use std::collections::BTreeSet;

/// Whose account is inactive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resting {
    Nobody,
    Target,
    /// Stops nothing in other accounts, not even below its own.
    Caller,
}

/// Status and code that a route has for somebody; none where it does what it is for.
fn expected(row: &Row, relation: Relation, role: Role, resting: Resting) -> Option<(u16, &'static str)> {
    match row.may {
        May::Person => Some((403, "person_required")),
        May::Anybody(status, code) => Some((status, code)),
        May::VendorInVain(status, code) => {
            let refused = refused(row, relation, role, resting).map(|code| (status_of(code), code));
            Some(refused.unwrap_or((status, code)))
        }
        May::FromAboveInVain => {
            let code = refused(row, relation, role, resting).unwrap_or("account_in_use");
            Some((status_of(code), code))
        }
        _ => refused(row, relation, role, resting).map(|code| (status_of(code), code)),
    }
}

/// The code of the rule that refuses somebody.
fn refused(row: &Row, relation: Relation, role: Role, resting: Resting) -> Option<&'static str> {
    let rests = resting == Resting::Target || resting == Resting::Caller && relation == Relation::Own;
    let stops = rests && row.inactive == Inactive::Stops;
    match row.may {
        May::Everybody | May::Itself | May::Person | May::Anybody(..) => None,
        // The same whether the target exists or not.
        May::Vendor | May::VendorInVain(..) if (relation, role) != (Relation::Top, Role::Admin) => Some("admin_only"),
        May::Vendor | May::VendorInVain(..) => stops.then_some("account_inactive"),
        _ if !relation.reaches() => Some("out_of_reach"),
        May::OwnerAlone => Some("admin_only"),
        May::Operate if role < Role::Operator => Some("forbidden_role"),
        May::Administer | May::FromAbove | May::FromAboveInVain if role < Role::Admin => Some("admin_only"),
        May::FromAbove | May::FromAboveInVain if relation == Relation::Own => Some("admin_only"),
        _ => stops.then_some("account_inactive"),
    }
}

fn status_of(code: &str) -> u16 {
    let refused = leasehold_protocol::Refused::ALL.iter().find(|refused| refused.code() == code);
    refused.expect("a rule's code").status()
}

/// The success that the document promises of an operation.
fn promised(document: &serde_json::Value, row: &Row) -> u16 {
    let paths = document["paths"].as_object().expect("paths").values();
    let method = row.method.as_str().to_lowercase();
    let mut operations = paths.map(|item| &item[&method]).filter(|one| one["operationId"] == row.operation);
    let operation = operations.next().expect("it is documented");
    let mut statuses = operation["responses"].as_object().expect("responses").keys();
    let good = statuses.find(|status| status.starts_with('2')).expect("a success");
    good.parse().expect("a number")
}

impl World {
    /// The same world, its target's ids replaced by ids of nothing.
    fn nowhere(&self) -> World {
        let mut elsewhere = self.fork();
        let (id, ids) = (uuid::Uuid::from_u128(0x01a1_ffb1_5470_7008_bca9_a75d_4f4b_148c), &mut elsewhere.ids);
        ids.accounts
            .iter_mut()
            .filter(|(relation, _)| *relation == Relation::Own)
            .for_each(|own| own.1 = AccountId(id));
        (ids.lot, ids.pool, ids.key, ids.idle_key, ids.token) =
            (HoldingId(id), HoldingId(id), KeyId(id), KeyId(id), TokenId(id));
        ids.seat = KeyId(id);
        (ids.activation, ids.request) = (ActivationId([7; 16]), Digest([7; 32]));
        (ids.credits, ids.named, ids.license) = (HoldingId(id), KeyId(id), HoldingId(id));
        elsewhere
    }

    async fn rest(&self, relation: Relation) {
        let path = format!("/accounts/{}/deactivate", self.ids.account(relation));
        let done = self.send(&self.vendor(), Method::POST, &path, serde_json::json!(null)).await;
        assert!(done.status.is_success(), "{:?}", done.bytes);
    }
}

/// Calls every route once for one caller and looks at what comes.
async fn cells(world: &World, document: &serde_json::Value, relation: Relation, role: Role, resting: Resting) -> u32 {
    let nowhere = world.nowhere();
    let mut calls = 0;
    for row in rows(world) {
        let expected = expected(&row, relation, role, resting);
        // What is refused, or only looked at, leaves the world as it is.
        // Wrong passwords are counted.
        let counts = matches!(row.may, May::Anybody(..));
        let fork = ((expected.is_none() || counts) && row.method != Method::GET).then(|| world.fork());
        let world = fork.as_ref().unwrap_or(world);
        let token = world.ids.token(relation, role);
        let answer = world.raw(row.request(world, token)).await;
        let what = format!("{} for {relation:?} {role:?}, {resting:?} rests", row.operation);
        match expected {
            None => assert_eq!(answer.status.as_u16(), promised(document, &row), "{what}: {:?}", answer.bytes),
            Some((status, code)) => {
                let found = (answer.status.as_u16(), answer.code());
                assert_eq!(found, (status, code.to_owned()), "{what}");
            }
        }
        if expected.is_some_and(|(_, code)| code == "out_of_reach") {
            let missing = nowhere.raw(row.request(&nowhere, token)).await;
            assert_eq!((answer.status, answer.bytes), (missing.status, missing.bytes), "{what}: it is there");
        }
        calls += 1;
    }
    calls
}

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let world = World::sharing().await;
    let document = leasehold::admin::document();
    let mut routes = BTreeSet::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ] {
            let name = operation.as_ref().and_then(|operation| operation.operation_id.clone());
            routes.extend(name.map(|name| (name, method, path.matches('/').count())));
        }
    }
    let rows = rows(&world).into_iter();
    let rows: BTreeSet<_> =
        rows.map(|row| (row.operation.to_owned(), row.method, row.path.matches('/').count() + 2)).collect();
    assert_eq!(routes.len(), rows.len());
    assert!(routes == rows, "only routes: {:?}; only rows: {:?}", &routes - &rows, &rows - &routes);
}

#[tokio::test]
async fn a3_r9_every_route_answers_each_role_in_each_relation_as_it_should() {
    let world = World::sharing().await;
    let document = serde_json::to_value(leasehold::admin::document()).expect("JSON");
    let mut calls = 0;
    for relation in Relation::ALL {
        for role in ROLES {
            calls += cells(&world, &document, relation, role, Resting::Nobody).await;
        }
    }
    assert!(calls >= 44 * 18, "{calls} calls");
    println!("count isolation: {calls} calls, every route by each role in each relation");
}

#[tokio::test]
async fn r9_i5_an_inactive_account_begins_nothing_new_and_everything_else_goes_on() {
    let document = serde_json::to_value(leasehold::admin::document()).expect("JSON");
    let world = World::sharing().await;
    world.rest(Relation::Own).await;
    let mut calls = 0;
    for relation in Relation::ALL {
        for role in ROLES {
            calls += cells(&world, &document, relation, role, Resting::Target).await;
        }
    }
    println!("count isolation: {calls} calls, every route by each role in each relation to an inactive account");
}

#[tokio::test]
async fn r9_who_calls_from_an_inactive_account_reaches_what_it_did() {
    let document = serde_json::to_value(leasehold::admin::document()).expect("JSON");
    let mut calls = 0;
    for relation in [Relation::Above, Relation::Below, Relation::Beside, Relation::Far] {
        let world = World::sharing().await;
        world.rest(relation).await;
        for role in ROLES {
            calls += cells(&world, &document, relation, role, Resting::Caller).await;
        }
    }
    println!("count isolation: {calls} calls, every route by each role from an inactive account");
}

#[tokio::test]
async fn a_refused_call_writes_nothing() {
    let world = World::sharing().await;
    let before = world.store.rows();
    for row in rows(&world) {
        for relation in Relation::ALL {
            for role in ROLES.into_iter().filter(|role| expected(&row, relation, *role, Resting::Nobody).is_some()) {
                world.raw(row.request(&world, world.ids.token(relation, role))).await;
            }
        }
    }
    assert!(world.store.rows() == before, "a refused call changed a row");
}

#[tokio::test]
async fn every_route_but_the_document_wants_a_token() {
    let world = World::sharing().await;
    for row in rows(&world) {
        let mut request = row.request(&world, "none");
        request.headers_mut().remove(AUTHORIZATION);
        let answer = world.raw(request).await;
        if let May::Anybody(status, code) = row.may {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{}", row.operation);
        } else if row.may == May::Everybody {
            assert!(answer.status.is_success(), "{}", row.operation);
        } else {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "token_missing"), "{}", row.operation);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", row.operation);
        }
    }
}

pub fn find(world: &World, operation: &str) -> Row {
    rows(world).into_iter().find(|row| row.operation == operation).expect("a row")
}
