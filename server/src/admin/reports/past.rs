//! What an account had and used at a moment in the past, from its Events.
//!
//! Units: the balances of today, with every move since undone; a lot that went over whole to another account was with the first before.
//! Use: an activation that no Event is about since stands as it does today; of any other the oldest Event since tells what it had before.
//! Where that one does not tell, the newest Event before the moment does; if that is not among the next [`LOOK_BACK_MAX`] of the account,
//! what is likely is taken.

mod told;

use super::usage::{Counts, Looked, each_holding};
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use leasehold_ledger::record::{AccountId, ActivationState, Event, Holding, HoldingId, HoldingRole, Verb};
use leasehold_ledger::scan::Scan;
use leasehold_ledger::store::{StoreError, Table};
use leasehold_ledger::view::seconds;
use leasehold_protocol::{ActivationId, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use told::{Kinds, Use, before, kinds, since};

/// Events before the moment that are looked at for what those after it do not tell.
pub const LOOK_BACK_MAX: usize = 10_000;

/// An account at a moment.
#[derive(Default)]
struct Past {
    /// Whose.
    account: Option<AccountId>,
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
    let mut past = Past { account: Some(account), ..Past::default() };
    each_holding(sight, account, looked, |sight, id, looked| past.take(sight, id, at, looked))?;
    let (mut behind, sight) = (0, &*sight);
    each_event(sight, account, |event| {
        if event.at > at {
            looked.at_one()?;
            past.undo(sight, &event, at)?;
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
    let mut scan = Scan::behind(Table::AccountEvents, account.bytes());
    while let Some(rows) = scan.step(&sight.draft)? {
        for (key, _) in rows {
            let countdown = key.get(16..).and_then(|own| own.try_into().ok()).map(u64::from_be_bytes);
            let number = u64::MAX - countdown.ok_or_else(damaged)?;
            let event = sight.draft.record::<Event>(&number.to_be_bytes())?.ok_or_else(damaged)?;
            if visit(event)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

impl Past {
    /// A holding and its activations as they are today.
    fn take(&mut self, sight: &mut Sight<'_>, id: HoldingId, at: Time, looked: &mut Looked) -> Result<(), Problem> {
        let holding = sight.draft.holding(id)?;
        if holding.role == HoldingRole::Reserve {
            return Ok(());
        }
        self.keep(&holding, kinds(&holding.units), at);
        for id in seconds(&sight.draft, Table::HoldingActivations, id.bytes())? {
            looked.at_one()?;
            let (activation, slot) = sight.draft.indexed(id)?;
            let living = matches!(activation.state, ActivationState::Active | ActivationState::Stopped);
            let was = living && slot.exp > at && activation.created <= at;
            let used = if was { kinds(&activation.units) } else { Kinds::new() };
            self.activations.insert(activation.id, (activation.product, Use::Known(used)));
        }
        Ok(())
    }

    fn keep(&mut self, holding: &Holding, balance: Kinds, at: Time) {
        if holding.expires.is_some_and(|end| end <= at) {
            self.uncounted.insert(holding.id);
        }
        self.holdings.insert(holding.id, (holding.product.clone(), balance));
    }

    /// Takes back what an Event after the moment did.
    fn undo(&mut self, sight: &Sight<'_>, event: &Event, at: Time) -> Result<(), Problem> {
        for moved in &event.moves {
            // What went from itself to itself went over whole: its giver is named first.
            if let Some(lot) = moved.from.filter(|from| moved.to == Some(*from)) {
                if event.accounts.first() == self.account.as_ref() {
                    self.keep(&sight.draft.holding(lot)?, kinds(&moved.units), at);
                } else {
                    self.holdings.remove(&lot);
                }
                continue;
            }
            for (holding, sign) in [(moved.from, 1), (moved.to, -1)] {
                let balance = holding.and_then(|holding| self.holdings.get_mut(&holding));
                let Some((_, balance)) = balance else { continue };
                for (kind, count) in moved.units.iter() {
                    *balance.entry(kind.to_owned()).or_default() += sign * i64::from(count);
                }
            }
        }
        if let Some(was) = before(event, at) {
            self.set(&event.subject, was);
        }
        if let Some(replaced) = event.fact("replaces").filter(|_| event.verb == Verb::Activated) {
            self.set(replaced, Use::Likely(Kinds::new()));
        }
        Ok(())
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
