//! What an account had and used at a moment in the past, from its Events.
//!
//! Units: the balances of today, with every move since undone. Use: an activation that no Event is about since stands as it does today;
//! of any other the oldest Event since tells what it had before. Where that one does not tell, the newest Event before the moment does;
//! if that is not among the next [`LOOK_BACK_MAX`] of the account, what is likely is taken.

use super::usage::{Counts, Looked, each_holding};
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use leasehold_ledger::record::{AccountId, ActivationState, Event, HoldingId, HoldingRole, Value, Verb};
use leasehold_ledger::store::{Read as _, StoreError, Table, after};
use leasehold_ledger::view::seconds;
use leasehold_protocol::{ActivationId, Time, Units};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Events before the moment that are looked at for what those after it do not tell.
pub const LOOK_BACK_MAX: usize = 10_000;
/// Rows read at once.
const CHUNK: usize = 512;

/// By kind of unit.
type Kinds = BTreeMap<String, i64>;

/// What one activation used at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Use {
    /// This.
    Known(Kinds),
    /// This, unless an older Event says otherwise.
    Likely(Kinds),
}

/// An account at a moment.
#[derive(Default)]
struct Past {
    /// Product and balance of holdings.
    holdings: BTreeMap<HoldingId, (String, Kinds)>,
    /// Holdings whose end had come, or that are no units of the account's own.
    uncounted: BTreeSet<HoldingId>,
    /// Product, and what it used.
    activations: BTreeMap<ActivationId, (String, Use)>,
    /// Those of which only what is likely is known.
    open: BTreeSet<ActivationId>,
}

