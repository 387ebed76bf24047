//! A shop in the small world: credits of what the target account sells, and the calls that make licences of them.

use super::seed::{NAMED_CODE, YEAR};
use crate::device::Device;
use crate::world::{Answer, NOW, Relation, World};
use axum::body::Body;
use axum::http::Method;
use leasehold::random;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Refused;
use leasehold_protocol::lease::Lease;
use serde_json::{Value, json};

pub struct Shop {
    pub world: World,
    /// An operator of the target account.
    pub desk: String,
}

/// Status and code.
pub fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), if answer.status.is_success() { String::new() } else { answer.code() })
}

pub fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}"))
}

impl Shop {
    pub async fn new() -> Self {
        Self::in_world(World::new().await)
    }

    pub fn in_world(world: World) -> Self {
        let desk = world.ids.token(Relation::Own, Role::Operator).to_owned();
        Self { world, desk }
    }

    /// The same shop so many days later.
    pub fn after_days(&self, days: i64) -> Self {
        Self::in_world(self.world.at(NOW.plus(days * 86_400)))
    }

    /// A product with its own compat and `more`, and credits of it for an account; the pool they are in.
    pub async fn credits_of(&self, account: &str, sku: &str, more: Value, count: u32) -> String {
        let kind = if more["kind"] == "subscription" { "channels" } else { "users" };
        let mut product = json!({"sku": sku, "name": sku, "kinds": [kind], "compat": sku});
        product.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let vendor = self.world.vendor();
        let made = self.world.post(&vendor, "/products", product).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        self.more(account, sku, kind, count).await
    }

    /// More credits of a product that is there.
    pub async fn more(&self, account: &str, sku: &str, kind: &str, count: u32) -> String {
        let line = json!({"product": sku, "units": {kind: count}});
        let order = json!({"entitlement": format!("SO-{}", random::id(NOW)), "lines": [line]});
        let vendor = self.world.vendor();
        let sold = self.world.post(&vendor, &format!("/accounts/{account}/orders"), order).await;
        assert_eq!(sold.status, 201, "{:?}", sold.bytes);
        let lot = id(&sold.json()["lots"][0]).to_owned();
        let pool = self.world.post(&vendor, &format!("/lots/{lot}/convert"), json!({})).await;
        id(&pool.json()).to_owned()
    }

    /// Credits of the target account.
    pub async fn credits(&self, sku: &str, more: Value, count: u32) -> String {
        self.credits_of("{account}", sku, more, count).await
    }

    /// Free credits of a pool.
    pub async fn free(&self, pool: &str) -> Value {
        let free = self.world.get(&self.desk, &format!("/pools/{pool}")).await.json()["free"].clone();
        free.as_object().and_then(|free| free.values().next().cloned()).unwrap_or(json!(0))
    }

    pub async fn try_make(&self, body: Value) -> Answer {
        self.world.post(&self.desk, "/keys/{named}/licenses", body).await
    }

    pub async fn make(&self, body: Value) -> Value {
        let made = self.try_make(body).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        made.json()
    }

    pub async fn post(&self, license: &Value, deed: &str, body: Value) -> Answer {
        self.world.post(&self.desk, &format!("/licenses/{}/{deed}", id(license)), body).await
    }

    pub async fn delete(&self, license: &Value) -> Answer {
        let path = format!("/licenses/{}", id(license));
        self.world
            .raw(self.world.request(&self.desk, Method::DELETE, &path).body(Body::empty()).expect("a request"))
            .await
    }

    pub async fn show(&self, license: &Value) -> Value {
        self.world.get(&self.desk, &format!("/licenses/{}", id(license))).await.json()
    }

    /// A device activates a product with the activation key of the world.
    pub async fn activates(&self, device: u8, sku: &str) -> Result<Box<Lease>, Refused> {
        let mut message = Device::new(device).activates(NAMED_CODE);
        message.sender.aud = sku.into();
        let command = Command::Activate { message: Box::new(message), id: random::activation(), held: None };
        match self.world.app.send(Actor::system("device"), command).await.expect("an answer") {
            Outcome::Lease(lease) => Ok(lease),
            Outcome::Refusal(no) | Outcome::Stranger(no) => Err(no.refused().expect("a known number")),
            other => panic!("{other:?}"),
        }
    }

    /// A licence of the world's own product.
    pub fn year(users: u32) -> Value {
        json!({"pool": "{credits}", "units": {"users": users}})
    }

    pub const YEAR: &'static str = YEAR;
}
