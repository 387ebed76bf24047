//! The way into the pool: what may be added, what that would do, and what is there then.

use super::transfers::id;
use crate::world::{KEY_CODE, NOW, Relation, World};
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

impl World {
    async fn preview(&self, lot: &str) -> Value {
        let answer = self.get(&self.of(Relation::Own, Role::Viewer), &format!("/lots/{lot}/conversion")).await;
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
        answer.json()
    }

    async fn converts(&self, lot: &str, body: Value) -> crate::world::Answer {
        self.post(&self.of(Relation::Own, Role::Operator), &format!("/lots/{lot}/convert"), body).await
    }
}

fn against(preview: &Value) -> Vec<(&str, bool)> {
    let all = preview["against"].as_array().expect("a list").iter();
    all.map(|one| (one["code"].as_str().expect("a code"), one["can_be_forced"] == true)).collect()
}

#[tokio::test]
async fn h1_what_may_be_added_to_a_pool_is_listed() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    let product = json!({"sku": "METER", "name": "Metered", "kinds": ["OBM"], "compat": "m", "metered": true});
    assert_eq!(world.post(&world.vendor(), "/products", product).await.status, 201);
    world.sold("{account}", "SO-5", json!({"product": "METER"})).await;
    world.sold("{account}", "SO-6", json!({"expires": "2035-01-01T00:00:00Z"})).await;
    let lots = world.items(&viewer, "/accounts/{account}/lots?poolable=true").await;
    assert_eq!(
        lots.iter().map(|lot| lot["activation_id"].as_str().expect("a code")).collect::<Vec<_>>(),
        ["AAAA-BBBB-CCCC-1111", "AAAA-BBBB-CCCC-2222"]
    );
    let rest = world.items(&viewer, "/accounts/{account}/lots?poolable=false").await;
    assert_eq!(rest.len(), 3, "one was pooled, one is metered, one has an end");
}

#[tokio::test]
async fn h3_h6_h7_what_a_conversion_would_do_is_told_before_it_is_done() {
    let world = World::new().await;
    let told = world.preview("{lot}").await;
    assert_eq!((&told["at_once"], &told["in_use"], &told["devices"]), (&json!({"OBM": 20}), &json!([]), &json!(0)));
    assert!(against(&told).is_empty(), "{told}");
    world.activates(61, "AAAA-BBBB-CCCC-1111").await;
    let told = world.preview("{lot}").await;
    let end = NOW.plus(14 * 86_400).to_string();
    assert_eq!(told["in_use"], json!([{"units": {"OBM": 20}, "at_latest": end}]));
    assert_eq!((&told["at_once"], &told["devices"]), (&json!({}), &json!(1)));
    let before = world.get(&world.admin(), "/lots/{lot}").await.json();
    assert_eq!(before["converted"], json!(null), "nothing was done");
    let stock = world.converts("{lot}", json!({})).await.json();
    assert_eq!(stock["arriving"], told["in_use"], "as it was told");
}

#[tokio::test]
async fn h2_h4_h7_what_stands_against_it_is_told_and_refused_in_the_same_words() {
    let world = World::new().await;
    let file = world.ids.file_lot.to_string();
    let product = json!({"sku": "METER", "name": "Metered", "kinds": ["OBM"], "compat": "m", "metered": true});
    assert_eq!(world.post(&world.vendor(), "/products", product).await.status, 201);
    let metered = world.sold("{account}", "SO-5", json!({"product": "METER"})).await;
    let dated = world.sold("{account}", "SO-6", json!({"expires": "2035-01-01T00:00:00Z"})).await;
    let pooled = world.items(&world.admin(), "/accounts/{account}/lots?poolable=false").await;
    let pooled = pooled.iter().find(|lot| lot["converted"].is_string()).expect("one was");
    let cases = [
        (file.as_str(), "licence_activated"),
        (id(&metered), "not_poolable"),
        (id(&dated), "not_poolable"),
        (id(pooled), "irreversible"),
    ];
    for (lot, code) in cases {
        assert_eq!(against(&world.preview(lot).await), [(code, false)]);
        for force in [false, true] {
            assert_eq!(world.converts(lot, json!({"force": force})).await.code(), code);
        }
    }
}

#[tokio::test]
async fn h21_h23_a_day_that_has_passed_is_told_with_what_it_would_do_to_all_pool_keys() {
    let world = World::new().await;
    let good = world.sold("{account}", "SO-5", json!({"free_upgrade_until": "2030-01-31"})).await;
    assert_eq!(world.converts(id(&good), json!({})).await.status, 200);
    let old = world.sold("{account}", "SO-6", json!({"free_upgrade_until": "2020-01-31"})).await;
    let told = world.preview(id(&old)).await;
    assert_eq!(
        (&told["free_upgrade_until"], &told["free_upgrade_until_after"]),
        (&json!("2030-01-31"), &json!("2020-01-31"))
    );
    assert_eq!(against(&told), [("maintenance_expired", true)]);
    assert_eq!(world.converts(id(&old), json!({})).await.code(), "maintenance_expired");
    let stock = world.converts(id(&old), json!({"force": true})).await.json();
    assert_eq!((&stock["free_upgrade_until"], &stock["status"]), (&json!("2020-01-31"), &json!("maintenance_expired")));
}

