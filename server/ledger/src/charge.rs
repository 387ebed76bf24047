//! The rule that must never break (I16, I17): what is charged, what is encumbered, what is free.
//!
//! An activation's living artefacts carry some units, `living`: the largest count of each kind in any of them, for one device runs
//! on one at a time. Those units are booked in one of two ways, and always in full:
//! **charged** to the home holding they were issued from, or **encumbered** in a holding they were moved to since.
//!
//! ```text
//! charged + sum of encumbrances = living        per activation and kind
//! charged + encumbered <= units                 per holding and kind
//! ```
//! A check reads one holding and issues at most `units - charged to others - encumbered`, so nothing is ever summed over
//! keys, pools or accounts, and still nothing is promised twice. Bookings are looked at again when the device proves it let go
//! of an artefact, and when time may have ended one: the `Due` table says when. In between they err to the safe side.

use crate::draft::{Draft, Fault};
use crate::record::{Activation, ActivationState, Artefact, FreeOn, Holding, HoldingId};
use crate::renewal::Renewal;
use crate::row;
use crate::rule::revision::Opened;
use crate::store::{Read, StoreError, Table};
use leasehold_protocol::{Refused, Time, Units};
use std::collections::BTreeSet;

/// Due activations looked at for one command. A refused command forgets what it looked at, so this is above what gathers in
/// one holding between two runs of the lapse job, which looks at all of them.
const SWEEP_MAX: usize = 4096;
/// Older artefacts remembered one by one; beyond this the two oldest count as one with the units of both and the later end.
const OLDER_MAX: usize = 32;

/// The units in an activation's living artefacts at `now`.
#[must_use]
pub fn living(activation: &Activation, slot: &Renewal, now: Time) -> Units {
    let older = activation.older.iter().filter(|artefact| artefact.exp > now);
    older.fold(current(activation, slot, now), |most, artefact| most.max(&artefact.units))
}

/// The units in the current artefact, while it lives.
fn current(activation: &Activation, slot: &Renewal, now: Time) -> Units {
    if slot.exp > now { activation.units.clone() } else { Units::default() }
}

/// When the next living artefact ends; none if none does.
pub(crate) fn next_end(activation: &Activation, slot: &Renewal, now: Time) -> Option<Time> {
    let older = activation.older.iter().map(|artefact| artefact.exp);
    let now_on = Some(slot.exp).filter(|_| !activation.units.is_none());
    older.chain(now_on).filter(|exp| *exp > now && *exp < Time::MAX).min()
}

/// What `holding` could issue to an activation that has `charged` there already.
#[must_use]
pub fn available(holding: &Holding, charged: &Units) -> Units {
    let others = holding.charged.saturating_sub(charged);
    holding.units.saturating_sub(&others).saturating_sub(&holding.encumbered)
}

/// The activation's current artefact, to be an older one, with no more than is booked for it: where the clock was set back, what
/// had ended before stays ended, for its units may have gone on.
pub(crate) fn last(activation: &Activation, slot: &Renewal) -> Artefact {
    let away = moved(activation);
    let booked = activation.charged.checked_add(&away).unwrap_or(away);
    Artefact { seq: slot.seq, units: activation.units.min(&booked), exp: slot.exp }
}

/// The activation's current artefact gives way to number `seq`: it stays on the books among the older ones while it could
/// carry more than the new one, or for longer.
pub fn supersede(activation: &mut Activation, slot: &Renewal, units: &Units, exp: Time, free_on: FreeOn, now: Time) {
    let last = last(activation, slot);
    activation.older.push(last);
    let adds = |old: &Artefact| old.exp > now && !old.units.is_none() && (old.exp > exp || !units.covers(&old.units));
    activation.older.retain(|old| free_on != FreeOn::AtOnce && adds(old));
    while activation.older.len() > OLDER_MAX {
        let oldest = activation.older.remove(0);
        let next = &mut activation.older[0];
        next.units = next.units.max(&oldest.units);
        next.exp = next.exp.max(oldest.exp);
    }
    activation.units = units.clone();
}

/// The device proved that it has artefact `seq` in hand: what it got before has ended (under `fetch`).
pub fn acknowledge(activation: &mut Activation, seq: u32, free_on: FreeOn) {
    activation.older.retain(|old| free_on == FreeOn::Expiry || old.seq >= seq);
}

/// The device gave everything back. Under `expiry` that proves nothing, and what it has lives until its end.
pub fn give_back(activation: &mut Activation, slot: &Renewal, free_on: FreeOn) {
    if free_on == FreeOn::Expiry {
        let last = last(activation, slot);
        activation.older.push(last);
    } else {
        activation.older.clear();
    }
    activation.units = Units::default();
}

