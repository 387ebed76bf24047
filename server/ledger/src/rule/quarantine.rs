//! The ledger after a rollback (R11): leases may be out that it never heard of, and units that look free may be in them.
//!
//! | until | devices | people |
//! |---|---|---|
//! | 48 h, or the lease term if shorter | nothing is renewed; every check brings its whole lease, and the newest is booked | nothing moves, no file |
//! | the lease term (14 days) | renewed once proved, to at most what they had; nothing grows, nothing new begins | the same, for 14 days |
//!
//! Why this never oversells, whoever shows up: when the history broke off, the units in all living leases were not
//! more than were bought. Until the last of those leases has ended nobody gets more than it had then, and somebody
//! that had no living lease then gets nothing; and later no lease is alive that the ledger does not know.

use crate::apply::{Context, Outcome};
use crate::charge;
use crate::command::Command;
use crate::command::people::People;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::activate::key_for;
use crate::rule::check::own;
use crate::rule::refuse::refusal;
use crate::rule::rollback::learns;
use crate::store::{Read, StoreError};
use crate::view::find;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Proof, Sender};
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::{Refused, Units};

/// The quarantine that a view knows of, running or over.
///
/// # Errors
/// [`StoreError`].
pub fn known(view: &dyn Read) -> Result<Option<Quarantine>, StoreError> {
    find(view, Quarantine::KEY)
}

/// Looks at a command before its own rule does. An outcome is its answer.
///
/// # Errors
/// `quarantine` to people, or [`Fault::Store`].
pub fn admit(draft: &mut Draft<'_>, context: &Context<'_>, command: &Command) -> Result<Option<Outcome>, Fault> {
    let quarantine = context.shelf.quarantine(draft)?;
    match command {
        Command::Check { held: None, .. } | Command::Release { held: None, .. } if quarantine.is_none() => Ok(None),
        Command::Check { message, held } => {
            let case = Said { sender: &message.sender, proof: &message.proof, held: held.as_deref() };
            let found = own(draft, message.sub, &message.sender)?;
            device(draft, context, quarantine.as_ref(), &case, found, Deed::Renewal)
        }
        Command::Release { message, held } => {
            let case = Said { sender: &message.sender, proof: &message.proof, held: held.as_deref() };
            let found = own(draft, message.sub, &message.sender)?;
            device(draft, context, quarantine.as_ref(), &case, found, Deed::Release)
        }
        Command::Activate { message, held, .. } => {
            let Some(quarantine) = &quarantine else { return Ok(None) };
            let (sku, asking) = (&message.sender.aud, message.sender.device.device_id());
            let Some((key, home)) = key_for(draft, &message.code, sku, asking, context.now)? else {
                return Ok(None);
            };
            let case = Said { sender: &message.sender, proof: &message.proof, held: held.as_deref() };
            let found = draft.activation_of(key.id, &home.product, asking)?;
            let term = draft.product(&home.product)?.lease_term;
            let begins = found.is_none() || message.replaces.is_some();
            if begins && context.now < quarantine.rest_ends(term) {
                return refused(draft, context, &case, None, Refused::Quarantine).map(Some);
            }
            device(draft, context, Some(quarantine), &case, found, Deed::Renewal)
        }
        _ => {
            let Some(until) = quarantine.map(|one| one.ends()).filter(|end| context.now < *end) else {
                return Ok(None);
            };
            ensure(!moves(draft, command)?, Refused::Quarantine, || format!("nothing is moved until {until}"))?;
            Ok(None)
        }
    }
}

/// Whether a command moves units, or puts them where a lease of the lost history may have them, or changes what such a lease is of.
fn moves(draft: &Draft<'_>, command: &Command) -> Result<bool, StoreError> {
    Ok(match command {
        Command::Retire { .. }
        | Command::Convert { .. }
        | Command::SetPoolQuota { .. }
        | Command::Move { .. }
        | Command::CreatePoolKey(_)
        | Command::SetKeyQuota { .. }
        | Command::DeleteKey { .. }
        | Command::Redeem { .. }
        | Command::GrantSeat(_)
        | Command::TakeSeat { .. }
        | Command::OpenFlex(_)
        | Command::TransferLine(_)
        | Command::Rehost { .. } => true,
        // It redeems a key. Disabling a member goes on: what its seats hold goes back where nobody gets it before the end.
        Command::People(command) => matches!(**command, People::CreateOrganisation { .. }),
        Command::License(command) => command.moves(),
        Command::UpdateProduct { .. } => true,
        Command::AnswerRequest { account, digest, .. } => draft.file(*account, *digest)?.is_none(),
        _ => false,
    })
}

/// What a device said.
struct Said<'a> {
    sender: &'a Sender,
    proof: &'a Proof,
    held: Option<&'a Lease>,
}

/// What it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// A lease.
    Renewal,
    /// To give its units back, which is always welcome.
    Release,
}

