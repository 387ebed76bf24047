//! Facts about upgrading, editing, extending and deleting licences.

use super::shop::{Shop, id, no, said};
use leasehold_protocol::Refused;
use serde_json::{Value, json};

#[tokio::test]
async fn t15_more_users_cost_the_difference_and_fewer_return_it() {
    let shop = Shop::new().await;
    let pool = shop.credits("BUY", json!({}), 10).await;
    let license = shop.make(json!({"pool": pool, "units": {"users": 2}})).await;
    let resize = async |count: u32| said(&shop.post(&license, "upgrade", json!({"units": {"users": count}})).await);
    assert_eq!(resize(11).await, no(409, "insufficient_units"));
    assert_eq!(resize(9).await, no(200, ""));
    assert_eq!((shop.free(&pool).await, shop.show(&license).await["units"].clone()), (json!(1), json!({"users": 9})));
    assert_eq!(resize(0).await, no(422, "bad_quantity"));
    assert_eq!(resize(4).await, no(200, ""));
    assert_eq!(shop.free(&pool).await, 6);
}

#[tokio::test]
async fn t15_t20_another_edition_costs_the_difference_and_takes_the_place_of_the_old_one() {
    let shop = Shop::new().await;
    let year = json!({"kind": "support", "term": "annual"});
    let basic = shop.credits("SUP", year.clone(), 10).await;
    let full = shop.credits("SUP-24H", year, 10).await;
    let license = shop.make(json!({"kind": "support", "pool": basic, "units": {"users": 3}, "comment": "kept"})).await;
    let body = json!({"units": {"users": 4}, "pool": full});
    let better = shop.post(&license, "upgrade", body.clone()).await;
    assert_eq!(better.status, 200, "{:?}", better.bytes);
    let better = better.json();
    assert_eq!((&better["product"], &better["units"]), (&json!("SUP-24H"), &json!({"users": 4})));
    assert_eq!(
        (&better["ends"], &better["comment"], &better["code"]),
        (&license["ends"], &json!("kept"), &license["code"])
    );
    assert_eq!((shop.free(&basic).await, shop.free(&full).await), (json!(10), json!(6)));
    assert_eq!(
        said(&shop.world.get(&shop.desk, &format!("/licenses/{}", id(&license))).await),
        no(404, "out_of_reach")
    );
    assert_eq!(said(&shop.post(&license, "upgrade", body).await), no(404, "out_of_reach"), "it is there no more");
    let kinds = shop.post(&better, "upgrade", json!({"units": {"users": 1}, "pool": "{credits}"})).await;
    assert_eq!(said(&kinds), no(403, "product_not_allowed"), "a support becomes no licence");
    let perpetual = shop.credits("FOREVER", json!({"kind": "support"}), 5).await;
    let longer = shop.post(&better, "upgrade", json!({"units": {"users": 1}, "pool": perpetual})).await;
    assert_eq!(said(&longer), no(409, "term_mismatch"));
}

#[tokio::test]
async fn t16_email_and_comment_are_edited_and_nothing_else() {
    let shop = Shop::new().await;
    let edit = async |body: Value| shop.world.patch(&shop.desk, "/licenses/{license}", body).await;
    let edited = edit(json!({"email": "new@mail.example"})).await.json();
    assert_eq!((&edited["email"], &edited["comment"]), (&json!("new@mail.example"), &json!("desk 4")));
    let edited = edit(json!({"email": "", "comment": "desk 5"})).await.json();
    assert_eq!((&edited["email"], &edited["comment"]), (&json!(""), &json!("desk 5")));
    for (field, value) in
        [("units", json!({"users": 9})), ("ends", json!(null)), ("edition", json!("Pro")), ("name", json!("N"))]
    {
        let mut body = json!({"comment": "desk 6"});
        body[field] = value;
        let refused = edit(body).await;
        assert_eq!(said(&refused), no(409, "field_not_editable"), "{field}");
        assert!(refused.json()["detail"].as_str().expect("words").contains(field));
    }
    assert_eq!(said(&edit(json!({"email": "nowhere"})).await), no(422, "field_invalid"));
    let after = shop.world.get(&shop.desk, "/licenses/{license}").await.json();
    assert_eq!((&after["comment"], &after["units"]), (&json!("desk 5"), &json!({"users": 2})));
}

#[tokio::test]
async fn t17_a_licence_on_a_device_is_not_deleted_and_credits_of_another_return() {
    let shop = Shop::new().await;
    let pool = shop.credits("BUY", json!({}), 10).await;
    let license = shop.make(json!({"pool": pool, "units": {"users": 4}})).await;
    assert_eq!(license["activated"], false);
    shop.activates(70, "BUY").await.expect("a lease");
    assert_eq!(shop.show(&license).await["activated"], true);
    assert_eq!(said(&shop.delete(&license).await), no(409, "licence_activated"));
    let other = shop.make(json!({"pool": pool, "units": {"users": 6}})).await;
    assert_eq!(said(&shop.delete(&other).await), no(204, ""));
    assert_eq!(shop.free(&pool).await, 6);
    assert_eq!(said(&shop.delete(&other).await), no(404, "out_of_reach"));
    let later = shop.after_days(14);
    assert_eq!(said(&later.delete(&license).await), no(204, ""), "its last lease has ended");
    assert_eq!(later.free(&pool).await, 10);
    assert_eq!(later.activates(71, "BUY").await.map(drop), Err(Refused::KeyInvalid));
}

