//! A scenario: accounts, products, orders, pools and keys as TOML, and what must be left in the end.

use leasehold_ledger::record::{AccountKind, FreeOn, Product};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::{Day, Time, Units};
use serde::Deserialize;

/// The scenarios that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("ahsay-case-study", include_str!("../../../fixtures/scenarios/ahsay-case-study.toml")),
    ("ahsay-upgrade-dates", include_str!("../../../fixtures/scenarios/ahsay-upgrade-dates.toml")),
];

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line for people.
    pub about: String,
    /// The catalogue.
    #[serde(rename = "product")]
    pub products: Vec<NewProduct>,
    /// Accounts below the vendor.
    #[serde(rename = "account")]
    pub accounts: Vec<NewAccount>,
    /// What is bought.
    #[serde(rename = "order")]
    pub orders: Vec<Order>,
    /// Named pools.
    #[serde(rename = "pool", default)]
    pub pools: Vec<Pool>,
    /// What must be left.
    #[serde(rename = "expect", default)]
    pub expects: Vec<Expect>,
}

/// A product; what is not said has the ledger's usual value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct NewProduct {
    pub sku: String,
    pub name: String,
    #[serde(default)]
    pub edition: String,
    #[serde(default)]
    pub features: Vec<String>,
    pub kinds: Vec<String>,
    pub compat: String,
    pub min_version: Option<String>,
    #[serde(default)]
    pub offline: bool,
}

impl NewProduct {
    /// The record: a plain product that stops with its lease.
    #[must_use]
    pub fn record(&self) -> Product {
        Product {
            edition: self.edition.clone(),
            features: self.features.clone(),
            min_version: self.min_version.clone(),
            offline: self.offline,
            at_expiry: AtExpiry::Stop,
            ..Product::plain(&self.sku, &self.name, &self.compat, &self.kinds)
        }
    }
}

/// An account below the vendor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct NewAccount {
    pub name: String,
    pub kind: AccountKind,
    pub key_prefix: Option<String>,
}

/// An order of an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct Order {
    pub account: String,
    pub entitlement: String,
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

/// A line of it; `pooled` adds it to the pool at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct Line {
    pub sku: String,
    pub units: Units,
    pub free_upgrade_until: Option<When>,
    #[serde(default)]
    pub pooled: bool,
}

/// A named pool with its quota and keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct Pool {
    pub account: String,
    pub name: String,
    pub sku: String,
    pub quota: Units,
    #[serde(default)]
    pub free_on: FreeOn,
    #[serde(rename = "key", default)]
    pub keys: Vec<PoolKey>,
}

/// A pool key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the ledger's record explains each")]
pub struct PoolKey {
    pub name: String,
    pub quota: Units,
}

/// What must be left in an account's stock of a type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Expect {
    pub account: String,
    pub compat: String,
    pub left: Units,
    pub free_upgrade_until: When,
}

/// A day: `2024-10-01`, or `+400d` from today.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct When(String);

impl When {
    /// The day, where today is `now`'s.
    ///
    /// # Errors
    /// The text, if it is no day.
    pub fn day(&self, now: Time) -> Result<Day, String> {
        let wrong = || format!("{:?} is no day: write 2024-10-01, or +400d", self.0);
        if let Some(days) = self.0.strip_prefix('+').and_then(|rest| rest.strip_suffix('d')) {
            return days.parse().map(|days: i64| Day(now.day().0 + days)).map_err(|_| wrong());
        }
        let date: jiff::civil::Date = self.0.parse().map_err(|_| wrong())?;
        let epoch = jiff::civil::date(1970, 1, 1);
        Ok(Day(date.since(epoch).map_err(|_| wrong())?.get_days().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leasehold_protocol::time::DAY;

    #[test]
    fn every_built_in_scenario_reads() {
        for (name, text) in BUILT_IN {
            let scenario: Scenario = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!scenario.expects.is_empty(), "{name} checks nothing");
        }
    }

    #[test]
    fn days_are_dates_or_counted_from_today() {
        let now = Time(20_000 * DAY + 5);
        assert_eq!(When("+3d".into()).day(now), Ok(Day(20_003)));
        assert_eq!(When("2024-10-01".into()).day(now).map(|day| day.to_string()), Ok("2024-10-01".into()));
        assert!(When("soon".into()).day(now).is_err());
    }
}
