//! The account tree (I4), names (I11), keys and what they give.

use super::Report;
use super::rows::Rows;
use crate::record::account::DEPTH_MAX;
use crate::record::*;

pub fn check(rows: &Rows, report: &mut Report) {
    rows.accounts.values().for_each(|account| place(rows, account, report));
    rows.keys.values().for_each(|key| gives(rows, key, report));
    for holding in rows.holdings.values() {
        owned(rows, holding, report);
    }
}

/// An account's place in the tree.
fn place(rows: &Rows, account: &Account, report: &mut Report) {
    let id = account.id;
    let vendor = rows.installation.as_ref().map(|installation| installation.vendor);
    let is_root = account.parent.is_none();
    report.ensure(is_root == (account.kind == AccountKind::Vendor), "I4", id, || {
        "the vendor, and nobody else, stands at the top".to_owned()
    });
    report.ensure(!is_root || vendor.is_none_or(|vendor| vendor == id), "I4", id, || {
        "it has no parent and is not the installation's vendor".to_owned()
    });
    let (mut step, mut depth) = (account, 1);
    while let Some(above) = step.parent {
        let Some(parent) = rows.accounts.get(&above) else {
            return report.find("I4", id, format!("account {above} above it is missing"));
        };
        if parent.deleted.is_some() && step.deleted.is_none() {
            report.find("I4", id, format!("it stands below the deleted account {above}"));
        }
        if parent.kind == AccountKind::EndCustomer {
            report.find("I4", id, format!("it stands below the end customer {above}"));
        }
        depth += 1;
        if depth > DEPTH_MAX {
            return report.find("I4", id, format!("it stands deeper than {DEPTH_MAX} levels, or in a cycle"));
        }
        step = parent;
    }
}

/// A key and its holding name each other.
fn gives(rows: &Rows, key: &Key, report: &mut Report) {
    let single = matches!(key.kind, KeyKind::ActivationId | KeyKind::PoolKey | KeyKind::Seat | KeyKind::Flex);
    report.ensure(!single || key.holdings.len() == 1, "row", key.id, || {
        format!("a {:?} that gives {} holdings", key.kind, key.holdings.len())
    });
    for holding in &key.holdings {
        let Some(holding) = rows.holdings.get(holding) else {
            report.find("row", key.id, format!("key of a missing holding {holding}"));
            continue;
        };
        let fits = holding.key == Some(key.id) && holding.account == key.account;
        report.ensure(fits, "row", key.id, || format!("holding {} belongs to another key or account", holding.id));
        let role = match key.kind {
            KeyKind::ActivationId | KeyKind::PermissionKey => HoldingRole::Lot,
            KeyKind::PoolKey | KeyKind::ActivationKey | KeyKind::Seat | KeyKind::Flex => HoldingRole::Allotment,
        };
        report.ensure(holding.role == role, "row", key.id, || format!("gives a {:?}", holding.role));
    }
}

/// A holding's owner, product, order, key and parent are there and fit (I3).
fn owned(rows: &Rows, holding: &Holding, report: &mut Report) {
    let id = holding.id;
    report.ensure(rows.accounts.contains_key(&holding.account), "row", id, || {
        format!("account {} is missing", holding.account)
    });
    let gone = rows.accounts.get(&holding.account).is_some_and(|account| account.deleted.is_some());
    report.ensure(!gone || holding.units.is_none(), "I4", id, || "units in a deleted account".to_owned());
    match rows.products.get(&holding.product) {
        None => report.find("row", id, format!("product {:?} is missing", holding.product)),
        Some(product) => report.ensure(product.compat == holding.compat, "I3", id, || {
            format!("compat {:?} of a product of {:?}", holding.compat, product.compat)
        }),
    }
    if let Some(order) = &holding.order {
        report.ensure(rows.orders.contains_key(order), "row", id, || format!("order {order:?} is missing"));
    }
    let has_key = matches!(holding.role, HoldingRole::Lot | HoldingRole::Allotment);
    let key = holding.key.and_then(|key| rows.keys.get(&key));
    report.ensure(has_key == holding.key.is_some() && has_key == key.is_some(), "row", id, || {
        format!("a {:?} with key {:?}", holding.role, holding.key)
    });
    let gives = |key: &Key| key.holdings.contains(&id) || super::license::is_gone(key, holding);
    report.ensure(key.is_none_or(gives), "row", id, || "its key gives another holding".to_owned());
    let Some(parent) = holding.parent else { return };
    let Some(parent) = rows.holdings.get(&parent) else {
        return report.find("row", id, format!("parent {parent} is missing"));
    };
    let fits = match holding.role {
        HoldingRole::Allotment => matches!(parent.role, HoldingRole::Pool | HoldingRole::Stock | HoldingRole::Lot),
        HoldingRole::Pool => parent.role == HoldingRole::Stock,
        HoldingRole::Lot | HoldingRole::Stock | HoldingRole::Reserve => false,
    };
    report.ensure(fits && parent.account == holding.account, "I3", id, || format!("filled from {}", parent.id));
    report.ensure(parent.compat == holding.compat && parent.expires == holding.expires, "I3", id, || {
        format!("compat or end date differ from those of {}", parent.id)
    });
}
