//! Obvious wrong rules, each as a thing that goes wrong before or after a command: the ledger's rows are what they would be
//! if the rule were so. The simulator must notice every one of them.

use super::stories::Story;
use leasehold_ledger::charge::{due_key, living, moved};
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::draft::{Draft, Fault};
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{StoreError, Table, Write};
use leasehold_ledger::{Command, Context, view};
use leasehold_protocol::{ActivationId, Time, Units};
use std::collections::BTreeMap;

mod pool;
mod shared;

/// A rule that looks right and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The sum of quotas is at most what was bought, and what a quota gives up is free at once.
    QuotasOnly,
    /// An answer that was sent counts as fetched.
    SendingIsFetching,
    /// What moves while a lease carries it arrives free.
    MovesForget,
    /// What a pool's keys have in leases is at most the pool: a sum per pool.
    PerPool,
    /// Stopping a key in the portal frees its units.
    StopFrees,
    /// A key is deleted, and its units go back, while its lease lives.
    DeletionFrees,
    /// What was in use of a converted lot arrives free.
    ConversionFrees,
    /// Units are retired that a lease carries.
    RetiredInUse,
    /// A release or a return frees at once also where a device may keep what it gave back.
    ReturnFrees,
    /// A lease outlives the units it draws on.
    EndForgotten,
    /// The end of a renewal frees the units of what the device holds.
    RenewalEndFrees,
    /// A rehost frees a dead device's units with nothing standing in for them.
    RehostFrees,
    /// A server's clock that runs ahead is believed.
    ClockAhead,
    /// A backup is put back and renews at once, whatever devices show.
    NoQuarantine,
    /// An Event says that more units moved than did.
    LyingEvent,
    /// A licence that is exchanged frees its old units at once.
    ExchangeFrees,
    /// A licence is extended, and nothing burnt for it.
    ExtensionIsFree,
    /// Redeeming a permission key again gives its units again.
    RedeemedTwice,
    /// A seat taken back frees its units while its lease lives.
    SeatFrees,
    /// Floating seats are a count of devices, not of what they have.
    DevicesCounted,
    /// A floating seat is free when its device misses a check, not when its lease ends.
    SilenceFrees,
}

impl Wrong {
    /// What is told so that it can go wrong.
    pub fn stories(self) -> &'static [Story] {
        match self {
            Self::RehostFrees => &[Story::Rehosts],
            Self::ExchangeFrees => &[Story::Editions],
            Self::ExtensionIsFree => &[Story::Terms],
            Self::RedeemedTwice => &[Story::Permits],
            Self::SeatFrees => &[Story::Seats],
            Self::DevicesCounted | Self::SilenceFrees => &[Story::Floats],
            _ => &[],
        }
    }
}

/// What goes wrong before a command.
pub fn before(wrong: Wrong, tx: &mut dyn Write, context: &Context<'_>, command: &Command) -> Result<(), StoreError> {
    if let Command::Check { message, .. } = command {
        unsettled(tx, message.sub)?; // or the ledger would notice
    }
    match (wrong, command) {
        (Wrong::DeletionFrees, Command::DeleteKey { key }) => {
            let key: Option<Key> = view::find(tx, key.bytes())?;
            key.and_then(|key| key.holding()).map_or(Ok(()), |at| ended(tx, context.now, |one| one.holding == at))
        }
        (Wrong::NoQuarantine, Command::EndQuarantine) => Ok(()),
        (Wrong::NoQuarantine, _) => tx.delete(Quarantine::TABLE, Quarantine::KEY),
        (Wrong::RetiredInUse, Command::Retire { lot, .. }) => ended(tx, context.now, |one| one.holding == *lot),
        (Wrong::PerPool, Command::Check { .. } | Command::Activate { .. }) => pool::sum_up(tx, context.now),
        (Wrong::SilenceFrees, Command::Activate { .. }) => shared::silence_frees(tx, context.now),
        (Wrong::RedeemedTwice, Command::Redeem { code, .. }) => shared::twice(tx, code),
        _ => Ok(()),
    }
}

/// What goes wrong after a command.
pub fn after(wrong: Wrong, tx: &mut dyn Write, context: &Context<'_>, command: &Command) -> Result<(), StoreError> {
    let now = context.now;
    match (wrong, command) {
        (Wrong::QuotasOnly, _) => forget(tx, now, Older::Forgotten),
        (Wrong::PerPool, _) => forget(tx, now, Older::Kept),
        (Wrong::SendingIsFetching, _) => rebooked(tx, now, |one| {
            let old = !one.older.is_empty();
            one.older.clear();
            old
        }),
        (Wrong::MovesForget, _) => unencumbered(tx, |_| true),
        (Wrong::ConversionFrees, Command::Convert { lot, .. }) => unencumbered(tx, |one| one.holding == *lot),
        (Wrong::StopFrees, Command::StopKey { key }) => ended(tx, now, |one| one.key == *key),
        (Wrong::RenewalEndFrees, Command::StopRenewal { activation }) => ended(tx, now, |one| one.id == *activation),
        (Wrong::RehostFrees, Command::Rehost { activation, .. }) => ended(tx, now, |one| one.id == *activation),
        (Wrong::ReturnFrees, Command::Release { message, .. }) => ended(tx, now, |one| one.id == message.sub),
        (Wrong::ReturnFrees, Command::TakeReturn { message, .. }) => ended(tx, now, |one| one.id == message.sub),
        (Wrong::LyingEvent, _) => lie(tx),
        (Wrong::SeatFrees, Command::TakeSeat { key }) => ended(tx, now, |one| one.key == *key),
        (Wrong::DevicesCounted, _) => shared::devices_counted(tx),
        (wrong, Command::License(command)) => license(wrong, tx, now, command),
        _ => Ok(()),
    }
}

