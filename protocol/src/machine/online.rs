//! Messages to the server: making them, repeating them, pausing between tries.

use super::event::{Action, Order};
use super::notice::{Cannot, Notice};
use super::state::{Kind, Pending};
use super::text::Bytes;
use super::{Machine, Turn};
use crate::activate::Activate;
use crate::check::Check;
use crate::ids::{Challenge, Cti};
use crate::message::{DeviceMessage, Proof, Sender, Unverified};
use crate::register::Register;
use crate::release::Release;
use crate::time::Time;

/// Seconds under which the first retry falls; the bound doubles with every try...
const RETRY_BASE: i64 = 30;
/// ...up to this one.
const RETRY_CAP: i64 = 2 * 3600;

impl Machine {
    pub(super) fn activate(&mut self, order: &Order, turn: &mut Turn) {
        if let Err(cannot) = self.may_activate(order, turn) {
            return turn.show(Notice::Cannot(cannot));
        }
        self.state.version.clone_from(&order.host.version);
        self.state.fingerprint.clone_from(&order.host.fingerprint);
        let activate = Activate {
            iss: self.state.iss.clone().unwrap_or_default(),
            code: order.code.clone(),
            device_name: order.device_name.clone(),
            wanted: order.wanted.clone(),
            replaces: self.in_hand().filter(|_| order.replaces),
            keyset_version: self.keyset_version(),
            sender: self.sender(turn),
            host: order.host.clone(),
            proof: self.proof(Kind::Activate),
        };
        let on_its_way = self.state.pending_of(Kind::Activate);
        if on_its_way.and_then(reread).is_some_and(|sent: Activate| is_same_order(&sent, &activate)) {
            return self.dispatch(turn);
        }
        self.start(Kind::Activate, &activate, 0, turn);
    }

    fn may_activate(&self, order: &Order, turn: &Turn) -> Result<(), Cannot> {
        order.check()?;
        match () {
            () if self.state.iss.is_none() => Err(Cannot::NoKeyset),
            () if self.state.pending_of(Kind::Release).is_some() => Err(Cannot::ReleasePending),
            () if self.is_licensed(turn.now) && !order.replaces => Err(Cannot::AlreadyLicensed),
            () => Ok(()),
        }
    }

    /// Update now: repeats the message on its way, or sends a check.
    pub(super) fn check(&mut self, turn: &mut Turn) {
        match &self.state.pending {
            Some(pending) if pending.kind == Kind::Release => turn.show(Notice::Cannot(Cannot::ReleasePending)),
            Some(_) => self.dispatch(turn),
            None if self.usable_lease().is_some() => self.compose_check(turn),
            None => turn.show(Notice::Cannot(Cannot::NoLease)),
        }
    }

    /// Sends a new check for the lease in hand.
    pub(super) fn compose_check(&mut self, turn: &mut Turn) {
        let Some(lease) = self.usable_lease() else { return };
        let check = Check {
            iss: lease.grant.iss.clone(),
            sub: lease.grant.sub,
            usage: self.state.usage.clone(),
            keyset_version: self.keyset_version(),
            sender: self.sender(turn),
            host: self.state.host(),
            proof: self.proof(Kind::Check),
        };
        self.start(Kind::Check, &check, 0, turn);
    }

    /// Gives the lease back, or asks again for the receipt.
    pub(super) fn release(&mut self, turn: &mut Turn) {
        if self.state.pending_of(Kind::Release).is_some() {
            return self.dispatch(turn);
        }
        let was_refused = self.state.refusal.is_some_and(|refusal| refusal.to == Kind::Release);
        let held = self.state.lease.as_mut().filter(|held| !held.unusable || was_refused);
        let (Some(lease), Some(held)) = (&self.lease, held) else {
            return turn.show(Notice::Cannot(Cannot::NoLease));
        };
        held.unusable = true; // on disk with the message, before it leaves
        let (iss, sub) = (lease.grant.iss.clone(), lease.grant.sub);
        let release = Release { iss, sub, sender: self.sender(turn), proof: self.proof(Kind::Release) };
        self.state.attempts = 0;
        self.start(Kind::Release, &release, 0, turn);
    }

