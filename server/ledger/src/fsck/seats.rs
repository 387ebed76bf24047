//! Seats: each is an active member's (G27, G34), or nobody's and empty; and the index that finds them by user.

use super::Report;
use super::index::{Expected, pairs};
use super::rows::Rows;
use crate::record::*;
use crate::store::Table;
use std::collections::BTreeSet;

pub fn check(rows: &Rows, report: &mut Report) {
    let active = |one: &&Membership| one.state == MembershipState::Active;
    let members: BTreeSet<_> = rows.memberships.iter().filter(active).map(|one| (one.account, one.user)).collect();
    for key in rows.keys.values() {
        match key.user {
            Some(user) => {
                report.ensure(key.kind == KeyKind::Seat, "row", key.id, || "a user's, and no seat".to_owned());
                let takes_part = members.contains(&(key.account, user));
                report.ensure(takes_part, "row", key.id, || format!("the seat of {user}, who takes no part"));
            }
            None if key.is_vacated() => {
                let holds = |id: &HoldingId| rows.holdings.get(id).is_some_and(|one| !one.units.is_none());
                let empty = !key.holdings.iter().any(holds);
                report.ensure(empty && key.state != KeyState::Open, "row", key.id, || {
                    "a seat that is nobody's and gives something".to_owned()
                });
            }
            None => {}
        }
    }
}

pub fn index(rows: &Rows) -> (Table, Expected) {
    let of = |key: &Key| key.user.map(|user| [*user.bytes(), *key.id.bytes()]);
    (Table::UserSeats, pairs(rows.keys.values().filter_map(of)))
}
