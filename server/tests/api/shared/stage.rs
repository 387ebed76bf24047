//! An organisation with something to share: what it was sold, redeemed and granted.

use crate::people::firm::Firm;
use crate::people::stage::text;
use crate::world::{Answer, Relation, SKU, World};
use axum::http::Method;
use leasehold_ledger::record::{AccountId, UserId};
use leasehold_protocol::Refused;
use serde_json::{Value, json};

/// A permission key that the vendor of [`World::sharing`] sold to nobody yet.
pub const PERMISSION_CODE: &str = "AAAA-BBBB-CCCC-7777";
/// A product for named users.
pub const NAMED: &str = "NAMED";
/// A product whose seats float, on leases of ten minutes.
pub const FLOAT: &str = "FLOAT";

impl World {
    /// The world with a permission key, five units of the usual product, and a seat that a member has.
    pub async fn sharing() -> Self {
        static BUILT: tokio::sync::OnceCell<World> = tokio::sync::OnceCell::const_new();
        let built = BUILT.get_or_init(async || {
            let mut world = Self::new().await;
            world.sells_together(world.ids.account(Relation::Top), PERMISSION_CODE, &[(PLAIN, 5)]).await;
            let body = json!({"user": "{member}"});
            let granted = world.posts(&world.vendor(), "/holdings/{holding}/seats", body).await;
            world.ids.seat = text(&granted, "id").parse().expect("an id");
            world
        });
        built.await.fork()
    }

    /// Products of every type.
    pub async fn sells_all_types(&self) {
        for more in [
            json!({"sku": NAMED, "used_by": "user"}),
            json!({"sku": FLOAT, "used_by": "flex", "lease_term": 600}),
            json!({"sku": "YEAR", "term": "annual"}),
            json!({"sku": "TRY", "term": "trial", "term_days": 30}),
        ] {
            let mut product = json!({"name": more["sku"], "kinds": ["OBM"], "compat": more["sku"]});
            let fields = more.as_object().expect("an object").clone();
            product.as_object_mut().expect("an object").extend(fields);
            let made = self.posts(&self.vendor(), "/products", product).await;
            assert_eq!(made.status, 201, "{:?}", made.bytes);
        }
    }

    /// An order of an account, all of its lines under one permission key.
    pub async fn sells_together(&self, account: AccountId, code: &str, lines: &[(&str, u32)]) -> Value {
        let line = |(sku, count): &(&str, u32)| json!({"product": sku, "units": {"OBM": count}, "activation_id": code, "key_kind": "permission_key"});
        let lines: Vec<Value> = lines.iter().map(line).collect();
        let order = json!({"entitlement": format!("SO {code}"), "lines": lines});
        let made = self.posts(&self.vendor(), &format!("/accounts/{account}/orders"), order).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        made.json()["lots"].clone()
    }

    pub async fn redeems(&self, token: &str, account: &str, code: &str) -> Answer {
        self.posts(token, &format!("/accounts/{account}/redemptions"), json!({"key": code})).await
    }

    pub async fn previews(&self, token: &str, account: &str, code: &str) -> Answer {
        self.posts(token, &format!("/accounts/{account}/redemptions/preview"), json!({"key": code})).await
    }

    pub async fn removes(&self, token: &str, path: &str) -> Answer {
        self.send(token, Method::DELETE, path, json!(null)).await
    }
}

/// An organisation that may be sold every type.
pub async fn firm() -> Firm {
    let firm = Firm::new().await;
    firm.world.sells_all_types().await;
    firm
}

impl Firm {
    /// A lot that was redeemed; its id.
    pub async fn has(&self, sku: &str, count: u32) -> String {
        let code = leasehold::random::key_code();
        self.world.sells_together(self.world.ids.account(Relation::Own), &code, &[(sku, count)]).await;
        let redeemed = self.world.redeems(&self.owner, &self.account.to_string(), &code).await;
        assert_eq!(redeemed.status, 201, "{:?}", redeemed.bytes);
        redeemed.json()["products"][0]["serial_number"].as_str().expect("an id").to_owned()
    }

    pub async fn grants(&self, session: &str, lot: &str, user: UserId) -> Answer {
        self.world.posts(session, &format!("/holdings/{lot}/seats"), json!({"user": user})).await
    }

    /// A seat that is granted, and its code.
    pub async fn seat(&self, lot: &str, user: UserId) -> (String, String) {
        let made = self.grants(&self.owner, lot, user).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        (text(&made, "id"), text(&made, "code"))
    }

    /// A floating key, and its code.
    pub async fn flex(&self, lot: &str) -> (String, String) {
        let made = self.world.posts(&self.owner, &format!("/holdings/{lot}/flex"), json!({})).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        (text(&made, "id"), text(&made, "code"))
    }

    pub async fn free(&self, lot: &str) -> Value {
        self.world.get(&self.owner, &format!("/lots/{lot}")).await.json()["free"].clone()
    }

    /// What a device is told when it activates a key for a product: the refusal, or nothing with a lease.
    pub async fn activates(&self, seed: u8, sku: &str, code: &str) -> Option<Refused> {
        use leasehold_ledger::actor::Actor;
        use leasehold_ledger::{Command, Outcome};
        let mut message = crate::device::Device::new(seed).activates(code);
        message.sender.aud = sku.to_owned();
        let activate =
            Command::Activate { message: Box::new(message), id: leasehold::random::activation(), held: None };
        match self.world.app.send(Actor::system("activate"), activate).await.expect("an answer") {
            Outcome::Lease(_) => None,
            Outcome::Refusal(no) | Outcome::Stranger(no) => Some(no.refused().expect("a known number")),
            other => panic!("neither a lease nor a no: {other:?}"),
        }
    }
}

/// The usual product.
pub const PLAIN: &str = SKU;
