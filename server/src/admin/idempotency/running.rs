//! A request with a key while it runs: its commands are numbered, its ids follow from one seed.

use super::{in_flight, secret};
use crate::admin::auth::Caller;
use crate::admin::problem::Problem;
use crate::random;
use leasehold_ledger::record::{IdempotencyKey, Remembered};
use leasehold_ledger::rule::code::{self, CODE_SEED_LEN};
use leasehold_ledger::rule::once::Asked;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::{ActivationId, Time};
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use uuid::{Builder, Uuid};

/// A request with a key.
#[derive(Debug)]
pub struct Running {
    pub(super) asked: Asked,
    /// Its commands that were carried out when it ran before.
    done: BTreeSet<u32>,
    commands: AtomicU32,
    draws: AtomicU32,
    raced: AtomicBool,
    secret: AtomicBool,
}

impl Running {
    /// A request that begins, or goes on where it was `known` from before.
    pub(super) fn new(place: IdempotencyKey, request: [u8; 32], known: Option<&Remembered>, now: Time) -> Self {
        let (seed, at) = known.map_or_else(|| (random::bytes(), now), |known| (known.seed, known.at));
        Self {
            asked: Asked { place, request, seed, at },
            done: known.map(|known| known.done.keys().copied().collect()).unwrap_or_default(),
            commands: AtomicU32::new(0),
            draws: AtomicU32::new(0),
            raced: AtomicBool::new(false),
            secret: AtomicBool::new(false),
        }
    }

    /// Somebody else runs the same request; what this one would say is not true.
    pub(super) fn was_raced(&self) -> bool {
        self.raced.load(Ordering::Relaxed)
    }

    /// Its answer holds a secret.
    pub(super) fn told_a_secret(&self) -> bool {
        self.secret.load(Ordering::Relaxed)
    }

    /// Sends the next command, once: after a crash the same request must send the same commands in the same order.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn send(&self, caller: &Caller, command: Command) -> Result<Outcome, Problem> {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        self.send_as(number, caller, command).await
    }

    async fn send_as(&self, number: u32, caller: &Caller, command: Command) -> Result<Outcome, Problem> {
        let has_secret = makes_a_secret(&command);
        self.secret.fetch_or(has_secret, Ordering::Relaxed);
        let once = Command::Once { asked: self.asked.clone(), number, command: Box::new(command) };
        match caller.app.send(caller.actor.clone(), once).await? {
            Outcome::Raced => {
                self.raced.store(true, Ordering::Relaxed);
                Err(in_flight())
            }
            Outcome::Repeated(_) if has_secret => Err(secret()),
            Outcome::Repeated(Some(file)) => Ok(Outcome::File(file)),
            Outcome::Repeated(None) => Ok(Outcome::Done),
            outcome => Ok(outcome),
        }
    }

    /// The next `N` bytes that follow from the seed: for ids, never for secrets.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(SHA256_OUTPUT_LEN) {
            let mut hash = Context::new(&SHA256);
            hash.update(&self.asked.seed);
            hash.update(&self.draws.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            part.copy_from_slice(&hash.finish().as_ref()[..part.len()]);
        }
        bytes
    }
}

/// Commands whose answer shows what the store has only a hash of.
fn makes_a_secret(command: &Command) -> bool {
    matches!(command, Command::CreateToken(_))
}

impl Caller {
    /// Sends a command of a request whose commands depend on what is there already. `number` stands for what it is about: a line.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn send_as(&self, number: u32, command: Command) -> Result<Outcome, Problem> {
        match &self.running {
            Some(running) => running.send_as(number, self, command).await,
            None => self.send(command).await,
        }
    }

    /// Whether command `number` of this request was carried out when it ran before: asked once more, the rules would speak against
    /// it for what it has done itself.
    #[must_use]
    pub fn has_done(&self, number: u32) -> bool {
        self.running.as_ref().is_some_and(|running| running.done.contains(&number))
    }

    /// [`Caller::has_done`] of the command that is sent next.
    #[must_use]
    pub fn has_done_next(&self) -> bool {
        self.running.as_ref().is_some_and(|running| self.has_done(running.commands.load(Ordering::Relaxed)))
    }

    /// A new record's id; the same again when the request is.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let Some(running) = &self.running else { return random::id(self.now()) };
        let within = u64::from(running.draws.load(Ordering::Relaxed) % 1000); // made in this order, they sort in it
        let millis = u64::try_from(running.asked.at.0).unwrap_or(0).saturating_mul(1000) + within;
        Builder::from_unix_timestamp_millis(millis, &running.bytes()).into_uuid()
    }

    /// A new activation's id; the same again when the request is.
    #[must_use]
    pub fn activation_id(&self) -> ActivationId {
        let Some(running) = &self.running else { return random::activation() };
        ActivationId(Builder::from_random_bytes(running.bytes()).into_uuid().into_bytes())
    }

    /// A new key's code; the same again when the request is.
    #[must_use]
    pub fn key_code(&self) -> String {
        let Some(running) = &self.running else { return random::key_code() };
        loop {
            if let Some(code) = code::draw(&running.bytes::<CODE_SEED_LEN>()) {
                return code;
            }
        }
    }
}
