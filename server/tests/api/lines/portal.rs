//! The portal once maintenance of something pooled has ended.

use super::transfers::id;
use crate::world::{Relation, World};
use axum::http::Method;
use serde_json::{Value, json};

impl World {
    /// Something pooled whose day has passed, and a session of a person of the account.
    async fn expired(&self) -> String {
        let old = self.sold("{account}", "SO-6", json!({"free_upgrade_until": "2020-01-31"})).await;
        let done = self.post(&self.admin(), &format!("/lots/{}/convert", id(&old)), json!({"force": true})).await;
        assert_eq!(done.status, 200, "{:?}", done.bytes);
        self.person("anna", "admin").await;
        self.session("anna").await
    }

    async fn notices(&self, session: &str, path: &str) -> Vec<Value> {
        let told = self.get(session, path).await.json();
        told["notices"].as_array().expect("a list").iter().map(|notice| notice["code"].clone()).collect()
    }
}

const POOL: &str = "/accounts/{account}/pools";

#[tokio::test]
async fn h25_the_portal_is_read_only_once_the_day_has_passed_and_says_so() {
    let world = World::new().await;
    let new = json!({"name": "New", "product": "{sku}"});
    let session = world.expired().await;
    for path in ["/whoami", "/accounts/{account}/overview"] {
        assert_eq!(world.notices(&session, path).await, [json!("maintenance_expired")], "{path}");
    }
    assert_eq!(world.get(&session, POOL).await.status, 200, "it is looked at");
    let refused = world.post(&session, POOL, new.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "maintenance_expired"));
    let account = json!({"parent": "{account}", "kind": "end_customer", "name": "New"});
    assert_eq!(world.post(&session, "/accounts", account).await.status, 201, "what is no licence goes on");
    assert_eq!(world.post(&world.admin(), POOL, new.clone()).await.status, 201, "and so do programs");
    let above = json!({"name": "Newer", "product": "{sku}"});
    world.person_in(world.ids.account(Relation::Above), "berta", "operator").await;
    let seller = world.session("berta").await;
    assert_eq!(world.post(&seller, POOL, above).await.status, 201, "and those above");
}

#[tokio::test]
async fn h25_the_portal_is_closed_where_the_account_or_one_above_says_so() {
    let world = World::new().await;
    let session = world.expired().await;
    for scope in [Relation::Own, Relation::Above] {
        let path = format!("/accounts/{}/settings", world.ids.account(scope));
        let set = async |value: Value| {
            let values = json!({"values": {"expired_maintenance": value}});
            let done = world.send(&world.vendor(), Method::PATCH, &path, values).await;
            assert_eq!(done.status, 200, "{:?}", done.bytes);
        };
        set(json!("block")).await;
        assert_eq!(world.get(&session, POOL).await.code(), "maintenance_expired", "{scope:?}");
        assert_eq!(world.get(&session, "/whoami").await.status, 200, "who one is, and why, can be seen");
        assert_eq!(world.get(&session, "/profile").await.status, 200, "and one's own affairs");
        set(json!(null)).await;
        assert_eq!(world.get(&session, POOL).await.status, 200);
    }
}

#[tokio::test]
async fn nothing_is_closed_to_an_account_whose_maintenance_goes_on() {
    let world = World::new().await;
    world.person("anna", "admin").await;
    let session = world.session("anna").await;
    let values = json!({"values": {"expired_maintenance": "block"}});
    assert_eq!(world.send(&world.vendor(), Method::PATCH, "/accounts/{account}/settings", values).await.status, 200);
    assert_eq!(world.post(&session, POOL, json!({"name": "New", "product": "{sku}"})).await.status, 201);
    assert_eq!(world.notices(&session, "/whoami").await, Vec::<Value>::new());
}