/// By product and kind, what there was, was in use, and was free.
///
/// # Errors
/// [`Problem`].
pub fn counts(sight: &mut Sight<'_>, account: AccountId, at: Time, looked: &mut Looked) -> Result<Counts, Problem> {
    let mut past = Past::default();
    each_holding(sight, account, looked, |sight, id, looked| past.take(sight, id, at, looked))?;
    let mut behind = 0;
    each_event(sight, account, |event| {
        if event.at > at {
            looked.at_one()?;
            past.undo(&event, at);
            return Ok(ControlFlow::Continue(()));
        }
        behind += 1;
        if behind > LOOK_BACK_MAX || past.open.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        past.learn(&event);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(past.counts())
}

/// The Events of an account, newest first.
fn each_event(
    sight: &Sight<'_>,
    account: AccountId,
    mut visit: impl FnMut(Event) -> Result<ControlFlow<()>, Problem>,
) -> Result<(), Problem> {
    let damaged = || StoreError::Io("a row of account_events leads nowhere".into());
    let (mut from, end) = (account.bytes().to_vec(), after(account.bytes()));
    loop {
        let rows = sight.draft.scan(Table::AccountEvents, &from, &end, CHUNK)?;
        for (key, _) in &rows {
            let countdown = key.get(16..).and_then(|own| own.try_into().ok()).map(u64::from_be_bytes);
            let number = u64::MAX - countdown.ok_or_else(damaged)?;
            let event = sight.draft.record::<Event>(&number.to_be_bytes())?.ok_or_else(damaged)?;
            if visit(event)?.is_break() {
                return Ok(());
            }
        }
        match rows.last() {
            Some((key, _)) if rows.len() == CHUNK => from = [key, &[0][..]].concat(),
            _ => return Ok(()),
        }
    }
}

impl Past {
    /// A holding and its activations as they are today.
    fn take(&mut self, sight: &mut Sight<'_>, id: HoldingId, at: Time, looked: &mut Looked) -> Result<(), Problem> {
        let holding = sight.draft.holding(id)?;
        if holding.role == HoldingRole::Reserve {
            self.uncounted.insert(id);
            return Ok(());
        }
        if holding.expires.is_some_and(|end| end <= at) {
            self.uncounted.insert(id);
        }
        self.holdings.insert(id, (holding.product, kinds(&holding.units)));
        for id in seconds(&sight.draft, Table::HoldingActivations, id.bytes())? {
            looked.at_one()?;
            let (activation, slot) = sight.draft.indexed(id)?;
            let was = activation.state == ActivationState::Active && slot.exp > at && activation.created <= at;
            let used = if was { kinds(&activation.units) } else { Kinds::new() };
            self.activations.insert(activation.id, (activation.product, Use::Known(used)));
        }
        Ok(())
    }

    /// Takes back what an Event after the moment did.
    fn undo(&mut self, event: &Event, at: Time) {
        for moved in &event.moves {
            let sides = [(moved.from, 1), (moved.to, -1)];
            for (holding, sign) in sides.into_iter().filter_map(|(id, sign)| Some((id?, sign))) {
                if let Some((_, balance)) = self.holdings.get_mut(&holding) {
                    moved.units.iter().for_each(|(kind, count)| {
                        *balance.entry(kind.to_owned()).or_default() += sign * i64::from(count)
                    });
                }
            }
        }
        if let Some(was) = before(event, at) {
            self.set(&event.subject, was);
        }
        if let Some(replaced) = event.fact("replaces").filter(|_| event.verb == Verb::Activated) {
            self.set(replaced, Use::Likely(Kinds::new()));
        }
    }

    /// What an Event before the moment says of those that are not known.
    fn learn(&mut self, event: &Event) {
        if let Some(used) = since(event).filter(|_| self.is_open(&event.subject)) {
            self.set(&event.subject, Use::Known(used));
        }
        let replaced = event.fact("replaces").filter(|_| event.verb == Verb::Activated);
        if let Some(replaced) = replaced.filter(|replaced| self.is_open(replaced)) {
            self.set(replaced, Use::Known(Kinds::new()));
        }
    }

    fn is_open(&self, id: &str) -> bool {
        id.parse().is_ok_and(|id: ActivationId| self.open.contains(&id))
    }

    fn set(&mut self, id: &str, used: Use) {
        let Ok(id) = id.parse::<ActivationId>() else { return };
        let Some((_, known)) = self.activations.get_mut(&id) else { return };
        match used {
            Use::Likely(_) => self.open.insert(id),
            Use::Known(_) => self.open.remove(&id),
        };
        *known = used;
    }

    fn counts(self) -> Counts {
        let mut counts = Counts::new();
        for (id, (product, balance)) in &self.holdings {
            for (kind, count) in balance.iter().filter(|_| !self.uncounted.contains(id)) {
                let owned = u64::try_from(*count).unwrap_or_default();
                counts.entry((product.clone(), kind.clone())).or_default().owned += owned;
            }
        }
        for (product, used) in self.activations.values() {
            let (Use::Known(used) | Use::Likely(used)) = used;
            for (kind, count) in used {
                let used = u64::try_from(*count).unwrap_or_default();
                counts.entry((product.clone(), kind.clone())).or_default().in_use += used;
            }
        }
        for count in counts.values_mut() {
            count.free = count.owned.saturating_sub(count.in_use);
        }
        counts
    }
}

/// What an Event's activation used before it; none where the Event is about something else.
fn before(event: &Event, at: Time) -> Option<Use> {
    let units = || event.fact("units").map(read).unwrap_or_default();
    Some(match event.verb {
        Verb::Activated => Use::Known(Kinds::new()),
        Verb::LeaseChanged | Verb::UnitsFreed => Use::Known(was(event)),
        Verb::Lapsed => {
            let ended: Option<jiff::Timestamp> = event.fact("ended").and_then(|ended| ended.parse().ok());
            let had_ended = ended.is_some_and(|ended| ended.as_second() <= at.0);
            Use::Known(if had_ended { Kinds::new() } else { units() })
        }
        Verb::Released | Verb::FileReturned | Verb::LeaseProved => Use::Likely(units()),
        Verb::FileIssued => Use::Likely(Kinds::new()),
        _ => return None,
    })
}

/// What an Event's activation used from then on; none where the Event is about something else.
fn since(event: &Event) -> Option<Kinds> {
    match event.verb {
        Verb::Activated | Verb::LeaseChanged | Verb::UnitsFreed | Verb::FileIssued => {
            Some(event.fact("units").map(read).unwrap_or_default())
        }
        Verb::LeaseProved => Some(event.fact("booked").map(read).unwrap_or_default()),
        Verb::Released | Verb::FileReturned | Verb::Lapsed => Some(Kinds::new()),
        _ => None,
    }
}

/// Its units before a change; after it, where they stayed the same.
fn was(event: &Event) -> Kinds {
    let fact = event.facts.iter().find(|fact| fact.name == "units");
    let text = fact.and_then(|fact| match &fact.value {
        Value::Is(units) => Some(units.as_str()),
        Value::Was(before, _) => before.as_deref(),
    });
    text.map(read).unwrap_or_default()
}

fn kinds(units: &Units) -> Kinds {
    units.iter().map(|(kind, count)| (kind.to_owned(), i64::from(count))).collect()
}

/// Units as Events say them: `10 OBM + 5 VM`, or `nothing`.
fn read(text: &str) -> Kinds {
    let parts = text.split(" + ").filter_map(|part| part.split_once(' '));
    parts.filter_map(|(count, kind)| Some((kind.to_owned(), count.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_events_say_them() {
        let units = Units::try_from(BTreeMap::from([("OBM".to_owned(), 10), ("VM-2".to_owned(), 5)])).expect("units");
        for units in [units, Units::default()] {
            assert_eq!(read(&units.to_string()), kinds(&units));
        }
    }
}
