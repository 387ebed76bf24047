//! The daily check, and what it shares with activation: one decision for everything that ends in a lease.

use crate::apply::{Context, Outcome};
use crate::charge;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::renewal::{Renewal, flags};
use crate::rule::alarm::verb;
use crate::rule::event::Facts;
use crate::rule::issue::Case;
use crate::rule::quarantine;
use crate::rule::refuse::{refuse, stranger};
use crate::rule::resync::{Standing, standing};
use crate::rule::settled::{self, usage};
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Host, Sender};
use leasehold_protocol::{ActivationId, Refused, Time, Units};

/// What a device asks for, by check or by activation.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Who asks.
    pub sender: &'a Sender,
    /// What it runs.
    pub host: &'a Host,
    /// What it has in use.
    pub usage: Option<&'a Units>,
    /// How the message stands to the last answer.
    pub standing: Standing,
    /// Units it asks for from now on, where it says so (`None` inside: all the key gives).
    pub wanted: Option<Option<&'a Units>>,
    /// The activation this one takes the place of.
    pub replaced: Option<ActivationId>,
}

/// Answers a check.
///
/// # Errors
/// [`Fault::Store`]; a no is an [`Outcome`].
pub fn check(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Check,
    held: Option<&Lease>,
) -> Result<Outcome, Fault> {
    let sender = &message.sender;
    let Some((activation, slot)) = own(draft, message.sub, sender)? else { return stranger(draft, context, sender) };
    let plain = settled::renew(draft, context, message, &activation, &slot)?;
    #[cfg(debug_assertions)]
    if let Some(outcome) = &plain {
        let mut other = draft.afresh();
        let whole = whole(&mut other, context, message, held, activation.clone(), slot);
        settled::agrees(draft, outcome, whole.map(|outcome| (other, outcome)));
    }
    match plain {
        Some(outcome) => Ok(outcome),
        None => whole(draft, context, message, held, activation, slot),
    }
}

/// Answers a check that may be more than a plain renewal.
fn whole(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Check,
    held: Option<&Lease>,
    activation: Activation,
    slot: Renewal,
) -> Result<Outcome, Fault> {
    let sender = &message.sender;
    let standing = standing(context, &activation, &slot, sender.nonce, &message.proof, held);
    let ask = Ask { sender, host: &message.host, usage: Some(&message.usage), standing, wanted: None, replaced: None };
    answer(draft, context, activation, slot, &ask)
}

/// The activation a device names, if it is its own, for this product, and on leases.
///
/// # Errors
/// [`Fault::Store`].
pub fn own(draft: &Draft<'_>, id: ActivationId, sender: &Sender) -> Result<Option<(Activation, Renewal)>, Fault> {
    let device = sender.device.device_id();
    let is_own = |one: &Activation| one.device == device && one.product == sender.aud && one.mode == Mode::Lease;
    Ok(draft.activation(id)?.filter(|(activation, _)| is_own(activation)))
}

/// Answers a device about an activation that exists.
///
/// # Errors
/// [`Fault::Store`]; a no is an [`Outcome`].
pub fn answer(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    activation: Activation,
    slot: Renewal,
    ask: &Ask<'_>,
) -> Result<Outcome, Fault> {
    if ask.standing == Standing::Retry && !slot.is_released() {
        return Case::of(draft, &activation)?
            .lease(draft, context, &activation, &slot, ask.sender.device)
            .map(|lease| Outcome::Lease(Box::new(lease)));
    }
    match renew(draft, context, &activation, &slot, ask) {
        Err(Fault::Refused { refused, .. }) => refuse(draft, context, activation, &slot, ask, refused),
        done => done,
    }
}