impl Draft<'_> {
    /// Books an activation anew: frees what ended, charges what lives to its home as far as there is room, leaves the rest
    /// encumbered where it is, and writes the activation. An artefact was charged at home when it was signed, so what
    /// left home before that is needed for no later one: home first, and then the oldest freed first, holds no
    /// encumbrance for longer than a term.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn rebook(
        &mut self,
        before: &Activation,
        activation: &mut Activation,
        slot: &Renewal,
        now: Time,
    ) -> Result<(), Fault> {
        activation.older.retain(|artefact| artefact.exp > now);
        let living = living(activation, slot, now);
        let mut home = self.holding(activation.holding)?;
        let room = available(&home, &before.charged);
        let moved = moved(activation);
        // What was stopped gets no later artefact, and its place at home may be meant for another device: nothing comes home.
        // What is there stays while it lives, or what left before its last artefact would not end with those it was in.
        let stays = activation.state == ActivationState::Stopped;
        let stayed = living.saturating_sub(&moved).max(&living.min(&before.charged));
        let at_home = if stays { stayed } else { living.clone() };
        let charged = at_home.min(&room);
        home.charged = sum(&home.charged.saturating_sub(&before.charged), &charged)?;
        self.put(&home);
        let still_away = living.saturating_sub(&charged);
        self.free_oldest(activation, moved.saturating_sub(&still_away))?;
        activation.charged = charged;
        activation.due = next_end(activation, slot, now);
        self.put_activation(before, activation)?;
        Ok(())
    }

    /// Ends `units` of an activation's encumbrances, oldest first.
    fn free_oldest(&mut self, activation: &mut Activation, mut units: Units) -> Result<(), Fault> {
        for encumbrance in &mut activation.encumbrances {
            let ended = encumbrance.units.min(&units);
            if ended.is_none() {
                continue;
            }
            let mut holder = self.holding(encumbrance.at)?;
            holder.encumbered = holder.encumbered.saturating_sub(&ended);
            self.put(&holder);
            encumbrance.units = encumbrance.units.saturating_sub(&ended);
            units = units.saturating_sub(&ended);
        }
        activation.encumbrances.retain(|encumbrance| !encumbrance.units.is_none());
        Ok(())
    }

    /// Looks at the activations with bookings in `holding` whose artefacts may have ended by `now`.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn sweep(&mut self, holding: HoldingId, now: Time) -> Result<(), Fault> {
        let until = due_key(holding, now.plus(1), [0; 16]);
        let rows = self.scan(Table::Due, holding.bytes(), &until, SWEEP_MAX)?;
        for (key, _) in rows {
            let id = key.get(24..).and_then(|id| id.try_into().ok());
            let id = id.ok_or_else(|| StoreError::Corrupt {
                table: Table::Due.name(),
                key: row::hex(&key),
                problem: "not a holding, a time and an activation",
            })?;
            let (before, slot) = self.indexed(id)?;
            self.rebook(&before, &mut before.clone(), &slot, now)?;
        }
        Ok(())
    }

    /// Writes an activation and the indexes that follow from it, and counts it where it opens or closes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_activation(&mut self, before: &Activation, after: &Activation) -> Result<(), StoreError> {
        let (old, new) = (holders(before), holders(after));
        for (due, holders, put) in [(before.due, &old, false), (after.due, &new, true)] {
            let keys = due.into_iter().flat_map(|due| holders.iter().map(move |at| due_key(*at, due, after.id.0)));
            for key in keys {
                if put { self.put_raw(Table::Due, key, vec![]) } else { self.delete(Table::Due, key) }
            }
        }
        let open = [&after.holding.bytes()[..], &after.id.0].concat();
        match (self.get(Table::OpenActivations, &open)?.is_some(), after.is_open()) {
            (false, true) => {
                self.put_raw(Table::OpenActivations, open, vec![]);
                self.count_open(&after.product, Opened::Yes)?;
            }
            (true, false) => {
                self.delete(Table::OpenActivations, open);
                self.count_open(&after.product, Opened::Closed)?;
            }
            _ => {}
        }
        let pair = |at: &HoldingId| [&at.bytes()[..], &after.id.0].concat();
        old.difference(&new).for_each(|at| self.delete(Table::Encumbrances, pair(at)));
        let encumbered = new.iter().filter(|at| **at != after.holding);
        encumbered.for_each(|at| self.put_raw(Table::Encumbrances, pair(at), vec![]));
        self.put(after);
        Ok(())
    }
}

/// The holdings an activation is booked in.
pub(crate) fn holders(activation: &Activation) -> BTreeSet<HoldingId> {
    let elsewhere = activation.encumbrances.iter().map(|encumbrance| encumbrance.at);
    elsewhere.chain([activation.holding]).collect()
}

/// All an activation's encumbrances together.
#[must_use]
pub fn moved(activation: &Activation) -> Units {
    let encumbrances = activation.encumbrances.iter();
    encumbrances.fold(Units::default(), |all, one| all.checked_add(&one.units).unwrap_or(all))
}

/// The sum of two quantities.
///
/// # Errors
/// `bad_quantity` where the two are more than can be counted.
pub fn sum(a: &Units, b: &Units) -> Result<Units, Fault> {
    let many = || Fault::refused(Refused::BadQuantity, format!("{a} and {b} are more than can be counted"));
    a.checked_add(b).ok_or_else(many)
}

/// The key of a Due row.
#[must_use]
pub fn due_key(holding: HoldingId, at: Time, activation: [u8; 16]) -> Vec<u8> {
    [&holding.bytes()[..], &at.0.to_be_bytes(), &activation].concat()
}