    /// The same intent again, with the server's challenge and the whole lease in hand.
    pub(super) fn resync(&mut self, challenge: Challenge, turn: &mut Turn) -> Option<()> {
        let pending = self.state.pending.as_ref()?;
        let (kind, rounds) = (pending.kind, pending.rounds + 1);
        let sender = self.sender(turn);
        let proof = self.proof(kind);
        let held_lease = self.state.lease.as_ref().filter(|_| proof.held.is_some()).map(|held| held.bytes.0.clone());
        let proof = Proof { challenge: Some(challenge), held_lease, ..proof };
        match kind {
            Kind::Register => {
                let sent: Register = reread(pending)?;
                self.start(kind, &Register { sender, proof, ..sent }, rounds, turn);
            }
            Kind::Activate => {
                let sent: Activate = reread(pending)?;
                self.start(kind, &Activate { sender, proof, ..sent }, rounds, turn);
            }
            Kind::Check => {
                let sent: Check = reread(pending)?;
                self.start(kind, &Check { sender, proof, ..sent }, rounds, turn);
            }
            Kind::Release => {
                let sent: Release = reread(pending)?;
                self.start(kind, &Release { sender, proof, ..sent }, rounds, turn);
            }
        }
        Some(())
    }

    pub(super) fn start<M: DeviceMessage>(&mut self, kind: Kind, message: &M, rounds: u32, turn: &mut Turn) {
        let bytes = Bytes(message.sign(&self.key));
        self.state.pending = Some(Pending { kind, nonce: turn.random.nonce(), bytes, sent: 0, rounds });
        self.dispatch(turn);
    }

    /// Sends the message on its way, once more or for the first time. Should nothing be heard of it at all, the next
    /// tick after the pause sends it again.
    pub(super) fn dispatch(&mut self, turn: &mut Turn) {
        self.parked = None;
        self.state.due = Some(pause(self.state.attempts, 0, turn));
        let Some(pending) = &mut self.state.pending else { return };
        pending.sent = pending.sent.saturating_add(1);
        let (kind, bytes) = (pending.kind, pending.bytes.0.clone());
        turn.act(Action::Save);
        turn.act(Action::Send { kind, bytes });
    }

    /// Nothing usable came back: the same bytes again, after a pause.
    pub(super) fn unanswered(&mut self, status: Option<u16>, retry_after: Option<u32>, turn: &mut Turn) {
        if self.state.pending.is_none() {
            return turn.show(Notice::Cannot(Cannot::Unasked));
        }
        let next = self.pause_before_retry(retry_after, turn);
        turn.act(Action::Save);
        turn.show(Notice::Unanswered { status, next });
        turn.act(Action::Wait(next));
    }

    pub(super) fn pause_before_retry(&mut self, retry_after: Option<u32>, turn: &Turn) -> Time {
        let next = pause(self.state.attempts, retry_after.unwrap_or(0).into(), turn);
        self.state.attempts = self.state.attempts.saturating_add(1);
        self.state.due = Some(next);
        next
    }

    pub(super) fn sender(&self, turn: &Turn) -> Sender {
        let iat = turn.now.wall.plus(0); // a clock before 1970 does not travel
        Sender { aud: self.state.product.clone(), iat, device: self.device, nonce: turn.random.nonce() }
    }

    pub(super) fn keyset_version(&self) -> u32 {
        self.keyset.as_ref().map_or(0, |keyset| keyset.version)
    }

    /// The lease that a message of this kind shows as held. What was given back is shown by its release alone: a server that
    /// lost that release, for it was restored from a backup, would take it for alive and renew it.
    pub(super) fn proof(&self, kind: Kind) -> Proof {
        let shown = if kind == Kind::Release { self.lease.as_ref() } else { self.usable_lease() };
        Proof { held: shown.map(|lease| lease.grant.cti), ..Proof::default() }
    }

    /// The artefact an order can replace.
    pub(super) fn in_hand(&self) -> Option<Cti> {
        let lease = self.usable_lease().map(|lease| lease.grant.cti);
        lease.or_else(|| self.usable_license().map(|license| license.grant.cti))
    }
}

/// The end of a pause: what the server asks for, and full jitter under a bound that doubles.
fn pause(attempts: u32, at_least: i64, turn: &Turn) -> Time {
    let bound = RETRY_BASE.saturating_mul(1 << attempts.min(16)).min(RETRY_CAP);
    turn.time.plus(at_least.saturating_add(1 + turn.random.below(bound)))
}

/// The message as it was made.
pub(super) fn reread<M: DeviceMessage + Clone>(pending: &Pending) -> Option<M> {
    Some(Unverified::<M>::parse(&pending.bytes).ok()?.claimed().clone())
}

fn is_same_order(sent: &Activate, wanted: &Activate) -> bool {
    let order = |activate: &Activate| {
        let Activate { code, device_name, wanted, replaces, host, .. } = activate.clone();
        (code, device_name, wanted, replaces, host)
    };
    order(sent) == order(wanted)
}
