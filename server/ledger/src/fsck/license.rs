//! Licences: each has units, and what was deleted or exchanged has none.

use super::Report;
use super::index::{Expected, pairs};
use super::rows::Rows;
use crate::record::key::HOLDINGS_MAX;
use crate::record::*;

pub fn check(rows: &Rows, report: &mut Report) {
    for key in keyed(rows) {
        let count = key.holdings.len();
        report.ensure(count <= HOLDINGS_MAX, "row", key.id, || format!("{count} licences under one key"));
        for license in key.holdings.iter().filter_map(|id| rows.holdings.get(id)) {
            report.ensure(!license.units.is_none(), "I1", license.id, || "a licence of no units".to_owned());
        }
    }
}

/// A licence that was deleted or exchanged: its key does not give it any more, and it has nothing to give.
pub fn is_gone(key: &Key, holding: &Holding) -> bool {
    key.kind == KeyKind::ActivationKey && holding.units.is_none() && holding.ends.is_some()
}

pub fn keys(rows: &Rows) -> Expected {
    pairs(keyed(rows).map(|key| [*key.account.bytes(), *key.id.bytes()]))
}

pub fn licenses(rows: &Rows) -> Expected {
    pairs(keyed(rows).flat_map(|key| key.holdings.iter().map(|id| [*key.account.bytes(), *id.bytes()])))
}

fn keyed(rows: &Rows) -> impl Iterator<Item = &Key> {
    rows.keys.values().filter(|key| key.kind == KeyKind::ActivationKey && key.state != KeyState::Deleted)
}