fn device(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    quarantine: Option<&Quarantine>,
    said: &Said<'_>,
    found: Option<(Activation, Renewal)>,
    deed: Deed,
) -> Result<Option<Outcome>, Fault> {
    let Some((activation, slot)) = found else {
        // It may be of the lost history. Everybody unknown is told the same.
        let resting = quarantine.is_some_and(|one| context.now < one.ends());
        let no = || refusal(draft, context, said.sender, Refused::Quarantine).map(Outcome::Stranger);
        return resting.then(no).transpose();
    };
    let own = |lease: &&Lease| lease.grant.sub == activation.id && lease.grant.device.device_id() == activation.device;
    let held = said.held.filter(own);
    let term = draft.product(&activation.product)?.lease_term;
    let running = quarantine.filter(|one| context.now < one.rest_ends(term));
    if let Some(held) = held
        && learns(draft, context, &activation, &slot, held, running.is_some())?
    {
        return refused(draft, context, said, Some((&activation, &slot)), Refused::Quarantine).map(Some);
    }
    if let Some(held) = held.filter(|held| is_later(&slot, held)) {
        let (activation, slot) = book(draft, context, &activation, &slot, held)?;
        let watching = running.is_some_and(|one| context.now < one.watch_ends(term)) && deed == Deed::Renewal;
        let no = if watching { Refused::Quarantine } else { Refused::Resync };
        return refused(draft, context, said, Some((&activation, &slot)), no).map(Some);
    }
    let Some(quarantine) = running.filter(|one| deed == Deed::Renewal && slot.iat <= one.since) else {
        return Ok(None); // it was proved since, or there is no doubt
    };
    let is_challenged = said.proof.challenge == Some((context.challenge)(activation.id, activation.cti(slot.seq)));
    let watching = context.now < quarantine.watch_ends(term);
    let no = match held {
        None if !is_challenged => Refused::Resync,
        Some(_) if !is_challenged && !watching => Refused::Resync,
        Some(held) if !watching && held.exp > quarantine.since => {
            step_back(draft, &activation, &slot, held)?;
            return Ok(None);
        }
        _ => Refused::Quarantine,
    };
    refused(draft, context, said, Some((&activation, &slot)), no).map(Some)
}

/// The device holds a lease that this ledger has no record of.
#[must_use]
pub fn is_later(slot: &Renewal, held: &Lease) -> bool {
    (held.grant.seq, held.grant.iat) > (slot.seq, slot.iat)
}

/// Books a lease of the lost history, as far as its home has room: what is more ends with the lease.
fn book(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    before: &Activation,
    slot: &Renewal,
    held: &Lease,
) -> Result<(Activation, Renewal), Fault> {
    let home = draft.holding(before.holding)?;
    let room = charge::sum(&charge::available(&home, &before.charged), &charge::moved(before))?;
    let units = held.grant.units.min(&room);
    let mut after = before.clone();
    charge::acknowledge(&mut after, held.grant.seq, home.free_on);
    charge::supersede(&mut after, slot, &units, held.exp, home.free_on, context.now);
    charge::acknowledge(&mut after, held.grant.seq, home.free_on);
    after.state = ActivationState::Active;
    let (nonce, seq) = (held.grant.nonce, held.grant.seq.max(slot.seq));
    let next = Renewal { nonce, seq, iat: held.grant.iat, exp: held.exp, flags: 0, ..*slot };
    draft.put_renewal(before.id, &next);
    draft.rebook(before, &mut after, &next, context.now)?;
    let detail: [(&str, &dyn std::fmt::Display); 4] =
        [("units", &held.grant.units), ("booked", &units), ("until", &held.exp), ("seq", &held.grant.seq)];
    draft.event(context, Verb::LeaseProved, &[before.account], before.id, &detail)?;
    Ok((after, next))
}

/// The device proved an older lease than the last on record: until it has a newer one, that is what it has.
fn step_back(draft: &mut Draft<'_>, before: &Activation, slot: &Renewal, held: &Lease) -> Result<(), StoreError> {
    if held.grant.seq == slot.seq {
        return Ok(());
    }
    let mut after = before.clone();
    after.older.push(Artefact { seq: slot.seq, units: before.units.clone(), exp: slot.exp });
    after.units = held.grant.units.min(&before.units);
    draft.put_activation(before, &after)
}

/// What a lease may carry: while the ledger rests, no more than the last one had, and nothing begins anew.
///
/// # Errors
/// `quarantine`, or [`Fault::Store`].
pub fn cap(
    draft: &Draft<'_>,
    context: &Context<'_>,
    product: &Product,
    before: &Activation,
    slot: &Renewal,
    units: Units,
) -> Result<Units, Fault> {
    let known = context.shelf.quarantine(draft)?;
    let Some(quarantine) = known.filter(|one| context.now < one.rest_ends(product.lease_term)) else {
        return Ok(units);
    };
    let goes_on = before.state != ActivationState::Released && slot.exp > quarantine.since;
    ensure(goes_on, Refused::Quarantine, || before.id.to_string())?;
    Ok(units.min(&before.units))
}

/// A signed no, with the challenge where the device is to show what it holds.
fn refused(
    draft: &Draft<'_>,
    context: &Context<'_>,
    said: &Said<'_>,
    about: Option<(&Activation, &Renewal)>,
    no: Refused,
) -> Result<Outcome, Fault> {
    let asks = about.filter(|_| no == Refused::Resync);
    let challenge = asks.map(|(activation, slot)| (context.challenge)(activation.id, activation.cti(slot.seq)));
    let sub = about.map(|(activation, _)| activation.id);
    Ok(Outcome::Refusal(Refusal { sub, challenge, ..refusal(draft, context, said.sender, no)? }))
}
