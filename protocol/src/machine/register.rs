//! Announcing the device, and waiting until somebody licenses it from the portal (A5).
//!
//! The message is composed once and sent again, the same bytes, until a lease answers it: so an answer that was lost comes
//! again. 202 is not signed. It grants nothing and takes nothing, so who fakes one can only make the console wait, as
//! anybody can who lets its messages disappear.

use super::answer::REFUSED_PAUSE;
use super::event::{Action, Enrolment};
use super::notice::{Cannot, Notice};
use super::online::reread;
use super::state::Kind;
use super::{Machine, Turn};
use crate::refusal::Refused;
use crate::register::Register;
use crate::time::Time;

/// Seconds between two questions, plus up to as much again, where the server does not name a longer pause...
const WAITING_PAUSE: i64 = 300;
/// ...of at most this: nobody waits for a day because somebody on the way said so.
const WAITING_PAUSE_MAX: i64 = 6 * 3600;

impl Machine {
    pub(super) fn register(&mut self, enrolment: &Enrolment, turn: &mut Turn) {
        if let Err(cannot) = self.may_register(enrolment, turn) {
            return turn.show(Notice::Cannot(cannot));
        }
        self.state.version.clone_from(&enrolment.host.version);
        self.state.fingerprint.clone_from(&enrolment.host.fingerprint);
        let register = Register {
            iss: self.state.iss.clone().unwrap_or_default(),
            code: enrolment.code.clone(),
            device_name: enrolment.device_name.clone(),
            keyset_version: self.keyset_version(),
            sender: self.sender(turn),
            host: enrolment.host.clone(),
            proof: self.proof(Kind::Register),
        };
        let on_its_way = self.state.pending_of(Kind::Register);
        if on_its_way.and_then(reread).is_some_and(|sent: Register| is_same(&sent, &register)) {
            return self.dispatch(turn);
        }
        self.start(Kind::Register, &register, 0, turn);
    }

    fn may_register(&self, enrolment: &Enrolment, turn: &Turn) -> Result<(), Cannot> {
        enrolment.check()?;
        match () {
            () if self.state.iss.is_none() => Err(Cannot::NoKeyset),
            () if self.state.pending_of(Kind::Release).is_some() => Err(Cannot::ReleasePending),
            () if self.is_licensed(turn.now) => Err(Cannot::AlreadyLicensed),
            () => Ok(()),
        }
    }

    /// The device is known and not licensed yet: the same question again, after a pause.
    pub(super) fn wait_for_license(&mut self, retry_after: Option<u32>, turn: &mut Turn) {
        self.state.refusal = None;
        let asked = retry_after.map_or(0, i64::from).min(WAITING_PAUSE_MAX);
        let next = self.ask_again_in(asked.max(WAITING_PAUSE) + turn.random.below(WAITING_PAUSE), turn);
        turn.show(Notice::Waiting { next });
        turn.act(Action::Wait(next));
    }

    /// A rule stands against it that people can change without touching this device, so it goes on asking.
    pub(super) fn wait_after_refusal(&mut self, turn: &mut Turn) {
        let next = self.ask_again_in(REFUSED_PAUSE + turn.random.below(REFUSED_PAUSE), turn);
        turn.act(Action::Wait(next));
    }

    fn ask_again_in(&mut self, seconds: i64, turn: &mut Turn) -> Time {
        let next = turn.time.plus(seconds);
        self.state.attempts = 0;
        self.state.due = Some(next);
        turn.act(Action::Save);
        next
    }
}

/// The code itself is not good, or the device was turned away: asking again would change nothing.
pub(super) fn ends_waiting(refused: Option<Refused>) -> bool {
    matches!(refused, Some(Refused::EnrolmentInvalid | Refused::KeyInvalid))
}

fn is_same(sent: &Register, wanted: &Register) -> bool {
    let enrolment = |register: &Register| {
        let Register { code, device_name, host, .. } = register.clone();
        (code, device_name, host)
    };
    enrolment(sent) == enrolment(wanted)
}
