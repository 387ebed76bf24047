//! Answers: believed or not, and what follows from them.

use super::event::Action;
use super::notice::{Cannot, Notice};
use super::register::ends_waiting;
use super::state::{HeldLease, Kind, Pending, Refusal as LastRefusal};
use super::text::Bytes;
use super::{Machine, RESYNC_ROUNDS_MAX, Turn, kid_of};
use crate::accept::{Expected, NotAccepted};
use crate::cose::Envelope;
use crate::error::{FormatError, VerifyError};
use crate::lease::Lease;
use crate::receipt::Receipt;
use crate::refusal::{Refusal, Refused};
use crate::time::Time;
use crate::typ::Typ;

/// Seconds that lie at least between an accepted lease and the next check, whatever its window says.
const CHECK_GAP_MIN: i64 = 10;
/// Seconds after which the answer to a retry is too old to be the last word.
const ANSWER_AGE_MAX: i64 = 60;
/// After a refusal the next check comes this late, in seconds, plus up to as much again: a stopped key may be resumed.
pub(super) const REFUSED_PAUSE: i64 = 6 * 3600;

/// An answer that waits for a keyset.
pub(super) struct Parked(Vec<u8>);

enum Judged {
    Lease(Box<Lease>),
    Refusal(Refusal),
    Receipt(Receipt),
}

impl Machine {
    pub(super) fn answer(&mut self, status: u16, body: Vec<u8>, retry_after: Option<u32>, turn: &mut Turn) {
        if self.state.pending.is_none() {
            return turn.show(Notice::Cannot(Cannot::Unasked));
        }
        if matches!(status, 200 | 409) {
            return self.judge(body, true, turn);
        }
        if status == 202 && self.state.pending_of(Kind::Register).is_some() {
            return self.wait_for_license(retry_after, turn);
        }
        if matches!(status, 400 | 401 | 413 | 415) {
            return self.ask_anew(Some(status), retry_after, turn); // the server can do nothing with these bytes
        }
        self.unanswered(Some(status), retry_after, turn);
    }

    /// Repeating these bytes is of no use: after a pause the question is asked with a new nonce. Not so a release, which only
    /// a receipt ends.
    fn ask_anew(&mut self, status: Option<u16>, retry_after: Option<u32>, turn: &mut Turn) {
        let release = self.state.pending_of(Kind::Release).cloned();
        self.unanswered(status, retry_after, turn);
        self.state.pending = release;
    }

    /// The keyset came, or did not: judges the answer that waited for it with what is there.
    pub(super) fn judge_parked(&mut self, turn: &mut Turn) {
        if let Some(Parked(body)) = self.parked.take() {
            self.judge(body, false, turn);
        }
    }

    fn judge(&mut self, body: Vec<u8>, may_fetch: bool, turn: &mut Turn) {
        let Some(pending) = self.state.pending.clone() else { return };
        let judged = self.opened(&body, &pending, turn);
        if may_fetch && self.wants_keyset(&judged) {
            self.parked = Some(Parked(body));
            return turn.act(Action::FetchKeyset);
        }
        match judged {
            Ok(Judged::Lease(lease)) => self.take_lease(*lease, body, &pending, turn),
            Ok(Judged::Refusal(refusal)) => self.take_refusal(&refusal, &pending, turn),
            Ok(Judged::Receipt(receipt)) => self.take_receipt(&receipt, turn),
            Err(why) => {
                // the server's own answer, recorded under this nonce, by a key that may not sign it any more
                let is_final =
                    matches!(why, NotAccepted::KeyMayNot(_) | NotAccepted::TermTooLong { .. } | NotAccepted::Ended(_));
                turn.show(Notice::NotAccepted(why));
                if is_final { self.ask_anew(None, None, turn) } else { self.unanswered(None, None, turn) }
            }
        }
    }

    fn wants_keyset(&self, judged: &Result<Judged, NotAccepted>) -> bool {
        match judged {
            Ok(Judged::Lease(lease)) => lease.keyset_version > self.keyset_version(),
            Err(NotAccepted::UnknownKey(_) | NotAccepted::KeyMayNot(_) | NotAccepted::KeysetExpired(_)) => true,
            _ => false,
        }
    }

