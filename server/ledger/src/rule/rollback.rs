//! How a store learns that it was rolled back, and how it ends that it doubts itself (R11). What follows in between is
//! [`crate::rule::quarantine`].

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::renewal::Renewal;
use crate::row::Record;
use crate::rule::event::Facts;
use crate::rule::quarantine::{is_later, known};
use leasehold_protocol::Refused;
use leasehold_protocol::lease::Lease;

/// Whether a lease is the first to show that the store was rolled back; then the quarantine begins with it. A lease of a later
/// epoch shows that another quarantine was lost. One of an earlier epoch is of a history known to be lost: while it lives others
/// of it may live too; once it has ended, so have they.
///
/// # Errors
/// [`Fault::Store`].
pub fn learns(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    activation: &Activation,
    slot: &Renewal,
    held: &Lease,
    is_running: bool,
) -> Result<bool, Fault> {
    let installation = draft.installation()?;
    let of_later_epoch = held.epoch > installation.epoch;
    let is_past = held.epoch < installation.epoch && held.exp <= context.now;
    if !of_later_epoch && (is_running || is_past || !is_later(slot, held)) {
        return Ok(false);
    }
    let epoch = installation.epoch.max(held.epoch).saturating_add(1);
    begin(draft, context, Doubt::LaterLease, epoch, activation.id.to_string())?;
    Ok(true)
}

/// The store has reason to doubt itself, and takes an epoch that nobody has seen.
///
/// # Errors
/// [`Fault::Store`].
pub fn doubt(draft: &mut Draft<'_>, context: &Context<'_>, doubt: Doubt, epoch: u32) -> Result<Outcome, Fault> {
    begin(draft, context, doubt, epoch, draft.installation()?.iss)?;
    Ok(Outcome::Done)
}

/// The store was restored from a backup: a new epoch, which every lease from now on names.
///
/// # Errors
/// [`Fault::Store`].
pub fn restored(draft: &mut Draft<'_>, context: &Context<'_>, epoch: u32) -> Result<Outcome, Fault> {
    let before = draft.installation()?;
    let last = draft.record::<EventHead>(EventHead::KEY)?.unwrap_or_default().number;
    draft.put(&Installation { epoch, ..before.clone() });
    draft.put(&Quarantine { since: context.now, doubt: Doubt::Restored });
    let facts = Facts::default().is("last_event", last).was("epoch", before.epoch, epoch);
    draft.event_with(context, Verb::StoreRestored, &[before.vendor], before.iss, facts)?;
    Ok(Outcome::Done)
}

/// The operator takes the risk: the quarantine ends now.
///
/// # Errors
/// `irreversible` if there is none, or [`Fault::Store`].
pub fn end(draft: &mut Draft<'_>, context: &Context<'_>) -> Result<Outcome, Fault> {
    let Some(quarantine) = known(draft)? else {
        return Err(Fault::refused(Refused::Irreversible, "there is no quarantine"));
    };
    draft.delete(Quarantine::TABLE, Quarantine::KEY.to_vec());
    let installation = draft.installation()?;
    let detail: [(&str, &dyn std::fmt::Display); 2] = [("since", &quarantine.since), ("why", &quarantine.doubt)];
    draft.event(context, Verb::QuarantineEnded, &[installation.vendor], installation.iss, &detail)?;
    Ok(Outcome::Done)
}

/// A quarantine from now on, and a new epoch, which every lease from now on names.
fn begin(draft: &mut Draft<'_>, context: &Context<'_>, doubt: Doubt, epoch: u32, subject: String) -> Result<(), Fault> {
    draft.put(&Quarantine { since: context.now, doubt });
    let installation = draft.installation()?;
    draft.put(&Installation { epoch, ..installation.clone() });
    let facts = Facts::default().is("why", doubt).was("epoch", installation.epoch, epoch);
    draft.event_with(context, Verb::QuarantineBegan, &[installation.vendor], subject, facts)
}
