//! The console as a pure state machine: (state, event, now) -> (state, actions).
//!
//! [`Machine::step`] takes one [`Event`] and the clocks, changes the [`State`] and says what is to be done, in order: put the
//! state on disk, send bytes, fetch the keyset, wait, tell people. It does no I/O and draws no randomness, so a simulator can drive
//! any number of consoles in memory; a product drives one with its own network and disk.
//!
//! Rules it keeps: a message is on disk before it is sent, and a retry sends the same bytes; a lease is accepted by
//! [`Keyset::judge_lease`] alone; no refusal, no outage and no answer that is not accepted changes the lease in hand;
//! what is given back is marked unusable on disk first and never becomes usable again.
//!
//! A lease accepted later takes the place of the one in hand even where it ends sooner: the vendor signed it, for this
//! device, in answer to its question.

mod answer;
mod clock;
mod event;
mod notice;
mod offline;
mod online;
mod phase;
mod register;
mod state;
mod text;

pub use event::{Action, Enrolment, Event, Now, Order, Random};
pub use notice::{Cannot, Notice};
pub use phase::{Phase, Status};
pub use state::{HeldLease, HeldLicense, Kind, Pending, Refusal, State};
pub use text::Bytes;

use crate::accept::{NotAccepted, open_license};
use crate::cose::Envelope;
use crate::error::VerifyError;
use crate::ids::Kid;
use crate::keys::PublicKey;
use crate::keyset::Keyset;
use crate::lease::Lease;
use crate::license::License;
use crate::time::Time;
use answer::Parked;
use clock::Clock;
use ed25519_dalek::SigningKey;

/// Resync rounds one message may go through before it is repeated unchanged.
pub const RESYNC_ROUNDS_MAX: u32 = 3;

/// A console: its key, its state, and what the state's bytes say.
pub struct Machine {
    key: SigningKey,
    device: PublicKey,
    state: State,
    keyset: Option<Keyset>,
    lease: Option<Lease>,
    license: Option<License>,
    parked: Option<Parked>,
    clock: Clock,
    end_shown: Option<Time>,
}

/// One step on its way: its inputs and the actions so far.
struct Turn {
    now: Now,
    /// The best guess of the time, see [`Machine::time`].
    time: Time,
    random: Random,
    actions: Vec<Action>,
}

impl Turn {
    fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    fn show(&mut self, notice: Notice) {
        self.act(Action::Show(notice));
    }
}

impl Machine {
    /// The console with this key and this state. Every signature in the state is checked again, from the root key down.
    ///
    /// # Errors
    /// [`NotAccepted`] when the state was changed by something else: it proves nothing.
    pub fn new(key: SigningKey, state: State, now: Now) -> Result<Self, NotAccepted> {
        let keyset = state.keyset.as_ref().map(|bytes| Keyset::open(bytes, &state.root)).transpose()?;
        let lease = state.lease.as_ref().map(|held| reopen(held, &state.root, keyset.as_ref())).transpose()?;
        let license = state.license.as_ref().map(|held| open_license(&held.bytes, &state.root, 0)).transpose()?;
        let device = PublicKey::of(&key);
        let foreign = |grant: &crate::lease::Grant| grant.device != device || grant.aud != state.product;
        if lease.as_ref().is_some_and(|lease| foreign(&lease.grant))
            || license.as_ref().is_some_and(|license| foreign(&license.grant))
        {
            return Err(NotAccepted::Other("device or product"));
        }
        let clock = Clock::new(now);
        Ok(Self { key, device, state, keyset, lease, license, parked: None, clock, end_shown: None })
    }

    /// What belongs on disk.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The device's public key.
    #[must_use]
    pub fn device(&self) -> &PublicKey {
        &self.device
    }

    /// The keyset in hand.
    #[must_use]
    pub fn keyset(&self) -> Option<&Keyset> {
        self.keyset.as_ref()
    }

    /// The last lease accepted, also where it has ended or was given back: [`Machine::status`] says which.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// The licence file imported last, also where it has ended or was given back.
    #[must_use]
    pub fn license(&self) -> Option<&License> {
        self.license.as_ref()
    }

