//! Roles by relation, for every route of the one route table: a route without a row fails.

use super::routes::{Inactive, May, Row, rows};
use super::world::{ROLES, Relation, World};
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use leasehold_ledger::actor::Role;
use std::collections::BTreeSet;

/// Status and code that a route has for somebody.
fn expected(may: May, relation: Relation, role: Role) -> (u16, &'static str) {
    let hidden = (404, "out_of_reach");
    let yes = (200, "");
    match may {
        May::Everybody | May::Itself => yes,
        May::Person => (403, "person_required"),
        May::Anybody(status, code) => (status, code),
        May::Vendor if relation == Relation::Top && role == Role::Admin => yes,
        May::Vendor => (403, "admin_only"), // the same whether the target exists or not
        _ if !relation.reaches() => hidden,
        May::View => yes,
        May::Operate if role >= Role::Operator => yes,
        May::Operate => (403, "forbidden_role"),
        May::Administer if role == Role::Admin => yes,
        May::FromAbove if role == Role::Admin && relation != Relation::Own => yes,
        May::Administer | May::FromAbove => (403, "admin_only"),
    }
}

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let world = World::new().await;
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
async fn a3_every_route_answers_each_role_in_each_relation_as_it_should() {
    let world = World::new().await;
    let mut calls = 0;
    for row in rows(&world) {
        for relation in Relation::ALL {
            for role in ROLES {
                let world = world.fork();
                let answer = world.raw(row.request(&world, world.ids.token(relation, role))).await;
                let (status, code) = expected(row.may, relation, role);
                let what = format!("{} for {relation:?} {role:?}", row.operation);
                if status == 200 {
                    assert!(answer.status.is_success(), "{what}: {} {:?}", answer.status, answer.bytes);
                } else {
                    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{what}");
                }
                calls += 1;
            }
        }
    }
    assert!(calls >= 44 * 18, "{calls} calls");
}

#[tokio::test]
async fn a_refused_call_writes_nothing() {
    let world = World::new().await;
    let before = world.store.rows();
    for row in rows(&world) {
        for relation in Relation::ALL {
            for role in ROLES.into_iter().filter(|role| expected(row.may, relation, *role).0 != 200) {
                world.raw(row.request(&world, world.ids.token(relation, role))).await;
            }
        }
    }
    assert!(world.store.rows() == before, "a refused call changed a row");
}

#[tokio::test]
async fn i5_an_inactive_account_begins_nothing_new_and_everything_else_goes_on() {
    let world = World::new().await;
    let vendor = world.vendor();
    let done = world.raw(find(&world, "deactivate_account").request(&world, &vendor)).await;
    assert!(done.status.is_success());
    for row in rows(&world) {
        let world = world.fork();
        let answer = world.raw(row.request(&world, &vendor)).await;
        match row.inactive {
            Inactive::GoesOn => {
                let (status, code) = expected(row.may, Relation::Top, Role::Admin);
                let as_expected = if status == 200 { answer.status.is_success() } else { answer.code() == code };
                assert!(as_expected, "{}: {:?}", row.operation, answer.bytes);
            }
            Inactive::Stops => assert_eq!(answer.code(), "account_inactive", "{}", row.operation),
        }
    }
}

#[tokio::test]
async fn every_route_but_the_document_wants_a_token() {
    let world = World::new().await;
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
