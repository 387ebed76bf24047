//! Totals of an account by type (H8): what was bought, where it is, what is free and what arrives when.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::{Arrival, arriving, second};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, Quantity, When};
use crate::app::App;
use axum::Json;
use leasehold_ledger::charge::sum;
use leasehold_ledger::record::*;
use leasehold_ledger::scan::Scan;
use leasehold_ledger::store::Table;
use leasehold_protocol::{Refused, Units};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An account's totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// The account.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What everybody has to know about the server now; usually nothing.
    pub notices: Vec<Notice>,
    /// One entry a compat, by name.
    pub types: Vec<TypeTotals>,
}

/// A state of the server in which not everything is done as usual.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notice {
    /// `quarantine`, `clock_untrusted` or `maintenance_expired`.
    pub code: &'static str,
    /// What that means, for people.
    pub text: &'static str,
    /// When it ends by itself, where that is known.
    pub until: Option<When>,
}

/// What everybody has to know about the server now.
#[must_use]
pub fn notices(app: &App) -> Vec<Notice> {
    let quarantine = app.quarantine().map(|quarantine| Notice {
        code: Refused::Quarantine.code(),
        text: "The store was rolled back. Until every lease it may have lost has ended, nothing grows, moves or is newly \
               activated; for the first 48 hours nothing is renewed. Licences in hand run on.",
        until: Some(When(quarantine.ends())),
    });
    let clock = (!app.clock.is_trusted()).then_some(Notice {
        code: Refused::ClockUntrusted.code(),
        text: "The server's clock is not trusted: nothing is signed or changed until an operator has checked it.",
        until: None,
    });
    quarantine.into_iter().chain(clock).collect()
}

/// Totals of one compat. `total = in_lots + in_stock + in_pools + in_keys + in_reserve`, and `total = free + charged + encumbered`.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TypeTotals {
    /// The no-mixing label.
    pub compat: String,
    /// All units here.
    #[schema(value_type = Quantity)]
    pub total: Units,
    /// Of these, in lots that were not added to the pool.
    #[schema(value_type = Quantity)]
    pub in_lots: Units,
    /// Of these, in the pool and in no named pool.
    #[schema(value_type = Quantity)]
    pub in_stock: Units,
    /// Of these, in named pools and in none of their keys.
    #[schema(value_type = Quantity)]
    pub in_pools: Units,
    /// Of these, in pool keys.
    #[schema(value_type = Quantity)]
    pub in_keys: Units,
    /// Of all units, kept for devices that take the place of dead ones.
    #[schema(value_type = Quantity)]
    pub in_reserve: Units,
    /// Of all units, in living leases and licence files.
    #[schema(value_type = Quantity)]
    pub charged: Units,
    /// Of all units, still carried by a lease or licence file issued from another holding.
    #[schema(value_type = Quantity)]
    pub encumbered: Units,
    /// Of all units, available.
    #[schema(value_type = Quantity)]
    pub free: Units,
    /// When encumbered units arrive.
    pub arriving: Vec<Arrival>,
}

impl TypeTotals {
    fn add(&mut self, holding: &Holding, arriving: Vec<Arrival>) -> Result<(), Problem> {
        let place = match holding.role {
            HoldingRole::Lot => &mut self.in_lots,
            HoldingRole::Stock => &mut self.in_stock,
            HoldingRole::Pool => &mut self.in_pools,
            HoldingRole::Allotment => &mut self.in_keys,
            HoldingRole::Reserve => &mut self.in_reserve,
        };
        *place = sum(place, &holding.units)?;
        self.total = sum(&self.total, &holding.units)?;
        self.charged = sum(&self.charged, &holding.charged)?;
        self.encumbered = sum(&self.encumbered, &holding.encumbered)?;
        self.free = sum(&self.free, &holding.free())?;
        for arrival in arriving {
            match self.arriving.iter_mut().find(|known| known.at_latest == arrival.at_latest) {
                Some(known) => known.units = sum(&known.units, &arrival.units)?,
                None => self.arriving.push(arrival),
            }
        }
        Ok(())
    }
}

/// An account's totals by type.
#[utoipa::path(get, path = "/accounts/{account}/overview", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The totals.", body = Overview), Reads))]
pub async fn show_overview(caller: Caller, Path(account): Path<AccountId>) -> Result<Json<Overview>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let mut notices = notices(&caller.app);
        notices.extend(super::maintenance::notice(&sight.draft, account, sight.now)?);
        Ok(Json(Overview { account, notices, types: totals(sight, account)? }))
    })
}

fn totals(sight: &mut Sight<'_>, account: AccountId) -> Result<Vec<TypeTotals>, Problem> {
    let mut types: BTreeMap<String, TypeTotals> = BTreeMap::new();
    let mut scan = Scan::behind(Table::AccountHoldings, account.bytes());
    while let Some(rows) = scan.step(&sight.draft)? {
        for (key, _) in rows {
            let holding = sight.holding_now(second(&key[16..])?)?;
            let arriving = arriving(sight, &holding)?;
            types.entry(holding.compat.clone()).or_default().add(&holding, arriving)?;
        }
    }
    let named = |(compat, mut totals): (String, TypeTotals)| {
        totals.arriving.sort_by_key(|arrival| arrival.at_latest.map_or(i64::MAX, |at| at.0.0));
        TypeTotals { compat, ..totals }
    };
    Ok(types.into_iter().map(named).collect())
}
