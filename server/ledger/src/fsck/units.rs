//! Units: conservation (I1), what is booked fits (I17), quotas and upgrade dates follow from what they are made of (I7).

use super::Report;
use super::rows::Rows;
use crate::record::{Holding, HoldingId, HoldingRole};
use leasehold_protocol::Units;
use std::collections::BTreeMap;

/// Counts by kind, wide enough for any sum; what is zero is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count(BTreeMap<String, i128>);

impl Count {
    pub fn add(&mut self, units: &Units, sign: i128) {
        for (kind, count) in units.iter() {
            *self.0.entry(kind.to_owned()).or_default() += sign * i128::from(count);
        }
        self.0.retain(|_, count| *count != 0);
    }

    fn of(units: &Units) -> Self {
        let mut count = Self::default();
        count.add(units, 1);
        count
    }
}

/// What the activations say about each holding, and the children about their parent.
#[derive(Default)]
struct Booked {
    charged: Count,
    encumbered: Count,
    granted: Count,
}

pub fn check(rows: &Rows, report: &mut Report) {
    conserved(rows, report);
    let mut booked: BTreeMap<HoldingId, Booked> = BTreeMap::new();
    for activation in rows.activations.values() {
        booked.entry(activation.holding).or_default().charged.add(&activation.charged, 1);
        for encumbrance in &activation.encumbrances {
            booked.entry(encumbrance.at).or_default().encumbered.add(&encumbrance.units, 1);
        }
    }
    for child in rows.holdings.values() {
        let Some(parent) = child.parent else { continue };
        let granted = &mut booked.entry(parent).or_default().granted;
        granted.add(&child.units, 1);
        granted.add(&child.granted, 1);
    }
    let none = Booked::default();
    for holding in rows.holdings.values() {
        fits(holding, booked.get(&holding.id).unwrap_or(&none), report);
        dated(rows, holding, report);
    }
}

/// I1: what was minted and not retired is somewhere, and nothing else is.
fn conserved(rows: &Rows, report: &mut Report) {
    let mut balance: BTreeMap<&str, (Count, Count)> = BTreeMap::new();
    for holding in rows.holdings.values() {
        let (bought, held) = balance.entry(&holding.compat).or_default();
        bought.add(&holding.minted, 1);
        bought.add(&holding.retired, -1);
        held.add(&holding.units, 1);
        let comes_in = matches!(holding.role, HoldingRole::Lot | HoldingRole::Reserve);
        report.ensure(comes_in || holding.minted.is_none(), "I1", holding.id, || {
            "units were minted into what is no lot".to_owned()
        });
    }
    for (compat, (bought, held)) in balance {
        report.ensure(bought == held, "I1", format!("compat {compat}"), || {
            format!("{:?} were bought, {:?} are held", bought.0, held.0)
        });
    }
}

/// I1: every balance follows from what the Events moved.
pub fn follow(rows: &Rows, balances: &BTreeMap<HoldingId, Count>, report: &mut Report) {
    let none = Count::default();
    for holding in rows.holdings.values() {
        let told = balances.get(&holding.id).unwrap_or(&none);
        report.ensure(Count::of(&holding.units) == *told, "I1", holding.id, || {
            format!("it has {}, and by its Events {:?}", holding.units, told.0)
        });
    }
}

fn fits(holding: &Holding, booked: &Booked, report: &mut Report) {
    let id = holding.id;
    let mut same = |what: &str, stands: &Units, sum: &Count| {
        report.ensure(Count::of(stands) == *sum, "I1", id, || format!("{what} {stands}, but the sum is {:?}", sum.0));
    };
    same("charged", &holding.charged, &booked.charged);
    same("encumbered", &holding.encumbered, &booked.encumbered);
    same("granted", &holding.granted, &booked.granted);
    let mut free = Count::of(&holding.units);
    free.add(&holding.charged, -1);
    free.add(&holding.encumbered, -1);
    report.ensure(free.0.values().all(|count| *count >= 0), "I17", id, || {
        format!("{} charged and {} encumbered of {}", holding.charged, holding.encumbered, holding.units)
    });
}

/// I7: the upgrade date is the earliest of the lots the units stem from.
fn dated(rows: &Rows, holding: &Holding, report: &mut Report) {
    let id = holding.id;
    let mut earliest = None;
    for lot in &holding.backing {
        match rows.holdings.get(lot).filter(|lot| lot.role == HoldingRole::Lot) {
            Some(lot) => earliest = [earliest, lot.bought_until].into_iter().flatten().min(),
            None => report.find("I7", id, format!("backed by {lot}, which is no lot")),
        }
    }
    report.ensure(earliest == holding.upgrade_until, "I7", id, || {
        format!("upgrades until {:?}, by its lots {earliest:?}", holding.upgrade_until)
    });
    let stems = !holding.backing.is_empty() || holding.role == HoldingRole::Reserve;
    report.ensure(holding.units.is_none() || stems, "I7", id, || "its units stem from nowhere".to_owned());
}
