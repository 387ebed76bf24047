//! Reserves: each account knows its own, one a compat, and they stand in for dead devices and do nothing else (I16).

use super::Report;
use super::rows::Rows;
use crate::record::HoldingRole;
use std::collections::BTreeSet;

pub fn check(rows: &Rows, report: &mut Report) {
    let mut known = BTreeSet::new();
    for rehosts in rows.rehosts.values() {
        let account = rehosts.account;
        report.ensure(rows.accounts.contains_key(&account), "row", account, || "rehosts of no account".to_owned());
        report.ensure(rehosts.at.is_sorted(), "row", account, || "its rehosts are not in their order".to_owned());
        let mut compats = BTreeSet::new();
        for id in &rehosts.reserves {
            let reserve =
                rows.holdings.get(id).filter(|one| one.role == HoldingRole::Reserve && one.account == account);
            let Some(reserve) = reserve else {
                report.find("row", account, format!("{id} is no reserve of its"));
                continue;
            };
            known.insert(*id);
            report.ensure(compats.insert(&reserve.compat), "row", id, || {
                format!("another reserve of {:?} in the account", reserve.compat)
            });
        }
    }
    for reserve in rows.holdings.values().filter(|one| one.role == HoldingRole::Reserve) {
        let id = reserve.id;
        report.ensure(known.contains(&id), "row", id, || "a reserve that its account does not know".to_owned());
        let idle = reserve.charged.is_none() && reserve.granted.is_none();
        report.ensure(idle, "I16", id, || "something is issued from a reserve".to_owned());
    }
    let standing_in = rows.activations.values().filter(|one| {
        let mut holders = one.encumbrances.iter().filter_map(|away| rows.holdings.get(&away.at));
        holders.any(|holder| holder.role == HoldingRole::Reserve)
    });
    for activation in standing_in {
        let home = rows.holdings.get(&activation.holding).map(|home| (home.account, &home.compat));
        let fits = activation.encumbrances.iter().all(|away| {
            let holder = rows.holdings.get(&away.at).filter(|one| one.role == HoldingRole::Reserve);
            holder.is_none_or(|reserve| home == Some((reserve.account, &reserve.compat)))
        });
        report.ensure(fits, "I16", activation.id, || {
            "a reserve of another account or compat stands in for it".to_owned()
        });
    }
}
