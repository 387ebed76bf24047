//! I1 by the API's own answers: what is bought, retired and burnt is what all lots, pools, keys and licences have; in each holding
//! units are free, charged or encumbered; overviews, reports, quotas and activations say the same.

use super::seen::text;
use super::sum::Sum;
use crate::lists::all;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// What an account is shown to have.
#[derive(Clone)]
pub struct Account {
    pub id: String,
    pub lots: Vec<Value>,
    pub pools: Vec<Value>,
    /// Pool keys, seats and floating seats: those that have units of their own.
    pub keys: Vec<Value>,
    pub named: Vec<Value>,
    pub licenses: Vec<Value>,
    pub activations: Vec<Value>,
    pub reserves: Vec<Value>,
    types: Vec<Value>,
    usage: Vec<Value>,
    extended: Vec<Value>,
    deleted: Vec<Value>,
}

/// What all accounts are shown to have.
#[derive(Clone)]
pub struct Books {
    pub accounts: Vec<Account>,
    /// The compat of each product.
    compats: BTreeMap<String, String>,
    now: String,
}

async fn account(world: &World, id: String) -> Account {
    let list = async |what: &str| all(world, &format!("/accounts/{id}/{what}"), "", 500).await;
    let events = async |verb: &str| all(world, &format!("/accounts/{id}/events"), &format!("&verb={verb}"), 500).await;
    let overview = world.get(&world.vendor(), &format!("/accounts/{id}/overview")).await.json();
    let mut keys = list("keys").await;
    keys.retain(|key| key["lot"].is_null() && key["kind"] != "permission_key" && key["kind"] != "activation_id");
    Account {
        lots: list("lots").await,
        pools: list("pools").await,
        keys,
        named: list("activation-keys").await,
        licenses: all(world, "/licenses", &format!("&account={id}"), 500).await,
        activations: list("activations").await,
        reserves: list("reserves").await,
        types: overview["types"].as_array().cloned().unwrap_or_default(),
        usage: list("reports/usage").await,
        extended: events("license_extended").await,
        deleted: events("license_deleted").await,
        id,
    }
}

impl Account {
    /// Everything that has units, but for reserves.
    fn holdings(&self) -> impl Iterator<Item = &Value> {
        self.lots.iter().chain(&self.pools).chain(&self.keys).chain(&self.licenses)
    }
}

impl Books {
    pub async fn read(world: &World) -> Self {
        let mut accounts = Vec::new();
        for one in all(world, "/accounts", "", 500).await {
            accounts.push(account(world, text(&one, "id")).await);
        }
        let products = all(world, "/products", "", 500).await;
        let compats = products.iter().map(|one| (text(one, "sku"), text(one, "compat"))).collect();
        Self { accounts, compats, now: world.app.clock.now().to_string() }
    }

