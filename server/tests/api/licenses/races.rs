//! Many at once want the last credits: exactly as many go as there are.

use super::shop::{Shop, id};
use crate::people::races::race;
use crate::world::{Answer, World};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Barrier;

/// Sends all calls together, each of its own; how many were done, and the codes the others were told.
async fn at_once(world: &Arc<World>, token: &str, calls: Vec<(String, Value)>) -> (usize, Vec<String>) {
    let start = Arc::new(Barrier::new(calls.len()));
    let begun = calls.into_iter().map(|(path, body)| {
        let (world, start, token) = (world.clone(), start.clone(), token.to_owned());
        tokio::spawn(async move {
            start.wait().await;
            world.send(&token, Method::POST, &path, body).await
        })
    });
    let mut answers: Vec<Answer> = Vec::new();
    for task in begun.collect::<Vec<_>>() {
        answers.push(task.await.expect("it answers"));
    }
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
    (done.len(), refused.iter().map(|answer| answer.code()).collect())
}

/// A world with as many licences of one user each, and so many credits left.
async fn stocked(licenses: usize, left: u32) -> (Arc<World>, String, Vec<String>, String) {
    let shop = Shop::new().await;
    let credits = u32::try_from(licenses).expect("few") + left;
    let pool = shop.credits("BUY", json!({"term": "annual"}), credits).await;
    let mut made = Vec::new();
    for _ in 0..licenses {
        made.push(id(&shop.make(json!({"pool": pool, "units": {"users": 1}})).await).to_owned());
    }
    (Arc::new(shop.world), shop.desk, made, pool)
}

#[test]
fn t11_t15_of_64_who_want_the_last_credits_as_many_get_one_as_there_are() {
    race(
        "64 makes, upgrades and extensions for the last credits: exactly those there were are spent",
        async |number| {
            let left = 1 + number % 5;
            let (world, desk, licenses, pool) = stocked(20, u32::try_from(left).expect("few")).await;
            let more = json!({"units": {"users": 2}});
            let new = json!({"pool": pool, "units": {"users": 1}});
            let mut calls: Vec<_> =
                licenses.iter().map(|one| (format!("/licenses/{one}/upgrade"), more.clone())).collect();
            calls.extend(licenses.iter().map(|one| (format!("/licenses/{one}/extend"), json!(null))));
            calls.extend((0..24).map(|_| ("/keys/{named}/licenses".to_owned(), new.clone())));
            let (done, refused) = at_once(&world, &desk, calls).await;
            // A licence that was upgraded first costs two to extend.
            let free = world.get(&desk, &format!("/pools/{pool}")).await.json()["free"]["users"].clone();
            let spent = left - usize::try_from(free.as_u64().unwrap_or(0)).expect("few");
            assert!(done <= spent && spent <= left && done > 0, "{done} done with {spent} of {left}");
            assert!(spent == left || spent + 1 == left, "a double extension may leave one: {spent} of {left}");
            assert!(refused.iter().all(|code| code == "insufficient_units"), "{refused:?}");
            assert_eq!(done + refused.len(), 64);
        },
    );
}

#[test]
fn t15_of_64_upgrades_of_64_licences_exactly_those_are_done_that_are_paid_for() {
    race("of 60 upgrades by one user each, as many are done as there are credits", async |number| {
        let left = number % 7;
        let (world, desk, licenses, pool) = stocked(60, u32::try_from(left).expect("few")).await;
        let more = json!({"units": {"users": 2}});
        let calls = licenses.iter().map(|one| (format!("/licenses/{one}/upgrade"), more.clone())).collect();
        let (done, refused) = at_once(&world, &desk, calls).await;
        assert_eq!((done, refused.len()), (left, 60 - left));
        let pool = world.get(&desk, &format!("/pools/{pool}")).await.json();
        assert_eq!(pool["free"]["users"].as_u64().unwrap_or(0), 0);
        let items = world.items(&desk, "/licenses?product=BUY").await;
        let users: u64 = items.iter().filter_map(|one| one["units"]["users"].as_u64()).sum();
        assert_eq!(users, 60 + left as u64);
    });
}

#[test]
fn t17_a_licence_that_is_deleted_by_many_returns_its_credits_once() {
    race("of 16 deletions and 16 extensions of one licence one deletion wins", async |_| {
        let (world, desk, licenses, pool) = stocked(1, 40).await;
        let path = format!("/licenses/{}", licenses[0]);
        let start = Arc::new(Barrier::new(32));
        let tasks = (0..32).map(|number| {
            let (world, start, desk, path) = (world.clone(), start.clone(), desk.clone(), path.clone());
            tokio::spawn(async move {
                start.wait().await;
                let (method, path) =
                    if number % 2 == 0 { (Method::DELETE, path) } else { (Method::POST, format!("{path}/extend")) };
                let answer = world.send(&desk, method.clone(), &path, json!(null)).await;
                (method, answer.status.as_u16())
            })
        });
        let mut deleted = 0;
        for task in tasks.collect::<Vec<_>>() {
            match task.await.expect("it answers") {
                (Method::DELETE, 204) => deleted += 1,
                (Method::POST, 200) => {}
                (_, status) => assert_eq!(status, 404, "it is there no more"),
            }
        }
        assert_eq!(deleted, 1);
        let extended = world.items(&desk, "/accounts/{account}/events?verb=license_extended").await.len() as u64;
        let pool = world.get(&desk, &format!("/pools/{pool}")).await.json();
        assert_eq!(
            pool["free"]["users"].as_u64(),
            Some(41 - extended),
            "what was extended is burnt, the rest returned"
        );
    });
}