    fn opened(&self, body: &[u8], pending: &Pending, turn: &Turn) -> Result<Judged, NotAccepted> {
        let typ = Envelope::parse(body).map_err(VerifyError::from)?.typ;
        let (Some(keyset), Some(iss)) = (&self.keyset, &self.state.iss) else {
            return Err(NotAccepted::UnknownKey(kid_of(body)?));
        };
        let in_hand = self.lease.as_ref().map(|lease| &lease.grant);
        let expected = Expected {
            iss,
            aud: &self.state.product,
            device: &self.device,
            nonce: pending.nonce,
            seq: in_hand.filter(|_| pending.kind == Kind::Check).map(|grant| grant.seq),
        };
        match (typ, pending.kind) {
            (Typ::Refusal, _) => keyset.judge_refusal(body, &expected).map(Judged::Refusal),
            (Typ::Receipt, Kind::Release) => {
                let receipt = keyset.judge_receipt(body, &expected)?;
                let ours = in_hand.is_some_and(|grant| grant.sub == receipt.sub);
                if ours { Ok(Judged::Receipt(receipt)) } else { Err(NotAccepted::Other("activation")) }
            }
            (Typ::Lease, Kind::Register | Kind::Activate | Kind::Check) => {
                let lease = self.opened_lease(body, &expected, turn)?;
                match in_hand.filter(|grant| grant.sub == lease.grant.sub) {
                    None if pending.kind == Kind::Check => Err(NotAccepted::Other("activation")),
                    Some(grant) if grant.seq >= lease.grant.seq => Err(NotAccepted::Other("sequence number")),
                    _ => Ok(Judged::Lease(Box::new(lease))),
                }
            }
            (found, _) => {
                let expected = if pending.kind == Kind::Release { Typ::Receipt } else { Typ::Lease };
                Err(VerifyError::from(FormatError::WrongTyp { expected, found }).into())
            }
        }
    }

    /// A lease that has ended by this clock is taken all the same where it carries the one in hand further: the clock may be fast,
    /// and the server must not be told of an older lease than the last.
    fn opened_lease(&self, body: &[u8], expected: &Expected<'_>, turn: &Turn) -> Result<Lease, NotAccepted> {
        let keyset = self.keyset.as_ref().ok_or(NotAccepted::UnknownKey(kid_of(body)?))?;
        let time = if self.is_clock_suspect(turn.now) { turn.now.wall } else { turn.time };
        match keyset.judge_lease(body, expected, time) {
            Err(NotAccepted::Ended(end)) if time < keyset.exp => {
                let further = self.state.lease.as_ref().is_none_or(|held| held.unusable || held.end <= end);
                if further { keyset.judge_lease(body, expected, Time(0)) } else { Err(NotAccepted::Ended(end)) }
            }
            judged => judged,
        }
    }

    fn take_lease(&mut self, lease: Lease, body: Vec<u8>, pending: &Pending, turn: &mut Turn) {
        let gave_up = self
            .usable_lease()
            .is_some_and(|old| old.grant.sub != lease.grant.sub || !lease.grant.units.covers(&old.grant.units));
        let is_old = pending.sent > 1 && lease.grant.iat.plus(ANSWER_AGE_MAX) < turn.time;
        let kid = kid_of(&body).ok();
        let end = kid.zip(self.keyset.as_ref()).map_or(lease.exp, |(kid, keyset)| keyset.end_of(&lease, kid));
        let (seq, units) = (lease.grant.seq, lease.grant.units.clone());
        let (from, to) = lease.renew;
        self.learn_time(lease.grant.iat, turn.now);
        turn.time = self.time(turn.now);
        let drawn = from.plus(turn.random.below((to.0 - from.0).saturating_add(1)));
        self.state.due = Some(drawn.max(turn.time.plus(CHECK_GAP_MIN)));
        self.state.lease = Some(HeldLease { bytes: Bytes(body), end, unusable: false, proved_by: None });
        self.lease = Some(lease);
        self.state.pending = None;
        self.state.refusal = None;
        self.state.attempts = 0;
        self.end_shown = None;
        turn.act(Action::Save);
        turn.show(Notice::Leased { seq, units, end });
        // the acknowledgement that frees what was given up; or a newer answer than the one that was lost
        if gave_up || is_old {
            return self.compose_check(turn);
        }
        self.state.due.into_iter().for_each(|due| turn.act(Action::Wait(due)));
    }

    fn take_refusal(&mut self, refusal: &Refusal, pending: &Pending, turn: &mut Turn) {
        self.learn_time(refusal.iat, turn.now);
        turn.time = self.time(turn.now);
        if let (Some(Refused::Resync), Some(challenge)) = (refusal.refused(), refusal.challenge)
            && pending.rounds < RESYNC_ROUNDS_MAX
        {
            turn.show(Notice::Resync);
            return self.resync(challenge, turn).unwrap_or(());
        }
        let last = LastRefusal { to: pending.kind, number: refusal.number, at: refusal.iat };
        self.state.refusal = Some(last);
        turn.show(Notice::Refused(last));
        if last.passes() {
            return self.unanswered(None, None, turn);
        }
        if pending.kind == Kind::Register && !ends_waiting(last.refused()) {
            return self.wait_after_refusal(turn);
        }
        // the nonce is spent; a release that is refused leaves its lease unusable, and may be asked for again
        self.state.pending = None;
        self.state.attempts = 0;
        self.state.due = self.usable_lease().map(|_| turn.time.plus(REFUSED_PAUSE + turn.random.below(REFUSED_PAUSE)));
        turn.act(Action::Save);
        self.state.due.into_iter().for_each(|due| turn.act(Action::Wait(due)));
    }

    fn take_receipt(&mut self, receipt: &Receipt, turn: &mut Turn) {
        self.learn_time(receipt.iat, turn.now);
        self.state.pending = None;
        self.state.refusal = None;
        self.state.due = None;
        self.state.attempts = 0;
        turn.act(Action::Save);
        turn.show(Notice::Released);
    }
}
