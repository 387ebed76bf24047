//! A console: its messages, what it accepted, what it runs on.

use super::artefact::Kept;
use super::count::Count;
use super::ledger::ISS;
use super::random::Random;
use leasehold_ledger::Command;
use leasehold_ledger::record::FreeOn;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Host, Proof, Sender};
use leasehold_protocol::release::Release;
use leasehold_protocol::{ActivationId, Challenge, Nonce, PublicKey, Time, Units};

/// What its owner wants of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Run this product on this key.
    Run(String, &'static str),
    /// Give back what it has.
    Release,
    Nothing,
}

/// A message on its way, repeated until it is answered.
#[derive(Debug, Clone)]
pub struct Pending {
    message: Message,
    /// The key it is to run on by this, and the units it asks for there.
    pub run: Option<Runs>,
    pub sent: u32,
    pub rounds: u32,
}

/// A key, the product, and the units asked for under it; none for all it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    pub code: String,
    pub sku: &'static str,
    pub wanted: Option<Units>,
}

#[derive(Debug, Clone)]
enum Message {
    Activate(Activate),
    Check(Check),
    Release(Release),
}

/// A console on a device.
#[derive(Debug, Clone)]
pub struct Console {
    pub device: PublicKey,
    pub wish: Wish,
    /// The units it is to ask for; none for all the key gives.
    pub wanted: Option<Units>,
    /// What its lease came by.
    pub runs: Option<Runs>,
    pub lease: Option<Lease>,
    /// The units in it.
    carries: Count,
    /// The lease was given back, or is that of a backup and perhaps replaced.
    pub unusable: bool,
    /// The lease was given back: nothing but its release shows it any more.
    given_back: bool,
    pub pending: Option<Pending>,
    /// Every lease that was ever signed for it.
    pub kept: Kept,
    pub backup: Option<(Lease, Option<Runs>)>,
    /// Seconds its clock is ahead.
    pub ahead: i64,
}

impl Console {
    pub fn new(random: &mut Random, wish: Wish) -> Self {
        let device = PublicKey(random.bytes());
        let (wanted, runs, lease, pending, backup) = (None, None, None, None, None);
        let (unusable, given_back, kept, ahead, carries) = (false, false, Kept::default(), 0, Count::default());
        Self { device, wish, wanted, runs, lease, carries, unusable, given_back, pending, kept, backup, ahead }
    }

    /// The units it can be running on at `now`.
    pub fn living(&self, free_on: FreeOn, now: Time) -> Count {
        if free_on == FreeOn::Expiry {
            return self.kept.living(now);
        }
        if self.is_licensed(now) { self.carries } else { Count::default() }
    }

    pub fn is_licensed(&self, now: Time) -> bool {
        !self.unusable && self.lease.as_ref().is_some_and(|lease| lease.exp > now.plus(self.ahead))
    }

    /// The message to send now, if any: the one on its way, or a new one.
    pub fn speak(&mut self, random: &mut Random, now: Time) -> Option<Command> {
        if self.pending.is_none() {
            self.pending = self.compose(random, now);
        }
        let pending = self.pending.as_mut()?;
        pending.sent += 1;
        let held = pending.message.proof().held_lease.as_ref().and(self.lease.clone()).map(Box::new);
        Some(match pending.message.clone() {
            Message::Activate(message) => {
                let id = ActivationId(random.bytes());
                Command::Activate { message: Box::new(message), id, held }
            }
            Message::Check(message) => Command::Check { message: Box::new(message), held },
            Message::Release(message) => Command::Release { message: Box::new(message), held },
        })
    }

    /// The lease it shows in a message.
    fn shown(&self, is_release: bool) -> Option<&Lease> {
        self.lease.as_ref().filter(|_| is_release || !self.given_back)
    }