#[tokio::test]
async fn h33_from_what_is_poolable_to_the_key_it_is_one_way() {
    let world = World::new().await;
    let operator = world.of(Relation::Own, Role::Operator);
    let poolable = world.items(&operator, "/accounts/{account}/lots?poolable=true").await;
    let lot = id(&poolable[0]);
    assert!(against(&world.preview(lot).await).is_empty());
    let stock = world.converts(lot, json!({})).await.json();
    let of_type = format!("/accounts/{{account}}/pools?compat={}", stock["compat"].as_str().expect("a type"));
    assert_eq!(world.items(&operator, &of_type).await.len(), 2, "the type's stock, and a pool");
    let pool = json!({"name": "New", "product": stock["product"]});
    let pool = world.post(&operator, "/accounts/{account}/pools", pool).await.json();
    let quota = format!("/pools/{}/quota", id(&pool));
    let filled = world.send(&operator, axum::http::Method::PUT, &quota, json!({"units": {"OBM": 20}})).await;
    assert_eq!(filled.status, 200, "{:?}", filled.bytes);
    let key = json!({"name": "server-9", "quota": {"OBM": 20}});
    let key = world.post(&operator, &format!("/pools/{}/keys", id(&pool)), key).await.json();
    world.activates(61, key["code"].as_str().expect("a code")).await;
    assert_eq!(world.get(&operator, &format!("/keys/{}", id(&key))).await.json()["in_use"], true);
}

#[tokio::test]
async fn h15_there_is_no_limit_to_keys_and_each_has_its_own_quota() {
    let world = World::new().await;
    let operator = world.of(Relation::Own, Role::Operator);
    for number in 0..600_u32 {
        let quota = if number < 5 { number } else { 0 };
        let key = json!({"name": format!("server-{number}-x"), "quota": {"OBM": quota}});
        let made = world.post(&operator, "/pools/{pool}/keys", key).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
    }
    let mut quotas = std::collections::BTreeMap::<u64, usize>::new();
    let keys = world.items(&operator, "/pools/{pool}/keys?limit=500").await;
    keys.iter().for_each(|key| *quotas.entry(key["units"]["OBM"].as_u64().unwrap_or(0)).or_default() += 1);
    assert_eq!(keys.len(), 500, "a page of them");
    assert!(quotas.len() > 2, "{quotas:?}");
}

#[tokio::test]
async fn h35_pools_and_keys_show_name_type_quota_status_and_both_dates() {
    let world = World::new().await;
    let viewer = world.of(Relation::Own, Role::Viewer);
    let lot = world.sold("{account}", "SO-5", json!({"free_upgrade_until": "2030-01-31"})).await;
    assert_eq!(world.converts(id(&lot), json!({})).await.status, 200);
    let pools = world.items(&viewer, "/accounts/{account}/pools").await;
    let pool = pools.iter().find(|pool| pool["name"] == "P").expect("listed");
    let shown = ["compat", "quota", "status", "expires"].map(|field| pool[field].clone());
    assert_eq!(shown, [json!("standard"), json!({"OBM": 40}), json!("good"), json!(null)]);
    let stock = pools.iter().find(|pool| pool["role"] == "stock").expect("listed");
    assert_eq!(stock["free_upgrade_until"], "2030-01-31");
    let keys = world.items(&viewer, "/pools/{pool}/keys").await;
    let key = keys.iter().find(|key| key["code"] == KEY_CODE).expect("listed");
    let shown =
        ["licensee", "compat", "units", "state", "in_use", "free_upgrade_until"].map(|field| key[field].clone());
    let expected = [json!("server-2"), json!("standard"), json!({"OBM": 10}), json!("open"), json!(true), json!(null)];
    assert_eq!(shown, expected);
    assert_eq!(key["leased_until"], NOW.plus(14 * 86_400).to_string(), "its expiry date");
    let idle = keys.iter().find(|key| key["licensee"] == "idle").expect("listed");
    assert_eq!((&idle["in_use"], &idle["leased_until"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn h40_dates_are_exchanged_as_iso_8601() {
    let world = World::new().await;
    let line = json!({"expires": "2035-01-31T12:00:00+01:00", "free_upgrade_until": "2034-12-31"});
    let lot = world.sold("{account}", "SO-5", line).await;
    assert_eq!((&lot["expires"], &lot["free_upgrade_until"]), (&json!("2035-01-31T11:00:00Z"), &json!("2034-12-31")));
    for odd in [json!({"expires": "01-31-2035"}), json!({"free_upgrade_until": "12-31-2034"})] {
        let mut line = json!({"product": "{sku}", "units": {"OBM": 1}});
        let (field, value) = odd.as_object().expect("one").iter().next().expect("one");
        line[field] = value.clone();
        let order = json!({"entitlement": "SO-6", "lines": [line]});
        let refused = world.post(&world.vendor(), "/accounts/{account}/orders", order).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "body_invalid"), "{odd}");
    }
}
