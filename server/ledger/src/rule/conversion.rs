//! What stands against adding a lot to the pool, and what it would do: the rules of [`crate::rule::lot::convert`] and of its
//! preview are one list.

use crate::actor::{active, organised};
use crate::charge::{living, sum};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::rule::issue::CONVERSION_GRACE;
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::{Day, Refused, Time, Units};
use std::collections::BTreeMap;

/// Something that stands against a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The code it is refused with.
    pub refused: Refused,
    /// What that means, for people.
    pub why: &'static str,
    /// It is done nevertheless by who forces it (H23).
    pub can_be_forced: bool,
}

/// What a conversion would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The type.
    pub compat: String,
    /// Units that would arrive free.
    pub at_once: Units,
    /// Units in use, by the time they would arrive (H6, H7).
    pub in_use: BTreeMap<Time, Units>,
    /// Devices that run on the lot.
    pub devices: usize,
    /// The day until which upgrades of the type are free now (H21).
    pub until: Option<Day>,
    /// What it would be then.
    pub until_after: Option<Day>,
    /// What stands against it, in the order of the codes.
    pub against: Vec<Obstacle>,
}

/// What stands against adding `lot` to the pool at `now`, in the order of the codes.
///
/// # Errors
/// [`Fault::Store`].
pub fn against(draft: &Draft<'_>, lot: &Holding, product: &Product, now: Time) -> Result<Vec<Obstacle>, Fault> {
    let over = lot.upgrade_until.is_some_and(|until| until < now.day());
    let reasons = [
        (endless_file(draft, lot, now)?, Refused::LicenceActivated, "a licence file without an end is out"),
        (product.metered || lot.expires.is_some(), Refused::NotPoolable, "it is metered or has an end date"),
        (lot.converted.is_some(), Refused::Irreversible, "it was added to the pool before"),
        (over, Refused::MaintenanceExpired, "all pool keys of this type would expire; force it if that is meant"),
        (!lot.granted.is_none(), Refused::QuotaBelowChildren, "seats are granted from it; take them back first"),
    ];
    let holding = reasons.into_iter().filter(|(stands, ..)| *stands);
    let obstacle = |(_, refused, why)| Obstacle { refused, why, can_be_forced: refused == Refused::MaintenanceExpired };
    Ok(holding.map(obstacle).collect())
}

/// What adding a lot to the pool would do at `now`.
///
/// # Errors
/// [`Fault`].
pub fn preview(draft: &Draft<'_>, lot: HoldingId, now: Time) -> Result<Preview, Fault> {
    let lot = draft.lot(lot)?;
    let product = draft.product(&lot.product)?;
    let (mut in_use, mut devices) = (BTreeMap::<Time, Units>::new(), 0);
    for id in seconds(draft, Table::OpenActivations, lot.id.bytes())? {
        let (activation, slot) = draft.indexed(id)?;
        if living(&activation, &slot, now).is_none() {
            continue;
        }
        devices += 1;
        let last = (activation.state == ActivationState::Active && activation.mode == Mode::Lease)
            .then(|| now.plus(CONVERSION_GRACE));
        let ends = activation.older.iter().map(|artefact| artefact.exp).chain(last);
        let units = in_use.entry(ends.fold(slot.exp, Time::max)).or_default();
        *units = sum(units, &activation.charged)?;
    }
    let stock = draft.stock(lot.account, &lot.compat)?.map(|stock| draft.holding(stock)).transpose()?;
    let until = stock.and_then(|stock| stock.upgrade_until);
    let account = draft.account(lot.account)?;
    let mut standing = Vec::new();
    if let Some(account) = &account {
        for no in [active(account), organised(account, &product)] {
            if let Err(Fault::Refused { refused, .. }) = no {
                standing.push(Obstacle { refused, why: refused.text(), can_be_forced: false });
            }
        }
    }
    standing.extend(against(draft, &lot, &product, now)?);
    Ok(Preview {
        at_once: lot.free(),
        in_use,
        devices,
        until,
        until_after: [until, lot.upgrade_until].into_iter().flatten().min(),
        against: standing,
        compat: lot.compat,
    })
}

/// A living licence file without an end stems from the lot.
fn endless_file(draft: &Draft<'_>, lot: &Holding, now: Time) -> Result<bool, Fault> {
    for id in seconds(draft, Table::OpenActivations, lot.id.bytes())? {
        let (activation, slot) = draft.indexed(id)?;
        let endless = slot.exp == Time::MAX || activation.older.iter().any(|artefact| artefact.exp == Time::MAX);
        if endless && !living(&activation, &slot, now).is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}