    fn compose(&mut self, random: &mut Random, now: Time) -> Option<Pending> {
        let lease = self.shown(self.wish == Wish::Release);
        let aud = match (&self.wish, lease) {
            (Wish::Run(_, sku), _) => sku,
            (_, lease) => lease?.grant.aud.as_str(),
        };
        let sender = self.sender(random, now, aud);
        let proof = Proof { held: lease.map(|lease| lease.grant.cti), ..Proof::default() };
        let host = Host { version: "9".into(), ..Host::default() };
        let run = |code: &String, sku| Runs { code: code.clone(), sku, wanted: self.wanted.clone() };
        let (message, run) = match (&self.wish, lease) {
            (Wish::Run(code, sku), Some(lease)) if self.runs.as_ref() == Some(&run(code, sku)) => {
                let (iss, sub, usage) = (ISS.into(), lease.grant.sub, Units::default());
                (Message::Check(Check { iss, sub, usage, keyset_version: 1, sender, host, proof }), None)
            }
            (Wish::Run(code, sku), lease) => {
                let replaces = lease.filter(|_| self.is_licensed(now)).map(|lease| lease.grant.cti);
                let activate = Activate {
                    iss: ISS.into(),
                    code: code.clone(),
                    device_name: None,
                    wanted: self.wanted.clone(),
                    replaces,
                    keyset_version: 1,
                    sender,
                    host,
                    proof,
                };
                (Message::Activate(activate), Some(run(code, sku)))
            }
            (Wish::Release, Some(lease)) => {
                let sub = lease.grant.sub;
                (self.unusable, self.given_back) = (true, true); // on disk before the message leaves
                (Message::Release(Release { iss: ISS.into(), sub, sender, proof }), None)
            }
            _ => return None,
        };
        Some(Pending { message, run, sent: 0, rounds: 0 })
    }

    fn sender(&self, random: &mut Random, now: Time, aud: &str) -> Sender {
        Sender { aud: aud.to_owned(), iat: now.plus(self.ahead), device: self.device, nonce: Nonce(random.bytes()) }
    }

    /// The same message again, with the challenge and the lease in hand.
    pub fn resync(&mut self, challenge: Challenge, random: &mut Random, now: Time) {
        let Some(mut pending) = self.pending.take() else { return };
        pending.rounds += 1;
        pending.sent = 0;
        let shown = self.shown(matches!(pending.message, Message::Release(_)));
        let (held, held_lease) = (shown.map(|lease| lease.grant.cti), shown.map(|_| vec![]));
        let proof = Proof { held, challenge: Some(challenge), held_lease };
        let sender = self.sender(random, now, &pending.message.sender().aud);
        match &mut pending.message {
            Message::Activate(message) => (message.sender, message.proof) = (sender, proof),
            Message::Check(message) => (message.sender, message.proof) = (sender, proof),
            Message::Release(message) => (message.sender, message.proof) = (sender, proof),
        }
        self.pending = Some(pending);
    }

    /// Takes a lease. True if it has to show at once that it has it.
    pub fn take(&mut self, lease: Lease, now: Time) -> bool {
        let run = self.pending.take().and_then(|pending| pending.run);
        let runs = self.is_licensed(now);
        let (sub, units) = (lease.grant.sub, lease.grant.units.clone());
        self.carries = Count::of(&lease.grant.aud, &units);
        let old = self.lease.replace(lease).filter(|_| runs);
        self.runs = run.or_else(|| self.runs.take());
        (self.unusable, self.given_back) = (false, false);
        old.is_some_and(|old| old.grant.sub != sub || !units.covers(&old.grant.units))
    }

    /// The disk of an earlier day. What it ran on then may have been replaced since.
    pub fn restore(&mut self) {
        if let Some((lease, runs)) = self.backup.clone() {
            self.carries = Count::of(&lease.grant.aud, &lease.grant.units);
            (self.lease, self.runs, self.pending) = (Some(lease), runs, None);
            (self.unusable, self.given_back) = (true, false);
        }
    }
}

impl Message {
    fn sender(&self) -> &Sender {
        match self {
            Self::Activate(message) => &message.sender,
            Self::Check(message) => &message.sender,
            Self::Release(message) => &message.sender,
        }
    }

    fn proof(&self) -> &Proof {
        match self {
            Self::Activate(message) => &message.proof,
            Self::Check(message) => &message.proof,
            Self::Release(message) => &message.proof,
        }
    }
}