#[tokio::test]
async fn t17_a_year_that_was_begun_is_used_and_does_not_return() {
    let shop = Shop::new().await;
    let used = shop.make(Shop::year(3)).await;
    shop.activates(70, Shop::YEAR).await.expect("a lease");
    let fewer = shop.post(&used, "upgrade", json!({"units": {"users": 1}})).await;
    assert_eq!(said(&fewer), no(409, "irreversible"));
    let later = shop.after_days(20);
    assert_eq!(said(&later.delete(&used).await), no(204, ""));
    assert_eq!(later.free("{credits}").await, 7, "three were used");
    let pool = later.world.get(&later.desk, "/pools/{credits}").await.json();
    assert_eq!(pool["quota"], json!({"users": 9}), "with the two of the other licence");
    let events = later.world.items(&later.desk, "/accounts/{account}/events?verb=license_deleted").await;
    assert_eq!(events[0]["detail"]["credits"], "used", "{}", events[0]);
}

#[tokio::test]
async fn t21_an_extension_costs_the_units_again_and_counts_from_the_end() {
    let shop = Shop::new().await;
    let support = shop.credits("SUP", json!({"kind": "support", "term": "annual"}), 7).await;
    let license = shop.make(json!({"kind": "support", "pool": support, "units": {"users": 2}})).await;
    let valid = shop.post(&license, "extend", json!(null)).await.json();
    assert_eq!((&valid["ends"], &valid["units"]), (&json!("2029-01-15T08:00:00Z"), &json!({"users": 2})));
    assert_eq!(shop.free(&support).await, 3, "two are the licence's, two are burnt");
    let later = shop.after_days(800);
    assert_eq!(later.show(&license).await["state"], "expired");
    let over = later.post(&license, "extend", json!(null)).await.json();
    assert_eq!((&over["ends"], &over["state"]), (&json!("2030-01-15T08:00:00Z"), &json!("valid")), "no gap is free");
    assert_eq!(said(&later.post(&license, "extend", json!(null)).await), no(409, "insufficient_units"));
    let perpetual = later.credits("BUY", json!({}), 5).await;
    let permanent = later.make(json!({"pool": perpetual, "units": {"users": 1}})).await;
    assert_eq!(said(&later.post(&permanent, "extend", json!(null)).await), no(409, "field_not_editable"));
}

#[tokio::test]
async fn t21_from_today_where_an_account_says_so_and_none_above_says_otherwise() {
    let shop = Shop::new().await.after_days(400);
    let license = json!({"id": shop.world.ids.license.to_string()});
    let set = async |token: &str, account: &str, word: Value| {
        let path = format!("/accounts/{account}/settings");
        said(&shop.world.patch(token, &path, json!({"values": {"extend_from": word}})).await)
    };
    assert_eq!(set(&shop.world.admin(), "{account}", json!("tomorrow")).await, no(422, "field_invalid"));
    assert_eq!(set(&shop.world.admin(), "{account}", json!("today")).await, no(200, ""));
    let above = shop.world.ids.account(crate::world::Relation::Above).to_string();
    assert_eq!(set(&shop.world.vendor(), &above, json!("end")).await, no(200, ""));
    let from_end = shop.world.fork_at(400);
    let ends = Shop::in_world(from_end).post(&license, "extend", json!(null)).await.json()["ends"].clone();
    assert_eq!(ends, "2029-01-15T08:00:00Z", "the account above says so");
    assert_eq!(set(&shop.world.vendor(), &above, json!(null)).await, no(200, ""));
    let ends = shop.post(&license, "extend", json!(null)).await.json()["ends"].clone();
    assert_eq!(ends, "2029-02-19T08:00:00Z", "a year from the day");
}

impl crate::world::World {
    /// A copy, so many days later.
    pub fn fork_at(&self, days: i64) -> Self {
        self.fork().at(crate::world::NOW.plus(days * 86_400))
    }
}

#[tokio::test]
async fn each_deed_is_one_event_that_says_what_it_did() {
    let shop = Shop::new().await;
    let pool = shop.credits("BUY", json!({}), 10).await;
    let license = shop.make(json!({"pool": pool, "units": {"users": 2}})).await;
    shop.post(&license, "upgrade", json!({"units": {"users": 3}})).await;
    shop.world.patch(&shop.desk, &format!("/licenses/{}", id(&license)), json!({"comment": "desk 9"})).await;
    shop.delete(&license).await;
    let path = format!("/accounts/{{account}}/events?subject={}", id(&license));
    let events = shop.world.items(&shop.desk, &path).await;
    let verbs: Vec<_> = events.iter().map(|event| event["verb"].as_str().expect("a verb")).collect();
    assert_eq!(verbs, ["license_deleted", "license_edited", "license_upgraded", "license_made"]);
    assert_eq!(events[0]["detail"]["credits"], "returned");
    assert_eq!(events[0]["detail"]["returned"], "3 users", "{}", events[0]);
}
