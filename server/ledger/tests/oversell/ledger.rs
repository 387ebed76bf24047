//! The server's side: commands in, signed artefacts out.
//!
//! A licence file is always signed and read back from its bytes. A lease is signed and read back in a run with
//! [`Ink::Real`], and one in [`SAMPLE`] else; the others go over as what was to be signed. That sums the same: `Lease::sign` writes
//! nothing but what this value holds, and each lease that is signed is asserted to read back as this very value.

use super::deeds;
use super::mutant::{self, Wrong};
use super::random::Random;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::draft::Fault;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Store, StoreError, Table};
use leasehold_ledger::{Command, Context, Outcome, Shelf, apply, fsck, people, view};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::license::License;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Challenge, Cti, Digest, PublicKey, Refused, SigningKey, Time};
use std::collections::BTreeMap;
use uuid::Uuid;

pub mod catalogue;

pub use catalogue::{SKU, TERM};

pub const ISS: &str = "sim";
/// Of so many leases one is signed where not all are.
const SAMPLE: u64 = 64;

/// What leases are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Each is signed, and read back from its bytes.
    Real,
    /// One in [`SAMPLE`] is.
    Sampled,
}

/// A ledger with its lease key.
pub struct Ledger {
    store: MemoryStore,
    shelf: Shelf,
    key: SigningKey,
    public: PublicKey,
    pub vendor: AccountId,
    /// The server's clock, which may be set back.
    pub now: Time,
    /// The latest it ever was.
    pub latest: Time,
    pub wrong: Option<Wrong>,
    pub random: Random,
    ink: Ink,
    issued: u64,
    drawn: u128,
    /// Commands that were carried out, by name.
    pub done: BTreeMap<&'static str, u64>,
}

/// What a device gets back.
pub enum Answer {
    Lease(Box<Lease>),
    Receipt,
    Refused(Refused, Option<Challenge>),
}

impl Ledger {
    pub fn new(seed: u64, wrong: Option<Wrong>, ink: Ink) -> Self {
        let mut random = Random::new(seed);
        let key = SigningKey::from_bytes(&random.bytes());
        let (vendor, now) = (AccountId(Uuid::from_u128(1)), Time(19_800 * DAY));
        let (public, shelf, done) = (PublicKey::of(&key), Shelf::default(), BTreeMap::new());
        let store = MemoryStore::new();
        let (latest, issued, drawn) = (now, 0, 1);
        let mut ledger =
            Self { store, shelf, key, public, vendor, now, latest, wrong, random, ink, issued, drawn, done };
        let installation = Installation { iss: ISS.into(), vendor, epoch: 1, created: now };
        ledger.must(Command::SetUp { installation, vendor: "Vendor".into() });
        catalogue::products().into_iter().for_each(|product| ledger.must(Command::CreateProduct(product)));
        ledger
    }

    /// The server's clock shows `now`.
    pub fn at(&mut self, now: Time) {
        self.now = now;
        self.latest = self.latest.max(now);
    }