fn license(wrong: Wrong, tx: &mut dyn Write, now: Time, command: &LicenseCommand) -> Result<(), StoreError> {
    match (wrong, command) {
        (Wrong::ExchangeFrees, LicenseCommand::Upgrade { license, pool: Some(_), .. }) => {
            ended(tx, now, |one| one.holding == *license)
        }
        (Wrong::ExtensionIsFree, LicenseCommand::Extend { license }) => shared::unburnt(tx, *license),
        _ => Ok(()),
    }
}

fn activations(tx: &dyn Write) -> Result<Vec<Activation>, StoreError> {
    view::list(tx, &[], None, usize::MAX)
}

fn put<R: Record>(tx: &mut dyn Write, record: &R) -> Result<(), StoreError> {
    tx.put(R::TABLE, &record.key(), &row::encode(record))
}

/// Changes activations, and books anew those that changed.
fn rebooked(tx: &mut dyn Write, now: Time, change: impl Fn(&mut Activation) -> bool) -> Result<(), StoreError> {
    for before in activations(tx)? {
        let mut after = before.clone();
        if !change(&mut after) {
            continue;
        }
        let Some(slot) = view::renewal(tx, before.id)? else { continue };
        let mut draft = Draft::new(tx);
        match draft.rebook(&before, &mut after, &slot, now) {
            Ok(()) => draft.into_changes().write(tx)?,
            Err(Fault::Store(error)) => return Err(error),
            Err(fault) => panic!("{fault}"),
        }
    }
    Ok(())
}

/// The next check of an activation goes the whole way.
fn unsettled(tx: &mut dyn Write, id: ActivationId) -> Result<(), StoreError> {
    match view::find::<Activation>(tx, &id.0)? {
        Some(one) if one.settled.is_some() => put(tx, &Activation { settled: None, ..one }),
        _ => Ok(()),
    }
}

/// As if the artefacts of these activations had ended.
fn ended(tx: &mut dyn Write, now: Time, which: impl Fn(&Activation) -> bool) -> Result<(), StoreError> {
    rebooked(tx, now, |one| {
        let lives = which(one) && !(one.units.is_none() && one.older.is_empty());
        if lives {
            (one.units, one.settled) = (Units::default(), None);
            one.older.clear();
        }
        lives
    })
}

/// As if what these activations carry elsewhere were free there.
fn unencumbered(tx: &mut dyn Write, which: impl Fn(&Activation) -> bool) -> Result<(), StoreError> {
    for one in activations(tx)?.into_iter().filter(|one| which(one) && !one.encumbrances.is_empty()) {
        for away in &one.encumbrances {
            let holder: Option<Holding> = view::find(tx, away.at.bytes())?;
            let Some(mut holder) = holder else { continue };
            holder.encumbered = holder.encumbered.saturating_sub(&away.units);
            put(tx, &holder)?;
            drop_rows(tx, &one, away.at)?;
        }
        put(tx, &Activation { encumbrances: vec![], settled: None, ..one })?;
    }
    Ok(())
}

/// Nothing says any more that `at` has something of the activation's.
fn drop_rows(tx: &mut dyn Write, one: &Activation, at: HoldingId) -> Result<(), StoreError> {
    tx.delete(Table::Encumbrances, &[&at.bytes()[..], &one.id.0].concat())?;
    one.due.map_or(Ok(()), |due| tx.delete(Table::Due, &due_key(at, due, one.id.0)))
}

/// What becomes of older artefacts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Older {
    Kept,
    Forgotten,
}

/// Whatever does not fit into an activation's own holding is forgotten, and what a quota gave up looks free.
fn forget(tx: &mut dyn Write, now: Time, older: Older) -> Result<(), StoreError> {
    let mut holdings: BTreeMap<HoldingId, Holding> = BTreeMap::new();
    for holding in view::list::<Holding>(tx, &[], None, usize::MAX)? {
        let none = Units::default();
        holdings.insert(holding.id, Holding { charged: none.clone(), encumbered: none, ..holding });
    }
    for mut one in activations(tx)? {
        let before = one.clone();
        if older == Older::Forgotten {
            one.older.clear();
        }
        let lives = view::renewal(tx, one.id)?.map_or_else(Units::default, |slot| living(&one, &slot, now));
        let home = holdings.get_mut(&one.holding).expect("it is there");
        one.charged = lives.min(&home.units.saturating_sub(&home.charged));
        home.charged = home.charged.checked_add(&one.charged).expect("small");
        if !moved(&one).is_none() {
            one.encumbrances.iter().try_for_each(|away| drop_rows(tx, &before, away.at))?;
        }
        one.encumbrances.clear();
        if one != before {
            put(tx, &one)?;
        }
    }
    holdings.values().try_for_each(|holding| put(tx, holding))
}

/// The last Event says that one more unit moved; the chain itself is whole.
fn lie(tx: &mut dyn Write) -> Result<(), StoreError> {
    let head: EventHead = view::find(tx, EventHead::KEY)?.unwrap_or_default();
    let event: Option<Event> = view::find(tx, &head.number.to_be_bytes())?;
    let Some(mut event) = event else { return Ok(()) };
    if let Some(moved) = event.moves.first_mut() {
        let more = Units::of("OBM", 1).expect("a good kind");
        moved.units = moved.units.checked_add(&more).expect("small");
        put(tx, &EventHead { number: head.number, hash: Event::hash(&row::encode(&event)) })?;
        put(tx, &event)?;
    }
    Ok(())
}
