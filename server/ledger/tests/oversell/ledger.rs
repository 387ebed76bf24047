//! The server's side: commands in, signed bytes out.

use super::mutant;
use super::random::Random;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::draft::Fault;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Store, StoreError, Table};
use leasehold_ledger::{Command, Context, Outcome, Shelf, apply, fsck, view};
use leasehold_protocol::lease::{AtExpiry, Lease};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Challenge, Cti, Digest, PublicKey, Refused, SigningKey, Time, Units};
use uuid::Uuid;

pub const SKU: &str = "OBS-OEM";
pub const ISS: &str = "sim";
pub const TERM: i64 = 14 * DAY;

/// A ledger with its lease key.
pub struct Ledger {
    store: MemoryStore,
    key: SigningKey,
    pub vendor: AccountId,
    pub now: Time,
    pub mutant: bool,
    pub random: Random,
    drawn: u128,
}

/// What a device gets back.
pub enum Answer {
    /// A signed lease.
    Lease(Vec<u8>),
    Receipt,
    Refused(Refused, Option<Challenge>),
}

impl Ledger {
    pub fn new(seed: u64, mutant: bool) -> Self {
        let mut random = Random::new(seed);
        let key = SigningKey::from_bytes(&random.bytes());
        let (vendor, now) = (AccountId(Uuid::from_u128(1)), Time(19_800 * DAY));
        let mut ledger = Self { store: MemoryStore::new(), key, vendor, now, mutant, random, drawn: 1 };
        let installation = Installation { iss: ISS.into(), vendor, epoch: 1, created: now };
        ledger.must(Command::SetUp { installation, vendor: "Vendor".into() });
        ledger.must(Command::CreateProduct(Product {
            sku: SKU.into(),
            name: "Backup".into(),
            edition: String::new(),
            features: vec![],
            kinds: vec!["OBM".into(), "ACB".into()],
            compat: "OEM".into(),
            min_version: None,
            metered: false,
            offline: true,
            lease_term: TERM,
            maintenance: Maintenance::StopsRenewal,
            at_expiry: AtExpiry::Stop,
            returns: Returns::Frees,
            device_change: DeviceChange::Recorded,
            needs_org: false,
            version: String::new(),
            kind: ProductKind::License,
            term: Term::Perpetual,
            term_days: None,
            used_by: UsedBy::Device,
        }));
        ledger
    }

    /// Every row.
    #[allow(dead_code, reason = "rolling back is another suite")]
    pub fn rows(&self) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        self.store.rows()
    }

    /// The store of an earlier day.
    #[allow(dead_code, reason = "rolling back is another suite")]
    pub fn put_back(&mut self, rows: &[(Table, Vec<u8>, Vec<u8>)]) {
        self.store = MemoryStore::new();
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

    /// Somebody does something that may be refused.
    pub fn run(&mut self, command: Command) -> Result<Outcome, Refused> {
        let actor = Actor::member("operator", self.vendor, Role::Admin);
        let mut result = Err(Fault::Store(StoreError::Io("never ran".into())));
        let challenge = |id: ActivationId, cti: Cti| Challenge(Digest::of(&[id.0, cti.0].concat()).0);
        let context = Context {
            shelf: &Shelf::default(),
            now: self.now,
            actor: &actor,
            keyset_version: 1,
            challenge: &challenge,
            sign_license: &|_| Err("no files here".into()),
        };
        let mutant = self.mutant;
        let written = self.store.write(&mut |tx| {
            result = match apply(tx, &context, &command) {
                Ok((changes, outcome)) => {
                    changes.write(tx)?;
                    if mutant {
                        mutant::forget(tx, context.now)?;
                    }
                    Ok(outcome)
                }
                Err(fault) => Err(fault),
            };
            Ok(())
        });
        written.expect("memory");
        match result {
            Ok(outcome) => Ok(outcome),
            Err(Fault::Refused { refused, .. }) => Err(refused),
            Err(fault) => panic!("{fault} by {command:?}"),
        }
    }

    /// A device sends something; leases are signed.
    pub fn answer(&mut self, command: Command) -> Answer {
        match self.run(command).expect("devices are answered with an outcome") {
            Outcome::Lease(lease) => Answer::Lease(lease.sign(&self.key)),
            Outcome::Receipt(_) => Answer::Receipt,
            Outcome::Refusal(no) | Outcome::Stranger(no) => {
                Answer::Refused(no.refused().expect("a known number"), no.challenge)
            }
            other => panic!("no answer to a device: {other:?}"),
        }
    }

    /// The lease in signed bytes.
    pub fn open(&self, bytes: &[u8]) -> Lease {
        Lease::open(bytes, &PublicKey::of(&self.key)).expect("the ledger's own signature")
    }

    pub fn holding(&self, id: HoldingId) -> Holding {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), id.bytes()).expect("sound").expect("it is there")
    }

    /// The whole store is sound; asked now and then, and not of a mutant.
    pub fn check(&self) {
        let view = self.store.read().expect("memory");
        let report = fsck::check(view.as_ref(), self.now).expect("memory");
        assert!(report.is_clean(), "{:#?}", report.findings);
    }
}

/// OBM and ACB units.
pub fn units(obm: u32, acb: u32) -> Units {
    let of = |kind, count| Units::of(kind, count).expect("a good kind");
    of("OBM", obm).checked_add(&of("ACB", acb)).expect("small")
}