    /// Every row.
    pub fn rows(&self) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        self.store.rows()
    }

    /// The store of an earlier day.
    pub fn put_back(&mut self, rows: &[(Table, Vec<u8>, Vec<u8>)]) {
        (self.store, self.shelf) = (MemoryStore::new(), Shelf::default());
        let put =
            self.store.write(&mut |tx| rows.iter().try_for_each(|(table, key, value)| tx.put(*table, key, value)));
        put.expect("memory");
    }

    pub fn draw(&mut self) -> Uuid {
        self.drawn += 1;
        Uuid::from_u128(self.drawn)
    }

    pub fn code(&mut self) -> String {
        let number = self.draw().as_u128();
        format!("AAAA-BBBB-{:04}-{:04}", number / 10_000, number % 10_000)
    }

    /// The vendor does something that is always possible.
    pub fn must(&mut self, command: Command) {
        self.run(command).expect("it is possible");
    }

    /// The vendor does something that may be refused.
    pub fn run(&mut self, command: Command) -> Result<Outcome, Refused> {
        self.run_as(self.vendor, Role::Admin, command)
    }

    /// Somebody does something that may be refused.
    pub fn run_as(&mut self, account: AccountId, role: Role, command: Command) -> Result<Outcome, Refused> {
        self.run_by(&Actor::member("somebody", account, role), command)
    }

    /// A person who signed in does something in an account, as its administrator.
    pub fn run_in_person(&mut self, user: UserId, account: AccountId, command: Command) -> Result<Outcome, Refused> {
        let view = self.store.read().expect("memory");
        let user = people::user(view.as_ref(), user).expect("sound").expect("there is one");
        drop(view);
        self.run_by(&Actor::person(&user, Some((account, Role::Admin))), command)
    }

    fn run_by(&mut self, actor: &Actor, command: Command) -> Result<Outcome, Refused> {
        let mut result = Err(Fault::Store(StoreError::Io("never ran".into())));
        let challenge = |id: ActivationId, cti: Cti| Challenge(Digest::of(&[id.0, cti.0].concat()).0);
        let wrong = self.wrong;
        if wrong.is_some() {
            self.shelf = Shelf::default(); // what goes wrong goes past it
        }
        let context = Context {
            shelf: &self.shelf,
            now: self.now,
            actor,
            keyset_version: 1,
            lease_term_max: i64::MAX,
            challenge: &challenge,
            sign_license: &|license| Ok(license.sign(&self.key, b"keyset")),
        };
        let written = self.store.write(&mut |tx| {
            wrong.map_or(Ok(()), |wrong| mutant::before(wrong, tx, &context, &command))?;
            result = match apply(tx, &context, &command) {
                Ok((changes, outcome)) => {
                    changes.write(tx)?;
                    self.shelf.follow(&changes);
                    wrong.map_or(Ok(()), |wrong| mutant::after(wrong, tx, &context, &command))?;
                    Ok(outcome)
                }
                Err(fault) => Err(fault),
            };
            Ok(())
        });
        written.expect("memory");
        match result {
            Ok(outcome) => {
                self.count(deeds::name(&command));
                Ok(outcome)
            }
            Err(Fault::Refused { refused, .. }) => Err(refused),
            Err(fault) => panic!("{fault} by {command:?}"),
        }
    }

    /// Something was carried out.
    pub fn count(&mut self, deed: &'static str) {
        *self.done.entry(deed).or_default() += 1;
    }

    /// A device sends something.
    pub fn answer(&mut self, command: Command) -> Answer {
        match self.run(command).expect("devices are answered with an outcome") {
            Outcome::Lease(mut lease) => {
                if self.wrong == Some(Wrong::EndForgotten) {
                    lease.exp = lease.grant.iat.plus(TERM);
                }
                Answer::Lease(self.signed(lease))
            }
            Outcome::Receipt(_) => Answer::Receipt,
            Outcome::Refusal(no) | Outcome::Stranger(no) => {
                Answer::Refused(no.refused().expect("a known number"), no.challenge)
            }
            other => panic!("no answer to a device: {other:?}"),
        }
    }

    /// The lease as it comes out of its signed bytes.
    fn signed(&mut self, lease: Box<Lease>) -> Box<Lease> {
        self.issued += 1;
        if self.ink == Ink::Sampled && !self.issued.is_multiple_of(SAMPLE) {
            return lease;
        }
        let read = Lease::open(&lease.sign(&self.key), &self.public).expect("the ledger's own signature");
        assert_eq!(read, *lease, "signed bytes say something else than the ledger");
        Box::new(read)
    }

    /// The licence in signed bytes.
    pub fn open(&self, bytes: &[u8]) -> License {
        License::open(bytes, &self.public).expect("the ledger's own signature")
    }

    pub fn holding(&self, id: HoldingId) -> Holding {
        self.find(id).expect("it is there")
    }

    pub fn find(&self, id: HoldingId) -> Option<Holding> {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), id.bytes()).expect("sound")
    }

    /// What must not be in the whole store.
    pub fn findings(&self) -> Vec<fsck::Finding> {
        let view = self.store.read().expect("memory");
        fsck::check(view.as_ref(), self.latest).expect("memory").findings
    }

    /// The whole store is sound.
    pub fn check(&self) {
        let findings = self.findings();
        assert!(findings.is_empty(), "{findings:#?}");
    }
}
