//! Bulk actions: each id is answered for itself.

use super::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

async fn bulk(world: &World, token: &str, path: &str, action: &str, ids: &[String]) -> super::world::Answer {
    world.send(token, Method::POST, path, json!({"action": action, "ids": ids})).await
}

fn results(report: &Value) -> Vec<(u64, String)> {
    let results = report["results"].as_array().expect("results").iter();
    let one = |one: &Value| (one["status"].as_u64().unwrap_or(0), one["code"].as_str().unwrap_or_default().to_owned());
    results.map(one).collect()
}

#[tokio::test]
async fn one_that_is_refused_holds_up_no_other() {
    let world = World::new().await;
    let (used, idle) = (world.ids.key.to_string(), world.ids.idle_key.to_string());
    let nobody = "01a1ffb1-5470-7008-bca9-a75d4f4b148c".to_owned();
    let report = bulk(&world, &world.admin(), "/keys/bulk", "delete", &[used, nobody, idle.clone()]).await.json();
    let expected = [(409, "key_in_use"), (404, "out_of_reach"), (200, "")];
    assert_eq!(results(&report), expected.map(|(status, code)| (status, code.to_owned())));
    assert_eq!((&report["done"], &report["refused"]), (&json!(1), &json!(2)));
    assert_eq!(world.get(&world.admin(), &format!("/keys/{idle}")).await.status, 404, "it is gone");
}

#[tokio::test]
async fn nobody_does_in_bulk_what_it_may_not_do_alone() {
    let first_world = World::new().await;
    let accounts = [Relation::Above, Relation::Own, Relation::Below, Relation::Beside, Relation::Far];
    let ids: Vec<String> = accounts.map(|relation| first_world.ids.account(relation).to_string()).to_vec();
    for role in [Role::Viewer, Role::Operator, Role::Admin] {
        let world = first_world.fork();
        let token = world.ids.token(Relation::Own, role).to_owned();
        let many = results(&bulk(&world, &token, "/accounts/bulk", "deactivate", &ids).await.json());
        for (id, found) in ids.iter().zip(many) {
            let alone = first_world.fork();
            let one = alone.send(&token, Method::POST, &format!("/accounts/{id}/deactivate"), json!({})).await;
            let code = if one.status == 200 { String::new() } else { one.code() };
            assert_eq!(found, (one.status.as_u16().into(), code), "{role:?}");
        }
    }
}

#[tokio::test]
async fn keys_stop_and_resume_tokens_go_and_accounts_come_back() {
    let world = World::new().await;
    let (key, token) = (world.ids.key.to_string(), world.ids.token.to_string());
    let account = world.ids.account(Relation::Below).to_string();
    for (path, action, id) in [
        ("/keys/bulk", "stop", &key),
        ("/keys/bulk", "resume", &key),
        ("/tokens/bulk", "revoke", &token),
        ("/accounts/bulk", "deactivate", &account),
        ("/accounts/bulk", "reactivate", &account),
    ] {
        let before = world.store.rows();
        let report = bulk(&world, &world.admin(), path, action, std::slice::from_ref(id)).await.json();
        assert_eq!(report["done"], 1, "{action}: {report}");
        assert!(world.store.rows() != before, "{action}");
    }
}

#[tokio::test]
async fn none_too_many_or_the_same_twice_is_refused() {
    let world = World::new().await;
    let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
    let many: Vec<String> = (0..201).map(id).collect();
    for ids in [vec![], vec![id(1), id(1)], many] {
        let answer = bulk(&world, &world.admin(), "/keys/bulk", "stop", &ids).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "body_invalid"));
    }
}
