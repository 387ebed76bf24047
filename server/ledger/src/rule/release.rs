//! Giving units back: by the device itself (H31), or by time (a lapse that a job records).

use crate::apply::{Context, Outcome};
use crate::charge::{self, sum};
use crate::draft::{Draft, Fault};
use crate::record::{Activation, ActivationState, Artefact, Encumbrance, FreeOn, Verb};
use crate::renewal::{RELEASED, Renewal};
use crate::rule::check::own;
use crate::rule::refuse::{refusal, stranger};
use crate::rule::resync::{Standing, standing};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::release::Release;
use leasehold_protocol::{ActivationId, Nonce, Refused, Units};

/// Answers a release.
///
/// # Errors
/// [`Fault::Store`]; a no is an [`Outcome`].
pub fn release(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Release,
    held: Option<&Lease>,
) -> Result<Outcome, Fault> {
    let sender = &message.sender;
    let Some((before, slot)) = own(draft, message.sub, sender)? else { return stranger(draft, context, sender) };
    let standing = standing(context, &before, &slot, sender.nonce, &message.proof, held);
    let slot = match standing {
        Standing::Retry if slot.is_released() => slot,
        // Nothing is left to give back: the receipt again, for the message at hand.
        Standing::Rewound { .. } if slot.is_released() => Renewal { nonce: sender.nonce, iat: context.now, ..slot },
        Standing::Fresh | Standing::Rewound { .. } => {
            let after = draft.end(context, &before, &slot, sender.nonce)?;
            let detail: [(&str, &dyn std::fmt::Display); 2] = [("units", &before.units), ("device", &before.device)];
            draft.event(context, Verb::Released, &[before.account], before.id, &detail)?;
            after
        }
        _ => {
            let challenge = Some((context.challenge)(before.id, before.cti(slot.seq)));
            let base = refusal(draft, context, sender, Refused::Resync)?;
            return Ok(Outcome::Refusal(Refusal { sub: Some(before.id), challenge, ..base }));
        }
    };
    Ok(Outcome::Receipt(Receipt {
        iss: draft.installation()?.iss,
        sub: before.id,
        iat: slot.iat,
        device: sender.device,
        nonce: slot.nonce,
        held: before.cti(slot.seq - 1),
    }))
}

impl Draft<'_> {
    /// Ends an activation by its device's word. The receipt takes a sequence number, so that no challenge given before is
    /// good after it.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn end(
        &mut self,
        context: &Context<'_>,
        before: &Activation,
        slot: &Renewal,
        nonce: Nonce,
    ) -> Result<Renewal, Fault> {
        let free_on = self.holding(before.holding)?.free_on;
        let mut after = before.clone();
        charge::give_back(&mut after, slot, free_on);
        after.state = ActivationState::Released;
        after.refused = None;
        let ended = Renewal { nonce, seq: slot.seq + 1, iat: context.now, exp: context.now, flags: RELEASED, ..*slot };
        self.put_renewal(before.id, &ended);
        self.rebook(before, &mut after, &ended, context.now)?;
        self.bury(before.key, context.now)?;
        Ok(ended)
    }
}

impl Draft<'_> {
    /// Ends an activation in favour of another one on the same device. The device goes on with what it has until it got the
    /// answer, which may be lost on the way: so what the old one's artefacts carry, and where that is booked, goes over to
    /// the new one as older artefacts of its own, and ends when the device shows a later one. Where the two pools disagree
    /// on what ends an artefact the old one ends by its own pool's rule.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn take_over(
        &mut self,
        context: &Context<'_>,
        (old, last): (&Activation, &Renewal),
        new: Activation,
        slot: &Renewal,
    ) -> Result<Activation, Fault> {
        let (from, to) = (self.holding(old.holding)?.free_on, self.holding(new.holding)?.free_on);
        if from != to || from == FreeOn::AtOnce {
            self.end(context, old, last, last.nonce)?;
            return Ok(new);
        }
        let mut heir = new.clone();
        let current = charge::last(old, last);
        let carried = old.older.iter().cloned().chain([current]).filter(|one| !one.units.is_none());
        heir.older.extend(carried.map(|artefact| Artefact { seq: slot.seq, ..artefact }));
        let mut home = self.holding(old.holding)?;
        home.charged = home.charged.saturating_sub(&old.charged);
        self.put(&home);
        for away in &old.encumbrances {
            let mut holder = self.holding(away.at)?;
            holder.encumbered = holder.encumbered.saturating_sub(&away.units);
            self.put(&holder);
        }
        let empty = Activation {
            state: ActivationState::Released,
            units: Units::default(),
            charged: Units::default(),
            encumbrances: vec![],
            older: vec![],
            refused: None,
            due: None,
            ..old.clone()
        };
        self.put_activation(old, &empty)?;
        let ended = Renewal { seq: last.seq + 1, iat: context.now, exp: context.now, flags: RELEASED, ..*last };
        self.put_renewal(old.id, &ended);
        self.put_renewal(new.id, slot);
        self.inherit(old, &new, heir)
    }

    /// Books for `heir` what `old` had booked.
    fn inherit(&mut self, old: &Activation, new: &Activation, mut heir: Activation) -> Result<Activation, Fault> {
        let charged = Encumbrance { at: old.holding, units: old.charged.clone() };
        for booked in old.encumbrances.iter().cloned().chain([charged]).filter(|one| !one.units.is_none()) {
            let mut holder = self.holding(booked.at)?;
            if booked.at == heir.holding {
                holder.charged = sum(&holder.charged, &booked.units)?;
                heir.charged = sum(&heir.charged, &booked.units)?;
            } else {
                holder.encumbered = sum(&holder.encumbered, &booked.units)?;
                heir.encumbrances.push(booked);
            }
            self.put(&holder);
        }
        self.put_activation(new, &heir)?;
        Ok(heir)
    }
}

/// Records that the last artefact of an activation has ended by time. What has not, stays.
///
/// # Errors
/// [`Fault`].
pub fn lapse(draft: &mut Draft<'_>, context: &Context<'_>, id: ActivationId) -> Result<Outcome, Fault> {
    let (before, slot) = draft.known(id)?;
    let mut after = before.clone();
    let ended = before.state == ActivationState::Active && slot.exp <= context.now;
    if ended {
        after.state = ActivationState::Lapsed;
    }
    draft.rebook(&before, &mut after, &slot, context.now)?;
    draft.bury(before.key, context.now)?;
    if ended {
        let detail: [(&str, &dyn std::fmt::Display); 2] = [("units", &before.units), ("ended", &slot.exp)];
        draft.event(context, Verb::Lapsed, &[before.account], id, &detail)?;
    }
    Ok(Outcome::Done)
}
