//! What jobs record.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::{Event, EventHead, LastCommit, Quarantine, Verb};
use crate::row;
use crate::rule::event::Facts;
use crate::rule::quarantine::known;
use crate::store::{Read, StoreError, Table};
use crate::view::find;
use leasehold_protocol::Time;

/// An hour's renewals: their number and a hash over their records (I13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourOfRenewals {
    /// The hour's first second.
    pub hour: Time,
    /// Activations whose last answer was signed in it.
    pub count: u64,
    /// SHA-256 over (activation, slot) of each, in order.
    pub digest: [u8; 32],
}

/// Writes the hour's one Event.
///
/// # Errors
/// [`Fault`].
pub fn renewals(draft: &mut Draft<'_>, context: &Context<'_>, hour: &HourOfRenewals) -> Result<Outcome, Fault> {
    let vendor = draft.installation()?.vendor;
    let digest = row::hex(&hour.digest);
    let detail: [(&str, &dyn std::fmt::Display); 2] = [("count", &hour.count), ("sha256", &digest)];
    draft.event(context, Verb::Renewals, &[vendor], hour.hour, &detail)?;
    Ok(Outcome::Done)
}

/// Records that the operator took the machine's clock for right against what was believed.
///
/// # Errors
/// [`Fault::Store`].
pub fn clock_accepted(draft: &mut Draft<'_>, context: &Context<'_>, believed: Time) -> Result<Outcome, Fault> {
    let vendor = draft.installation()?.vendor;
    if let Some(quarantine) = known(draft)?.filter(|one| believed < one.ends()) {
        draft.put(&Quarantine { since: context.now, ..quarantine }); // nobody knows how much of it has gone by
    }
    let facts = Facts::default().was("clock", believed, context.now);
    draft.event_with(context, Verb::ClockAccepted, &[vendor], context.now, facts)?;
    Ok(Outcome::Done)
}

/// The time of the last commit, as far as the store knows: an hour's mark, or the last Event where that is later.
///
/// # Errors
/// [`StoreError`].
pub fn last_commit(view: &dyn Read) -> Result<Option<Time>, StoreError> {
    let mark = find::<LastCommit>(view, LastCommit::KEY)?.map(|mark| mark.at);
    let head = find::<EventHead>(view, EventHead::KEY)?.unwrap_or_default();
    let event = find::<Event>(view, &head.number.to_be_bytes())?;
    Ok(mark.max(event.map(|event| event.at)))
}

/// Remembers that a job ran to its end; no Event, for nothing about licences changed.
pub fn job_ran(draft: &mut Draft<'_>, name: &str, at: Time) -> Outcome {
    draft.put_raw(Table::Jobs, name.as_bytes().to_vec(), at.0.to_be_bytes().to_vec());
    Outcome::Done
}

/// When a job ran last.
///
/// # Errors
/// [`Fault::Store`].
pub fn job_ran_at(view: &dyn Read, name: &str) -> Result<Option<Time>, Fault> {
    let at = view.get(Table::Jobs, name.as_bytes())?;
    Ok(at.and_then(|at| at.try_into().ok()).map(|at| Time(i64::from_be_bytes(at))))
}
