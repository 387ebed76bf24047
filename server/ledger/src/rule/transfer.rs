//! Moving units between holdings: the one operation under quotas, pools, transfers and conversion.

use crate::apply::Context;
use crate::charge::sum;
use crate::draft::{Draft, Fault, ensure};
use crate::record::{Activation, ActivationState, Encumbrance, FreeOn, Holding, HoldingId};
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::{ActivationId, Day, Refused, Units};

/// Which units may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Free ones only: to another account, or out of the books.
    Free,
    /// Free ones first, then, inside one account, those that living artefacts carry: they arrive encumbered.
    Carried,
}

impl Draft<'_> {
    /// Moves `units` from one holding to another.
    ///
    /// # Errors
    /// `compat_mismatch`, `term_mismatch` or `insufficient_units`.
    pub fn transfer(
        &mut self,
        context: &Context<'_>,
        from: HoldingId,
        to: HoldingId,
        units: &Units,
        take: Take,
    ) -> Result<(), Fault> {
        self.take_free(context, from, units, take)?;
        let (source, target) = (self.holding(from)?, self.holding(to)?);
        let detail = || format!("{} and {}", source.name, target.name);
        ensure(source.compat == target.compat, Refused::CompatMismatch, detail)?;
        ensure(source.expires == target.expires, Refused::TermMismatch, detail)?;
        let carried = units.saturating_sub(&source.free());
        let left = self.carry_encumbered(from, to, carried)?;
        let left = self.carry_charged(from, to, left)?;
        ensure(left.is_none(), Refused::InsufficientUnits, || format!("{} has {left} less than that", source.name))?;
        self.shift(from, to, units)
    }

    /// Refuses what cannot be taken; looks at what time may have ended first.
    fn take_free(&mut self, context: &Context<'_>, from: HoldingId, units: &Units, take: Take) -> Result<(), Fault> {
        if !self.holding(from)?.free().covers(units) {
            self.sweep(from, context.now)?;
        }
        let source = self.holding(from)?;
        let takeable = if take == Take::Free { source.free() } else { source.units.clone() };
        let detail = || format!("{} has {takeable}, {units} are wanted", source.name);
        ensure(takeable.covers(units), Refused::InsufficientUnits, detail)
    }

    /// Carries up to `wanted` encumbered units on. Returns what is still wanted.
    fn carry_encumbered(&mut self, from: HoldingId, to: HoldingId, mut wanted: Units) -> Result<Units, Fault> {
        if wanted.is_none() {
            return Ok(wanted);
        }
        for id in seconds(self, Table::Encumbrances, from.bytes())? {
            let (before, _) = self.indexed(id)?;
            let mut after = before.clone();
            let mut carried = Units::default();
            for encumbrance in after.encumbrances.iter_mut().filter(|one| one.at == from) {
                let part = encumbrance.units.min(&wanted);
                encumbrance.units = encumbrance.units.saturating_sub(&part);
                wanted = wanted.saturating_sub(&part);
                carried = sum(&carried, &part)?;
            }
            if !carried.is_none() {
                let mut source = self.holding(from)?;
                source.encumbered = source.encumbered.saturating_sub(&carried);
                self.put(&source);
                self.encumber(&before, after, to, &carried)?;
            }
        }
        Ok(wanted)
    }

    /// Carries up to `wanted` charged units on: first of devices that run out soonest. Returns what is still wanted.
    fn carry_charged(&mut self, from: HoldingId, to: HoldingId, mut wanted: Units) -> Result<Units, Fault> {
        if wanted.is_none() {
            return Ok(wanted);
        }
        let homed = seconds(self, Table::OpenActivations, from.bytes())?.into_iter();
        let mut homed = homed.map(|id| self.indexed(id)).collect::<Result<Vec<_>, _>>()?;
        homed.sort_by_key(|(activation, slot)| (activation.state == ActivationState::Active, slot.exp, activation.id));
        for (before, _) in homed {
            let carried = before.charged.min(&wanted);
            if carried.is_none() {
                continue;
            }
            wanted = wanted.saturating_sub(&carried);
            let mut source = self.holding(from)?;
            source.charged = source.charged.saturating_sub(&carried);
            self.put(&source);
            let after = Activation { charged: before.charged.saturating_sub(&carried), ..before.clone() };
            if source.free_on == FreeOn::AtOnce {
                self.put_activation(&before, &after)?; // by the portals' letter they arrive free
            } else {
                self.encumber(&before, after, to, &carried)?;
            }
        }
        Ok(wanted)
    }

    /// Books units an activation carries in `to`: as charged where that is its home, else as encumbered.
    fn encumber(
        &mut self,
        before: &Activation,
        mut after: Activation,
        to: HoldingId,
        units: &Units,
    ) -> Result<(), Fault> {
        let mut target = self.holding(to)?;
        if to == after.holding {
            after.charged = sum(&after.charged, units)?;
            target.charged = sum(&target.charged, units)?;
        } else {
            target.encumbered = sum(&target.encumbered, units)?;
            match after.encumbrances.last_mut() {
                Some(last) if last.at == to => last.units = sum(&last.units, units)?,
                _ => after.encumbrances.push(Encumbrance { at: to, units: units.clone() }),
            }
        }
        after.encumbrances.retain(|encumbrance| !encumbrance.units.is_none());
        self.put(&target);
        self.put_activation(before, &after)?;
        Ok(())
    }

    /// Moves the count itself, and with it what the units stem from.
    fn shift(&mut self, from: HoldingId, to: HoldingId, units: &Units) -> Result<(), Fault> {
        let (mut source, mut target) = (self.holding(from)?, self.holding(to)?);
        self.moved(Some(from), Some(to), units);
        source.units = source.units.saturating_sub(units);
        target.units = sum(&target.units, units)?;
        let new = source.backing.iter().filter(|lot| !target.backing.contains(lot)).copied().collect::<Vec<_>>();
        target.backing.extend(new);
        target.upgrade_until = earliest(&source, &target);
        emptied(&mut source);
        self.put(&source);
        self.put(&target);
        Ok(())
    }

    /// Books in `to` what an activation has charged at home, and ends its renewal. No unit moves: those of `to` stand in.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn stand_in(&mut self, before: &Activation, to: HoldingId) -> Result<(), Fault> {
        let mut home = self.holding(before.holding)?;
        home.charged = home.charged.saturating_sub(&before.charged);
        self.put(&home);
        let after = Activation { state: ActivationState::Stopped, charged: Units::default(), ..before.clone() };
        self.encumber(before, after, to, &before.charged)
    }

    /// Takes free units out of the books for good; what stands above holds so much less for its children.
    ///
    /// # Errors
    /// `insufficient_units`.
    pub fn burn(&mut self, context: &Context<'_>, from: HoldingId, units: &Units) -> Result<(), Fault> {
        self.take_free(context, from, units, Take::Free)?;
        let mut source = self.holding(from)?;
        self.moved(Some(from), None, units);
        source.units = source.units.saturating_sub(units);
        source.retired = sum(&source.retired, units)?;
        emptied(&mut source);
        self.put(&source);
        let mut above = source.parent;
        while let Some(id) = above {
            self.granted(Some(id), &Units::default(), units)?;
            above = self.holding(id)?.parent;
        }
        Ok(())
    }

    /// Everything an activation's id leads to, for rules that only have the id.
    ///
    /// # Errors
    /// `out_of_reach`, or [`Fault::Store`].
    pub fn known(&self, id: ActivationId) -> Result<(Activation, crate::renewal::Renewal), Fault> {
        self.activation(id)?.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no activation {id}")))
    }
}

/// No units stem from no lot, but for a lot, which stems from itself.
fn emptied(source: &mut Holding) {
    if source.units.is_none() {
        let bought = (!source.minted.is_none()).then_some(source.id);
        source.backing = bought.into_iter().collect();
        source.upgrade_until = source.bought_until;
    }
}

/// The earlier of two days, where there is one (H21, H22).
fn earliest(source: &Holding, target: &Holding) -> Option<Day> {
    [source.upgrade_until, target.upgrade_until].into_iter().flatten().min()
}
