//! Facts about the lists of licences, supports and subscriptions.

use super::shop::{Shop, id, no, said};
use crate::world::{Relation, World};
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["comment"].as_str().expect("a comment")).collect()
}

/// Supports of the target and of the account below it, a subscription, and the world's own licence.
async fn stocked() -> Shop {
    let shop = Shop::new().await;
    let support = shop.credits("SUP", json!({"kind": "support", "term": "annual"}), 9).await;
    let month = shop.credits("SUP-M", json!({"kind": "support", "term": "days", "term_days": 30}), 9).await;
    let remote = shop.credits("REMOTE", json!({"kind": "subscription", "term": "annual"}), 5).await;
    let made = |kind: &str, pool: &str, unit: &str, comment: &str| json!({"kind": kind, "pool": pool, "units": {unit: 1}, "comment": comment});
    shop.make(made("support", &support, "users", "a year")).await;
    shop.make(made("support", &month, "users", "a month")).await;
    shop.make(made("subscription", &remote, "channels", "remote")).await;
    let pool = shop.more("{child}", "SUP", "users", 5).await;
    let below = shop.world.ids.token(Relation::Below, Role::Operator).to_owned();
    let key = shop.world.post(&below, "/accounts/{child}/activation-keys", json!({"name": "Below"})).await.json();
    let path = format!("/keys/{}/licenses", id(&key));
    let answer = shop.world.post(&below, &path, made("support", &pool, "users", "of the child")).await;
    assert_eq!(answer.status, 201, "{:?}", answer.bytes);
    shop
}

#[tokio::test]
async fn t14_licences_are_listed_searched_and_shown() {
    let shop = stocked().await;
    let all = shop.world.items(&shop.desk, "/licenses?kind=license").await;
    assert_eq!(names(&all), ["desk 4"]);
    assert_eq!(shop.show(&all[0]).await, all[0]);
    assert_eq!((&all[0]["state"], &all[0]["account_name"]), (&json!("valid"), &json!("Target")));
    let found = shop.world.items(&shop.desk, "/licenses?q=it@mail%20desk").await;
    assert_eq!(names(&found), ["desk 4"], "by email and comment");
    assert_eq!(shop.world.items(&shop.desk, "/licenses?q=AAAA-BBBB-CCCC-6666").await.len(), 4, "by code");
    assert!(shop.world.items(&shop.desk, "/licenses?q=nowhere").await.is_empty());
}

#[tokio::test]
async fn t18_support_is_followed_of_oneself_and_of_ones_resellers() {
    let shop = stocked().await;
    let list =
        async |token: &str, query: &str| shop.world.items(token, &format!("/licenses?kind=support{query}")).await;
    assert_eq!(names(&list(&shop.desk, "&sort=comment").await), ["a month", "a year", "of the child"]);
    assert_eq!(names(&list(&shop.desk, "&account={account}&sort=comment").await), ["a month", "a year"]);
    assert_eq!(names(&list(&shop.desk, "&account={child}").await), ["of the child"]);
    let viewer = |relation| shop.world.ids.token(relation, Role::Viewer).to_owned();
    assert_eq!(names(&list(&viewer(Relation::Above), "&account_name=child").await), ["of the child"]);
    assert_eq!(names(&list(&viewer(Relation::Below), "").await), ["of the child"], "nothing above it");
    for stranger in [Relation::Beside, Relation::Far] {
        assert!(list(&viewer(stranger), "").await.is_empty(), "{stranger:?}");
        let asked = shop.world.get(&viewer(stranger), "/licenses?account={account}").await;
        assert_eq!(said(&asked), no(404, "out_of_reach"), "{stranger:?}");
    }
    let one = shop.world.get(&shop.desk, "/licenses?kind=support&limit=1").await.json();
    let next = format!("/licenses?kind=support&limit=10&cursor={}", one["next"].as_str().expect("more"));
    assert_eq!(shop.world.items(&shop.desk, &next).await.len(), 2, "page by page through the tree");
}

#[tokio::test]
async fn t19_support_is_filtered_by_its_end_and_a_past_range_lists_the_expired() {
    let shop = stocked().await.after_days(60);
    let list = async |query: &str| shop.world.items(&shop.desk, &format!("/licenses?kind=support&{query}")).await;
    let past = list("ends_from=2027-02-01T00:00:00Z&ends_to=2027-03-01T00:00:00Z").await;
    assert_eq!((names(&past), &past[0]["state"]), (vec!["a month"], &json!("expired")));
    assert_eq!(list("state=expired").await, past);
    let coming = list("ends_from=2027-03-16T00:00:00Z&sort=comment").await;
    assert_eq!(names(&coming), ["a year", "of the child"]);
    assert!(list("ends_to=2027-02-01T00:00:00Z").await.is_empty());
}

#[tokio::test]
async fn t22_subscriptions_have_their_list_and_every_list_is_a_file() {
    let shop = stocked().await;
    let list = shop.world.items(&shop.desk, "/licenses?kind=subscription").await;
    assert_eq!((names(&list), &list[0]["units"]), (vec!["remote"], &json!({"channels": 1})));
    let file = shop.world.get(&shop.desk, "/licenses?kind=support&sort=comment&format=csv").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines[0].contains("\"ends\"") && lines[1].contains("a month") && lines[3].contains("of the child"),
        "{text}"
    );
}

#[tokio::test]
async fn a_licence_of_another_account_is_out_of_reach() {
    let world = World::new().await;
    for relation in [Relation::Below, Relation::Beside, Relation::Far] {
        let token = world.ids.token(relation, Role::Admin);
        assert_eq!(said(&world.get(token, "/licenses/{license}").await), no(404, "out_of_reach"), "{relation:?}");
    }
    let lot = world.get(&world.admin(), "/licenses/{lot}").await;
    assert_eq!(said(&lot), no(404, "out_of_reach"), "a lot is no licence");
}
