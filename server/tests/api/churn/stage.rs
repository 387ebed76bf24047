//! Where histories begin: the small world with an organisation in it, products of every type, and who may act for whom.

use crate::people::firm::Firm;
use crate::world::{Relation, SKU, World};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{AccountId, UserId};
use leasehold_protocol::Time;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Skus an order may name, some of them more often than others. `TWIN` mixes with the usual product; `YEAR` and `PRO` are two
/// editions for as long, `HELP` is a support, `TRY` a trial.
pub const SKUS: [&str; 14] =
    [SKU, SKU, SKU, "TWIN", "YEAR", "YEAR", "PRO", "PRO", "HELP", "TRY", "NAMED", "NAMED", "FLOAT", "FLOAT"];
/// Those of which licences are made.
pub const CREDITS: [&str; 4] = ["YEAR", "PRO", "HELP", "TRY"];

#[derive(Clone)]
struct Built {
    world: Arc<World>,
    firm: AccountId,
    members: [UserId; 2],
}

/// A world of a history's own, and who is in it.
pub struct Stage {
    pub world: World,
    pub firm: AccountId,
    /// Members of the organisation.
    pub members: [UserId; 2],
    /// The session of the organisation's owner.
    pub owner: String,
    /// The session of one of its members, who may look.
    pub member: String,
}

impl Stage {
    pub async fn new() -> Self {
        static BUILT: OnceCell<Built> = OnceCell::const_new();
        let Built { world, firm, members } = BUILT.get_or_init(build).await.clone();
        let world = world.fork();
        let (owner, member) = (world.session("anna").await, world.session("bela").await);
        Self { world, firm, members, owner, member }
    }

    pub fn now(&self) -> Time {
        self.world.app.clock.now()
    }

    /// The same stage so many seconds later; people sign in again.
    pub async fn later(&mut self, seconds: i64) {
        self.world = self.world.at(self.now().plus(seconds));
        self.owner = self.world.session("anna").await;
        self.member = self.world.session("bela").await;
    }

    /// Accounts that are sold to or given units, with who may act for each.
    pub fn places(&self) -> Vec<(String, Vec<String>)> {
        let of = |relation| self.world.of(relation, Role::Operator);
        let [above, own] = [of(Relation::Above), of(Relation::Own)];
        let place = |relation, desks| (self.world.ids.account(relation).to_string(), desks);
        vec![
            place(Relation::Own, vec![own.clone(), own.clone(), above.clone()]),
            (self.firm.to_string(), vec![self.owner.clone(), own.clone()]),
            place(Relation::Below, vec![of(Relation::Below), own]),
            place(Relation::Beside, vec![of(Relation::Beside), above.clone()]),
            place(Relation::Above, vec![above]),
            place(Relation::Far, vec![of(Relation::Far)]),
        ]
    }

    /// Everybody, so also those who may not.
    pub fn everybody(&self) -> Vec<String> {
        let mut all: Vec<String> =
            Relation::ALL.iter().map(|relation| self.world.of(*relation, Role::Operator)).collect();
        all.extend([self.world.of(Relation::Own, Role::Viewer), self.owner.clone(), self.member.clone()]);
        all
    }
}

async fn build() -> Built {
    let firm = Firm::new().await;
    let members = [firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await];
    let world = &firm.world;
    world.sells_all_types().await;
    for more in [
        json!({"sku": "TWIN", "compat": "standard", "offline": true}),
        json!({"sku": "PRO", "compat": "PRO", "term": "annual"}),
        json!({"sku": "HELP", "compat": "HELP", "kind": "support", "term": "annual"}),
    ] {
        let mut product = json!({"name": more["sku"], "kinds": ["OBM"]});
        product.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let made = world.posts(&world.vendor(), "/products", product).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
    }
    for account in [world.ids.account(Relation::Own), firm.account] {
        let mut skus = SKUS.to_vec();
        skus.dedup();
        let lines: Vec<_> = skus.iter().map(|sku| json!({"product": sku, "units": {"OBM": 12}})).collect();
        let order = json!({"entitlement": format!("SO-OF-{}", if account == firm.account { "FIRM" } else { "RESELLER" }), "lines": lines});
        let sold = world.posts(&world.vendor(), &format!("/accounts/{account}/orders"), order).await;
        assert_eq!(sold.status, 201, "{:?}", sold.bytes);
        for lot in sold.json()["lots"].as_array().expect("lots") {
            if account != firm.account && CREDITS.iter().any(|sku| lot["product"] == *sku) {
                let path = format!("/lots/{}/convert", lot["id"].as_str().expect("an id"));
                assert_eq!(world.posts(&world.vendor(), &path, json!({})).await.status, 200);
            }
        }
    }
    Built { world: firm.world, firm: firm.account, members }
}