    /// Takes one event. The actions are to be carried out in their order; what follows a send or a fetch comes back as
    /// an event of its own.
    pub fn step(&mut self, event: Event, now: Now, random: Random) -> Vec<Action> {
        let time = self.time(now);
        let turn = &mut Turn { now, time, random, actions: Vec::new() };
        match event {
            Event::Tick => self.tick(turn),
            Event::Register(enrolment) => self.register(&enrolment, turn),
            Event::Activate(order) => self.activate(&order, turn),
            Event::Check => self.check(turn),
            Event::Release => self.release(turn),
            Event::Usage(units) => self.state.usage = units,
            Event::Answer { status, body, retry_after } => self.answer(status, body, retry_after, turn),
            Event::NoAnswer => self.unanswered(None, None, turn),
            Event::Keyset(bytes) => self.take_keyset(bytes, turn),
            Event::NoKeyset => self.judge_parked(turn),
            Event::Request(order) => self.request(&order, turn),
            Event::License(bytes) => self.import(bytes, turn),
            Event::Return => self.surrender(turn),
        }
        std::mem::take(&mut turn.actions)
    }

    /// Does what is due, and says once when something has ended.
    fn tick(&mut self, turn: &mut Turn) {
        if let Phase::Expired = self.phase(turn.now) {
            let end = self.end();
            if end != self.end_shown {
                self.end_shown = end;
                end.into_iter().for_each(|end| turn.show(Notice::Ended(end)));
            }
        }
        let suspicion = self.new_suspicion(turn);
        if self.state.pending.is_none() && self.usable_lease().is_none() {
            return;
        }
        match self.state.due {
            Some(due) if due > turn.time && !suspicion => turn.act(Action::Wait(due)),
            _ if self.state.pending.is_some() => self.dispatch(turn),
            _ => self.compose_check(turn),
        }
    }

    /// The lease in hand, unless it was given back; it may have ended.
    fn usable_lease(&self) -> Option<&Lease> {
        let usable = self.state.lease.as_ref().is_some_and(|held| !held.unusable);
        self.lease.as_ref().filter(|_| usable)
    }

    /// The licence file in hand, unless it was given back; it may have ended.
    fn usable_license(&self) -> Option<&License> {
        let usable = self.state.license.as_ref().is_some_and(|held| !held.unusable);
        self.license.as_ref().filter(|_| usable)
    }

    /// Takes a keyset that is newer than the one in hand.
    fn take_keyset(&mut self, bytes: Vec<u8>, turn: &mut Turn) {
        match self.accept_keyset(&bytes) {
            Ok(Some(keyset)) => {
                let version = keyset.version;
                self.adopt_keyset(keyset, bytes);
                turn.act(Action::Save);
                turn.show(Notice::Keyset { version });
            }
            Ok(None) => {}
            Err(why) => turn.show(Notice::NotAccepted(why)),
        }
        self.judge_parked(turn);
    }

    fn accept_keyset(&self, bytes: &[u8]) -> Result<Option<Keyset>, NotAccepted> {
        let in_hand = self.keyset.as_ref().map_or(0, |keyset| keyset.version);
        let keyset = Keyset::accept(bytes, &self.state.root, in_hand)?;
        if self.state.iss.as_ref().is_some_and(|iss| *iss != keyset.iss) {
            return Err(NotAccepted::Other("installation"));
        }
        Ok(Some(keyset).filter(|keyset| keyset.version > in_hand))
    }

    fn adopt_keyset(&mut self, keyset: Keyset, bytes: Vec<u8>) {
        let old = self.state.keyset.replace(Bytes(bytes));
        self.state.iss.get_or_insert_with(|| keyset.iss.clone());
        if let (Some(held), Some(lease)) = (&mut self.state.lease, &self.lease) {
            // a lease of a key that left the keyset runs to its end, so the keyset that proves it stays
            match kid_of(&held.bytes) {
                Ok(kid) if keyset.key(kid).is_some() => held.end = held.end.min(keyset.end_of(lease, kid)),
                _ if held.proved_by.is_none() => held.proved_by = old,
                _ => {}
            }
        }
        self.keyset = Some(keyset);
    }
}

/// The key id a message names.
fn kid_of(bytes: &[u8]) -> Result<Kid, NotAccepted> {
    Ok(Envelope::parse(bytes).map_err(VerifyError::from)?.kid)
}

fn reopen(held: &HeldLease, root: &PublicKey, keyset: Option<&Keyset>) -> Result<Lease, NotAccepted> {
    let kid = kid_of(&held.bytes)?;
    let older = held.proved_by.as_ref().map(|bytes| Keyset::open(bytes, root)).transpose()?;
    let key = older.as_ref().or(keyset).and_then(|keyset| keyset.key(kid)).ok_or(NotAccepted::UnknownKey(kid))?;
    Ok(Lease::open(&held.bytes, &key.public)?)
}

#[cfg(test)]
mod tests;