    /// Everything that does not hold.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.conserved(&mut found);
        self.booked(&mut found);
        for account in &self.accounts {
            for holding in account.holdings().chain(&account.reserves) {
                let mut parts = Sum::default();
                ["free", "charged", "encumbered"].iter().for_each(|part| parts.add(&holding[part], 1));
                same(&mut found, &parts, &Sum::of(&holding["units"]), || format!("the parts of {holding}"));
            }
            self.totals(account, &mut found);
            self.usage(account, &mut found);
            granted(account, &mut found);
        }
        found
    }

    fn compat(&self, of: &Value) -> String {
        of["compat"].as_str().map_or_else(|| self.compats[&text(of, "product")].clone(), str::to_owned)
    }

    /// Bought less retired less burnt is held, compat by compat. Units of reserves stay where they were minted.
    fn conserved(&self, found: &mut Vec<String>) {
        let mut balance: BTreeMap<String, (Sum, Sum)> = BTreeMap::new();
        for account in &self.accounts {
            for lot in &account.lots {
                let (bought, _) = balance.entry(self.compat(lot)).or_default();
                bought.add(&lot["minted"], 1);
                bought.add(&lot["retired"], -1);
            }
            for holding in account.holdings() {
                balance.entry(self.compat(holding)).or_default().1.add(&holding["units"], 1);
            }
            for event in &account.extended {
                let pools = self.accounts.iter().flat_map(|account| &account.pools);
                let pool = pools.into_iter().find(|pool| pool["id"] == event["detail"]["pool"]).expect("pools stay");
                balance.entry(self.compat(pool)).or_default().0.add_text(&text(&event["detail"], "units"), -1);
            }
            for event in account.deleted.iter().filter(|event| event["detail"]["credits"] == "used") {
                let changes = event["changes"].as_array().expect("changes").iter();
                let units = changes.clone().find(|change| change["field"] == "units").expect("its units");
                balance.entry(self.compat(&event["detail"])).or_default().0.add_text(&text(units, "before"), -1);
            }
        }
        for (compat, (bought, held)) in balance {
            same(found, &held, &bought, || format!("what is held of {compat}"));
        }
    }

    /// What holdings say is charged and encumbered is what activations say.
    fn booked(&self, found: &mut Vec<String>) {
        let mut booked: BTreeMap<String, (Sum, Sum)> = BTreeMap::new();
        for activation in self.accounts.iter().flat_map(|account| &account.activations) {
            booked.entry(text(activation, "holding")).or_default().0.add(&activation["charged"], 1);
            for one in activation["encumbrances"].as_array().expect("a list") {
                booked.entry(text(one, "holding")).or_default().1.add(&one["units"], 1);
            }
        }
        let none = Default::default();
        for holding in self.accounts.iter().flat_map(|account| account.holdings().chain(&account.reserves)) {
            let id = holding["holdings"][0].as_str().map_or_else(|| text(holding, "id"), str::to_owned);
            let (charged, encumbered) = booked.get(&id).unwrap_or(&none);
            same(found, charged, &Sum::of(&holding["charged"]), || format!("charged by activations to {holding}"));
            let stands = Sum::of(&holding["encumbered"]);
            same(found, encumbered, &stands, || format!("encumbered by activations at {holding}"));
        }
    }

    /// The overview counts what is listed.
    fn totals(&self, account: &Account, found: &mut Vec<String>) {
        let is_stock = |pool: &&Value| pool["role"] == "stock";
        let (stock, pools): (Vec<_>, Vec<_>) = account.pools.iter().partition(is_stock);
        let [lots, keys, reserves]: [Vec<_>; 3] = [
            account.lots.iter().collect(),
            account.keys.iter().chain(&account.licenses).collect(),
            account.reserves.iter().collect(),
        ];
        let places = [("lots", lots), ("stock", stock), ("pools", pools), ("keys", keys), ("reserve", reserves)];
        for totals in &account.types {
            let mut total = Sum::default();
            for (place, holdings) in &places {
                let mut listed = Sum::default();
                let ours = holdings.iter().filter(|one| self.compat(one) == totals["compat"]);
                ours.for_each(|one| listed.add(&one["units"], 1));
                let told = &totals[format!("in_{place}")];
                same(found, &listed, &Sum::of(told), || format!("{place} of {} in the overview", account.id));
                total.add(told, 1);
            }
            same(found, &total, &Sum::of(&totals["total"]), || format!("the total of {} in the overview", account.id));
        }
    }

    /// The report on usage counts what is listed and not over, product by product.
    fn usage(&self, account: &Account, found: &mut Vec<String>) {
        let mut listed: BTreeMap<(String, String), i64> = BTreeMap::new();
        // Times of one length are in the order of their texts. What ends with a licence's term is no unit.
        let is_over = |one: &&Value| one["expires"].as_str().is_some_and(|end| end <= self.now.as_str());
        for holding in account.holdings().filter(|one| !is_over(one)) {
            for (kind, count) in Sum::of(&holding["units"]).0 {
                *listed.entry((text(holding, "product"), kind)).or_default() += count;
            }
        }
        let told = account.usage.iter();
        let told = told.map(|one| ((text(one, "product"), text(one, "kind")), one["owned"].as_i64().unwrap_or(-1)));
        let told: BTreeMap<_, _> = told.filter(|(_, count)| *count != 0).collect();
        if told != listed {
            found.push(format!("the report on usage of {} says {told:?}, listed is {listed:?}", account.id));
        }
    }
}

/// A pool has granted what its keys and its licences have; a stock besides what its named pools have, those that units were moved to
/// and that never had a quota aside.
fn granted(account: &Account, found: &mut Vec<String>) {
    for pool in &account.pools {
        let (mut keys, told) = (Sum::default(), Sum::of(&pool["granted"]));
        let below = account.keys.iter().chain(&account.licenses).filter(|one| one["pool"] == pool["id"]);
        below.for_each(|one| keys.add(&one["units"], 1));
        if pool["role"] == "pool" {
            same(found, &keys, &told, || format!("what stems from {pool}"));
            continue;
        }
        let mut most = keys.clone();
        let is_named = |one: &&Value| one["role"] == "pool" && one["compat"] == pool["compat"];
        account.pools.iter().filter(is_named).for_each(|one| most.add(&one["quota"], 1));
        if !(told.covers(&keys) && most.covers(&told)) {
            found.push(format!("{:?} to {:?} stems from {pool}", keys.0, most.0));
        }
    }
}

fn same(found: &mut Vec<String>, is: &Sum, told: &Sum, what: impl FnOnce() -> String) {
    if is != told {
        found.push(format!("{}: {:?}, not {:?}", what(), is.0, told.0));
    }
}
