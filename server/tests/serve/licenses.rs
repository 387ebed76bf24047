//! What real consoles hear of licences: they activate with an activation key, people upgrade, extend and delete at the portal's port.

use crate::Stage;
use crate::common::http::Reply;
use crate::lines::{Portal, no};
use leasehold_console::{Client, Order, Settings};
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;
use serde_json::{Value, json};

/// A shop: an activation key, and credits of what was asked for.
struct Shop {
    stage: Stage,
    portal: Portal,
    key: Value,
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

impl Shop {
    fn new() -> Self {
        let stage = Stage::set();
        let mut portal = Portal::of(&stage);
        let path = format!("/accounts/{}/activation-keys", stage.seed.account);
        let key = portal.post(&path, &json!({"name": "Example Ltd"}));
        Self { stage, portal, key }
    }

    /// Ten credits of a new product; the pool they are in.
    fn credits(&mut self, sku: &str, kind: &str, more: Value) -> String {
        let mut product = json!({"sku": sku, "name": sku, "kinds": [kind], "compat": sku});
        product.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.portal.post("/products", &product);
        let order = json!({"entitlement": sku, "lines": [{"product": sku, "units": {kind: 10}}]});
        let order = self.portal.post(&format!("/accounts/{}/orders", self.stage.seed.account), &order);
        let pool = self.portal.post(&format!("/lots/{}/convert", text(&order["lots"][0], "id")), &json!({}));
        text(&pool, "id").to_owned()
    }

    fn make(&mut self, body: &Value) -> String {
        let made = self.portal.post(&format!("/keys/{}/licenses", text(&self.key, "id")), body);
        text(&made, "id").to_owned()
    }

    fn console(&self, name: &str, sku: &str) -> Client {
        let server = Some(format!("http://{}", self.stage.server.device()));
        let settings = Settings { server, proxy: Some("none".into()), ca: None };
        Client::init(&self.stage.server.beside(name), self.stage.server.root(), sku, settings, None).expect("a console")
    }

    fn order(&self) -> Order {
        Order::of(text(&self.key, "code"), "9.1")
    }
}

impl Portal {
    fn sent(&mut self, method: &str, path: &str) -> Reply {
        let head = [("authorization", self.bearer.as_str())];
        self.http.ask(method, &format!("/api/v1{path}"), &head, b"").expect("an answer")
    }

    /// The code of a refusal.
    fn refused(&mut self, method: &str, path: &str) -> String {
        let reply = self.sent(method, path);
        assert!(reply.status >= 400, "{path}: {}", reply.text());
        reply.code()
    }

    fn delete(&mut self, path: &str) {
        let reply = self.sent("DELETE", path);
        assert_eq!(reply.status, 204, "{path}: {}", reply.text());
    }
}

fn has(console: &Client, kind: &str) -> u32 {
    console.status().units.count(kind)
}

fn days_left(console: &Client) -> i64 {
    let lease = console.machine().lease().expect("a lease");
    (lease.exp.0 - lease.grant.iat.0 + DAY / 2) / DAY
}

#[test]
fn t15_t17_a_console_hears_of_an_upgrade_at_its_next_check_and_what_it_has_is_not_deleted() {
    let mut shop = Shop::new();
    let (pool, better) = (shop.credits("DESK", "users", json!({})), shop.credits("DESK-PRO", "users", json!({})));
    let license = shop.make(&json!({"pool": pool, "units": {"users": 2}}));
    let mut console = shop.console("desk", "DESK");
    console.activate(shop.order()).expect("activated");
    assert_eq!((has(&console, "users"), console.status().licensee.as_deref()), (2, Some("Example Ltd")));
    shop.portal.post(&format!("/licenses/{license}/upgrade"), &json!({"units": {"users": 7}}));
    assert_eq!(has(&console, "users"), 2, "until it asks");
    console.check().expect("checked");
    assert_eq!(has(&console, "users"), 7);
    let path = format!("/licenses/{license}");
    assert_eq!(shop.portal.refused("DELETE", &path), "licence_activated");

    let body = json!({"units": {"users": 3}, "pool": better});
    let exchanged = shop.portal.post(&format!("{path}/upgrade"), &body);
    assert_eq!(no(console.check()), Some(Refused::LicenceLapsed), "it is a licence of another edition now");
    let mut upgraded = shop.console("desk-pro", "DESK-PRO");
    upgraded.activate(shop.order()).expect("the same key");
    assert_eq!(has(&upgraded, "users"), 3);
    let path = format!("/licenses/{}", text(&exchanged, "id"));
    assert_eq!(shop.portal.refused("DELETE", &path), "licence_activated");
    upgraded.release().expect("released");
    shop.portal.delete(&path);
    assert_eq!(no(upgraded.activate(shop.order())), Some(Refused::KeyInvalid), "there is none any more");
}

#[test]
fn t21_a_console_hears_of_an_extension_at_its_next_check() {
    let mut shop = Shop::new();
    let pool = shop.credits("DAYS", "users", json!({"term": "days", "term_days": 5}));
    let license = shop.make(&json!({"pool": pool, "units": {"users": 2}}));
    let mut console = shop.console("days", "DAYS");
    console.activate(shop.order()).expect("activated");
    assert_eq!(days_left(&console), 5, "no lease outlives the licence");
    shop.portal.post(&format!("/licenses/{license}/extend"), &json!(null));
    console.check().expect("checked");
    assert_eq!(days_left(&console), 10);
    shop.portal.post(&format!("/licenses/{license}/extend"), &json!(null));
    console.check().expect("checked");
    assert_eq!(days_left(&console), 14, "as long as a lease is");
}

#[test]
fn t24_a_subscriptions_channels_reach_the_console_that_runs_the_sessions() {
    let mut shop = Shop::new();
    let more = json!({"kind": "subscription", "term": "annual", "features": ["remote-support"]});
    let pool = shop.credits("REMOTE", "channels", more);
    let body = json!({"kind": "subscription", "pool": pool, "units": {"channels": 3}});
    let subscription = shop.make(&body);
    let mut console = shop.console("remote", "REMOTE");
    console.activate(shop.order()).expect("activated");
    assert_eq!(has(&console, "channels"), 3, "so many sessions at the same time");
    assert_eq!(console.status().features, ["remote-support"]);
    let used = leasehold_protocol::Units::of("channels", 2).expect("a kind and a count");
    console.report_usage(used).expect("noted");
    console.check().expect("checked");
    let sub = console.machine().lease().expect("a lease").grant.sub;
    let seen = shop.portal.ask("GET", &format!("/activations/{sub}"), &json!(null));
    assert_eq!(seen["usage"]["channels"], 2, "and so many are open: {seen}");
    shop.portal.post(&format!("/licenses/{subscription}/upgrade"), &json!({"units": {"channels": 5}}));
    console.check().expect("checked");
    assert_eq!(has(&console, "channels"), 5);
    let mut second = shop.console("second", "REMOTE");
    assert_eq!(no(second.activate(shop.order())), Some(Refused::InsufficientUnits), "every channel is taken");
}