/// The next lease of an activation, or the first rule that stands against it, in the order of the codes.
///
/// # Errors
/// [`Fault`].
pub fn renew(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    before: &Activation,
    slot: &Renewal,
    ask: &Ask<'_>,
) -> Result<Outcome, Fault> {
    let now = context.now;
    let (before, slot) = &fresh_look(draft, before, slot, now)?;
    let is_over = before.state == ActivationState::Released || slot.exp <= now;
    let case = Case::of(draft, before)?;
    let mut after = before.clone();
    match ask.standing {
        Standing::Fresh => charge::acknowledge(&mut after, slot.seq, case.home.free_on),
        Standing::Rewound { to, .. } if to > 0 => charge::acknowledge(&mut after, to, case.home.free_on),
        _ => {}
    }
    if let Some(wanted) = ask.wanted {
        after.wanted = wanted.cloned();
    }
    let units = units(draft, &case, &after, slot, is_over)?;
    let units = quarantine::cap(draft, context, &case.product, before, slot, units)?;
    let no = |holds: bool, refused| ensure(holds, refused, || before.id.to_string());
    no(case.key.state != KeyState::Deleted, Refused::KeyInvalid)?;
    // Typed in again on the device, the key begins anew; a check goes on with what was stopped.
    let stopped = before.state == ActivationState::Stopped && ask.wanted.is_none();
    no(case.key.state != KeyState::Stopped && !stopped, Refused::KeyStopped)?;
    no(case.home.is_good(now), Refused::LicenceLapsed)?;
    let rival = rival(draft, &case, before.id, now)?;
    let taken = is_over && units.is_none() && rival.is_none() && case.pooled_at().is_none();
    no(!taken, Refused::LicenceLapsed)?;
    no(case.goes_on(before, slot, now), Refused::LicencePooled)?;
    case.maintained(now)?;
    no(is_over || before.mode == Mode::Lease, Refused::KeyInUse)?;
    no(case.product.runs(&ask.host.version), Refused::VersionTooOld)?;
    no(rival.is_none(), Refused::KeyOnOtherDevice)?;
    let changed = case.device.as_ref().is_some_and(|device| device.is_changed(&ask.host.fingerprint));
    no(!changed || case.product.device_change == DeviceChange::Recorded, Refused::DeviceMismatch)?;
    no(!matches!(ask.standing, Standing::Stale | Standing::Retry), Refused::Resync)?;

    let seq = match ask.standing {
        Standing::Rewound { to, .. } => to.max(slot.seq) + 1,
        _ => slot.seq + 1,
    };
    let exp = case.end(now, Some(case.product.lease_term));
    charge::supersede(&mut after, slot, &units, exp, case.home.free_on, now);
    after.state = ActivationState::Active;
    after.mode = Mode::Lease;
    after.refused = None;
    after.version.clone_from(&ask.host.version);
    let verb = verb(before, slot, &mut after, ask, changed && !is_over, is_over, now);
    after.settled = settled::settle(&case, &after, ask, changed);
    let next = Renewal {
        nonce: ask.sender.nonce,
        seq,
        iat: now,
        exp,
        last_seen: u32::try_from(now.0).unwrap_or(u32::MAX),
        usage: usage(&case.product, ask.usage),
        flags: flags(now, slot.iat, ask.sender.iat),
    };
    draft.put_renewal(before.id, &next);
    // Room at home brings units home that are still booked where they were moved to, or they would be held there for ever.
    let room = charge::available(&case.home, &before.charged).saturating_sub(&before.charged);
    let comes_home = !charge::moved(before).min(&room).is_none();
    // One that ends sooner, for the clock was set back, is looked at sooner.
    if is_over || comes_home || exp < slot.exp || after != *before {
        draft.rebook(before, &mut after, &next, now)?;
        if let Some(verb) = verb.or_else(|| comes_home.then_some(Verb::UnitsFreed)) {
            let seen = Facts::default().is("until", exp).is("seq", seq).is("device", before.device);
            let seen = seen.now("units", &before.units, &units).now("version", &before.version, &ask.host.version);
            let seen = ask.replaced.iter().fold(seen, |seen, replaced| seen.is("replaces", replaced));
            draft.event_with(context, verb, &[before.account], before.id, seen)?;
        }
    }
    let case = Case::of(draft, &after)?;
    case.lease(draft, context, &after, &next, ask.sender.device).map(|lease| Outcome::Lease(Box::new(lease)))
}

/// The activation as it stands now: where more is wanted than seems to be free, time may have freed some.
fn fresh_look(
    draft: &mut Draft<'_>,
    activation: &Activation,
    slot: &Renewal,
    now: Time,
) -> Result<(Activation, Renewal), Fault> {
    let home = draft.holding(activation.holding)?;
    let wanted = activation.wanted.as_ref().unwrap_or(&home.units);
    if slot.exp > now && charge::available(&home, &activation.charged).covers(wanted) {
        return Ok((activation.clone(), *slot));
    }
    draft.sweep(activation.holding, now)?;
    Ok(draft.activation(activation.id)?.unwrap_or_else(|| (activation.clone(), *slot)))
}

/// The units of the next lease. An inactive account's renewals go on with at most what the last lease had; nothing new
/// begins there (I5).
fn units(
    draft: &Draft<'_>,
    case: &Case,
    activation: &Activation,
    slot: &Renewal,
    is_over: bool,
) -> Result<Units, Fault> {
    let units = case.units(activation, activation.wanted.as_ref());
    let account = draft.account(activation.account)?;
    if account.is_some_and(|account| account.status == AccountStatus::Active) {
        return Ok(units);
    }
    let begins = is_over && (activation.state == ActivationState::Released || slot.seq == 0);
    ensure(!begins, Refused::AccountInactive, || activation.account.to_string())?;
    Ok(units.min(&activation.units))
}

/// Another device on which a pool key is active now (I9), or was stopped and still holds the key's units.
///
/// # Errors
/// [`Fault::Store`].
pub fn rival(draft: &Draft<'_>, case: &Case, own: ActivationId, now: Time) -> Result<Option<ActivationId>, Fault> {
    if !case.is_single() {
        return Ok(None);
    }
    for id in seconds(draft, Table::OpenActivations, case.home.id.bytes())? {
        if id == own.0 {
            continue;
        }
        let (other, slot) = draft.indexed(id)?;
        let holds = other.state == ActivationState::Stopped && !other.charged.is_none();
        if (other.state == ActivationState::Active || holds) && slot.exp > now {
            return Ok(Some(other.id));
        }
    }
    Ok(None)
}
