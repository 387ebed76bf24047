//! The plain renewal, which nine of ten checks are (I13): the same units to the same device, decided from the activation's own
//! row and written into its slot alone. What is more than that goes the whole way ([`crate::rule::check`]), and would have
//! given the same lease: every check of a debug build compares the two.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::settled::{Settled, Terms, digest};
use crate::record::*;
use crate::renewal::{Renewal, USAGE_LEN, flags};
use crate::rule::check::Ask;
use crate::rule::issue::{self, Case};
use crate::store::{StoreError, Table};
use crate::view::seconds;
use leasehold_protocol::Units;
use leasehold_protocol::check::Check;

/// The lease of a plain renewal; nothing if the check is more than that.
///
/// # Errors
/// [`Fault::Store`].
pub fn renew(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Check,
    activation: &Activation,
    slot: &Renewal,
) -> Result<Option<Outcome>, Fault> {
    let Some(settled) = &activation.settled else { return Ok(None) };
    let (now, sender, host, proof) = (context.now, &message.sender, &message.host, &message.proof);
    let product = context.shelf.product(draft, &activation.product)?;
    let exp = now.plus(product.lease_term).min(settled.terms.ends.unwrap_or(leasehold_protocol::Time::MAX));
    let follows = proof.held == Some(activation.cti(slot.seq)) && proof.challenge.is_none();
    let lives = !slot.is_released() && slot.exp > now && slot.exp <= exp;
    let same = host.version == activation.version && digest(&host.fingerprint) == settled.fingerprint;
    let allowed = product.runs(&host.version) && issue::is_maintained(&product, settled.terms.upgrade_until, now);
    if !(follows && sender.nonce != slot.nonce && lives && same && allowed) {
        return Ok(None);
    }
    let next = Renewal {
        nonce: sender.nonce,
        seq: slot.seq + 1,
        iat: now,
        exp,
        last_seen: u32::try_from(now.0).unwrap_or(u32::MAX),
        usage: usage(&product, Some(&message.usage)),
        flags: flags(now, slot.iat, sender.iat),
    };
    draft.put_renewal(activation.id, &next);
    let installation = context.shelf.installation(draft)?;
    let lease = issue::lease(context, &installation, &product, &settled.terms, activation, &next, sender.device);
    Ok(Some(Outcome::Lease(Box::new(lease))))
}

/// The usage reported, in the order of the product's kinds; what has no counter is not kept.
#[must_use]
pub fn usage(product: &Product, usage: Option<&Units>) -> [u32; USAGE_LEN] {
    let mut counters = [0; USAGE_LEN];
    for (counter, kind) in counters.iter_mut().zip(&product.kinds) {
        *counter = usage.map_or(0, |usage| usage.count(kind));
    }
    counters
}

/// What makes `after` settled, if it is: all it wants, on leases, nothing older, nothing elsewhere, nothing to be told.
#[must_use]
pub fn settle(case: &Case, after: &Activation, ask: &Ask<'_>, is_changed: bool) -> Option<Settled> {
    let all = after.wanted.as_ref().unwrap_or(&case.home.units);
    let has_all = after.units == *all && !all.is_none();
    let quiet = after.older.is_empty() && after.encumbrances.is_empty() && after.refused.is_none();
    let open = case.key.state == KeyState::Open && after.state == ActivationState::Active && after.mode == Mode::Lease;
    let terms = Terms::of(&case.key, &case.home);
    let is_settled = has_all && quiet && open && !is_changed && case.device.is_some() && !terms.pooled;
    is_settled.then(|| Settled { terms, fingerprint: digest(&ask.host.fingerprint) })
}

/// Takes the word back from every activation whose key, holding or device changes with this draft, and from each that
/// changes itself and was not settled anew. Every command ends with this, so no rule has to remember it.
///
/// # Errors
/// [`StoreError`].
pub fn unsettle(draft: &mut Draft<'_>) -> Result<(), StoreError> {
    for key in draft.changed(Table::Activations) {
        let (before, after) = draft.change::<Activation>(&key)?;
        if let (Some(before), Some(after)) = (before, after)
            && before.settled == after.settled
        {
            take_back(draft, after);
        }
    }
    let mut holdings = Vec::new();
    for key in draft.changed(Table::Holdings) {
        let (before, after) = draft.change::<Holding>(&key)?;
        // What is charged to it changes with each of its devices, and is nobody else's business.
        if let (Some(before), Some(after)) = (before, after)
            && (Holding { charged: after.charged.clone(), ..before }) != after
        {
            holdings.push(after.id);
        }
    }
    for key in draft.changed(Table::Keys) {
        if let (Some(before), _) = draft.change::<Key>(&key)? {
            holdings.extend(before.holdings);
        }
    }
    for holding in holdings {
        for id in seconds(draft, Table::OpenActivations, holding.bytes())? {
            let (activation, _) = draft.indexed(id)?;
            take_back(draft, activation);
        }
    }
    for key in draft.changed(Table::Devices) {
        if let (Some(before), _) = draft.change::<Device>(&key)? {
            for id in seconds(draft, Table::DeviceActivations, &before.id.0)? {
                let (activation, _) = draft.indexed(id)?;
                take_back(draft, activation);
            }
        }
    }
    Ok(())
}

fn take_back(draft: &mut Draft<'_>, activation: Activation) {
    if activation.settled.is_some() {
        draft.put(&Activation { settled: None, ..activation });
    }
}

/// The whole way gives the same outcome and changes the same rows.
///
/// # Panics
/// If it does not: a copy was kept that should have been taken back.
#[cfg(debug_assertions)]
pub fn agrees(draft: &Draft<'_>, outcome: &Outcome, whole: Result<(Draft<'_>, Outcome), Fault>) {
    if let Ok((other, expected)) = whole {
        assert_eq!(
            (outcome, draft.changes()),
            (&expected, other.changes()),
            "a plain renewal differs from the whole way"
        );
    }
}
