//! What lots, pools and allotments have in common: counts of units, and lists by account.

use super::list::{Chunk, indexed};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Quantity, When};
use leasehold_ledger::record::{AccountId, Holding, HoldingId};
use leasehold_ledger::store::{StoreError, Table};
use leasehold_ledger::view::seconds;
use leasehold_protocol::{Time, Units};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Units of a holding, as they stand now: `units = free + charged + encumbered`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Counts {
    /// Units here.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Of these, available.
    #[schema(value_type = Quantity)]
    pub free: Units,
    /// Of these, in living leases and licence files issued from here.
    #[schema(value_type = Quantity)]
    pub charged: Units,
    /// Of these, still carried by a lease or licence file issued elsewhere; they arrive when it ends.
    #[schema(value_type = Quantity)]
    pub encumbered: Units,
}

impl Counts {
    /// The counts of a holding.
    #[must_use]
    pub fn of(holding: &Holding) -> Self {
        Self {
            free: holding.free(),
            units: holding.units.clone(),
            charged: holding.charged.clone(),
            encumbered: holding.encumbered.clone(),
        }
    }
}

impl Counts {
    /// The counts of several holdings together.
    ///
    /// # Errors
    /// [`Problem`] where they are more than can be counted.
    pub fn all(holdings: &[Holding]) -> Result<Self, Problem> {
        let add = |part: fn(&Holding) -> Units| {
            holdings.iter().try_fold(Units::default(), |all, one| leasehold_ledger::charge::sum(&all, &part(one)))
        };
        Ok(Self {
            units: add(|one| one.units.clone())?,
            free: add(Holding::free)?,
            charged: add(|one| one.charged.clone())?,
            encumbered: add(|one| one.encumbered.clone())?,
        })
    }
}

/// Units that arrive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Arrival {
    /// How many.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// At the latest; earlier if the device lets go before. Null while it depends on a licence file without an end.
    pub at_latest: Option<When>,
}

/// The encumbered units of a holding by the time they arrive, soonest first.
///
/// # Errors
/// [`Problem`].
pub fn arriving(sight: &Sight<'_>, holding: &Holding) -> Result<Vec<Arrival>, Problem> {
    if holding.encumbered.is_none() {
        return Ok(Vec::new());
    }
    let mut by_end: BTreeMap<Time, Units> = BTreeMap::new();
    for id in seconds(&sight.draft, Table::Encumbrances, holding.id.bytes())? {
        let (activation, slot) = sight.draft.indexed(id)?;
        let end = activation.older.iter().map(|artefact| artefact.exp).fold(slot.exp, Time::max);
        for encumbrance in activation.encumbrances.iter().filter(|one| one.at == holding.id) {
            let sum = by_end.entry(end).or_default();
            *sum = leasehold_ledger::charge::sum(sum, &encumbrance.units)?;
        }
    }
    Ok(by_end.into_iter().map(|(end, units)| Arrival { units, at_latest: When::end(end) }).collect())
}

/// The holdings of an account, oldest first to the second: those that `row` makes something of.
///
/// # Errors
/// [`Problem`].
pub fn of_account<R>(
    sight: &mut Sight<'_>,
    account: AccountId,
    rows: (Option<&[u8]>, usize),
    row: impl Fn(&Sight<'_>, Holding) -> Result<Option<R>, Problem>,
) -> Result<Chunk<R>, Problem> {
    indexed(sight, (Table::AccountHoldings, account.bytes()), rows, |sight, id, _| {
        row(sight, sight.draft.holding(second(id)?)?)
    })
}

/// The holding an index row names.
///
/// # Errors
/// [`Problem`] when the row is damaged.
pub fn second(id: &[u8]) -> Result<HoldingId, Problem> {
    let damaged = |_| StoreError::Io("an index row does not end in an id".into());
    Ok(HoldingId(Uuid::from_slice(id).map_err(damaged)?))
}
