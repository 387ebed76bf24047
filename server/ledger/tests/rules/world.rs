//! A ledger over a store in memory, and the people who use it.

use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::Command;
use leasehold_ledger::draft::Fault;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::store::{Store, StoreError, Table};
use leasehold_ledger::{Context, Outcome, Shelf, apply, fsck, view};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Challenge, Cti, Digest, Refused, Time, Units};
use uuid::Uuid;

pub const ISS: &str = "leasehold.example";
/// The product of the pools: two kinds, 14 days, no files refused by itself.
pub const SKU: &str = "OBS-OEM";

/// A ledger, its clock, and ids drawn by counting.
pub struct World {
    pub store: MemoryStore,
    pub now: Time,
    pub vendor: AccountId,
    pub free_on: FreeOn,
    /// What the key in use may sign.
    pub lease_term_max: i64,
    drawn: u128,
}

/// A lot with its Activation ID.
#[derive(Debug, Clone)]
pub struct Lot {
    pub id: HoldingId,
    pub key: KeyId,
    pub code: String,
}

/// A pool key.
#[derive(Debug, Clone)]
pub struct PoolKey {
    pub id: KeyId,
    pub allotment: HoldingId,
    pub code: String,
}

/// OBM and ACB units.
pub fn units(obm: u32, acb: u32) -> Units {
    let of = |kind, count| Units::of(kind, count).expect("a good kind");
    of("OBM", obm).checked_add(&of("ACB", acb)).expect("small")
}

/// A product of the given compat with two kinds of units.
pub fn product(sku: &str, compat: &str) -> Product {
    Product {
        features: vec!["backup".into()],
        offline: true,
        at_expiry: AtExpiry::Stop,
        ..Product::plain(sku, &format!("Backup {compat}"), compat, &["OBM", "ACB"])
    }
}

impl World {
    /// A set-up store with one product, at noon of a day in 2024.
    pub fn new() -> Self {
        Self::with(FreeOn::Fetch)
    }

    pub fn with(free_on: FreeOn) -> Self {
        let vendor = AccountId(Uuid::from_u128(1));
        let now = Time(19_800 * DAY + DAY / 2);
        let mut world = Self { store: MemoryStore::new(), now, vendor, free_on, lease_term_max: i64::MAX, drawn: 1 };
        let installation = Installation { iss: ISS.into(), vendor, epoch: 1, created: now };
        world.done(Actor::system("setup"), Command::SetUp { installation, vendor: "Vendor".into() });
        world.done(world.root(), Command::CreateProduct(product(SKU, "OEM")));
        world
    }

    pub fn root(&self) -> Actor {
        self.member(self.vendor, Role::Admin)
    }

    pub fn member(&self, account: AccountId, role: Role) -> Actor {
        Actor::member("somebody", account, role)
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus(seconds);
    }

    pub fn days(&mut self, days: i64) {
        self.pass(days * DAY);
    }

    pub fn draw(&mut self) -> Uuid {
        self.drawn += 1;
        Uuid::from_u128(self.drawn)
    }

    pub fn code(&mut self) -> String {
        let number = self.draw().as_u128();
        format!("AAAA-BBBB-{:04}-{:04}", number / 10_000, number % 10_000)
    }

    /// Runs a command in one transaction, commits, and checks the whole store.
    pub fn run(&mut self, actor: Actor, command: Command) -> Result<Outcome, Refused> {
        let before = self.rows();
        let result = self.attempt(actor, &command);
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(Fault::Refused { refused, detail }) => {
                assert!(!detail.is_empty(), "{refused} of {command:?} says nothing");
                assert_eq!(self.rows(), before, "a refused command wrote something");
                return Err(refused);
            }
            Err(error) => panic!("{error} by {command:?}"),
        };
        self.check(&format!("{command:?}"));
        Ok(outcome)
    }

    /// Runs a command in one transaction and nothing else.
    pub fn attempt(&self, actor: Actor, command: &Command) -> Result<Outcome, Fault> {
        let mut result = Err(Fault::Store(StoreError::Io("never ran".into())));
        let context = Context {
            shelf: &Shelf::default(),
            now: self.now,
            actor: &actor,
            keyset_version: 1,
            lease_term_max: self.lease_term_max,
            challenge: &challenge,
            sign_license: &|license| Ok(format!("signed {license:?}").into_bytes()),
        };
        let written = self.store.write(&mut |tx| match apply(tx, &context, command) {
            Ok((changes, outcome)) => {
                changes.write(tx)?;
                result = Ok(outcome);
                Ok(())
            }
            Err(fault) => {
                result = Err(fault);
                Ok(())
            }
        });
        written.map_err(Fault::Store).and(result)
    }

    /// The whole store is sound.
    pub fn check(&self, after: &str) {
        let view = self.store.read().expect("memory");
        let report = fsck::check(view.as_ref(), self.now).expect("memory");
        let told = report.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(report.is_clean(), "after {after}:\n{told}");
    }

    pub fn done(&mut self, actor: Actor, command: Command) {
        self.run(actor, command).expect("it is allowed");
    }

    /// Runs a command and returns the Events it wrote.
    pub fn events_of(&mut self, run: impl FnOnce(&mut Self)) -> Vec<Event> {
        let before = self.events().len();
        run(self);
        self.events().split_off(before)
    }

    pub fn events(&self) -> Vec<Event> {
        let view = self.store.read().expect("memory");
        view::list::<Event>(view.as_ref(), &[], None, usize::MAX).expect("sound")
    }

    pub fn rows(&self) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        self.store.rows()
    }

    /// The rows that differ between then and now.
    pub fn changed(&self, before: &[(Table, Vec<u8>, Vec<u8>)]) -> Vec<Table> {
        let now = self.rows();
        let mut tables: Vec<Table> =
            now.iter().filter(|row| !before.contains(row)).map(|(table, _, _)| *table).collect();
        tables.extend(before.iter().filter(|row| !now.contains(row)).map(|(table, _, _)| *table));
        tables.sort();
        tables.dedup();
        tables
    }
}

/// What there is to see.
impl World {
    pub fn account(&self, id: AccountId) -> Account {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), id.bytes()).expect("sound").expect("there is one")
    }

    pub fn holding(&self, id: HoldingId) -> Holding {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), id.bytes()).expect("sound").expect("there is one")
    }

    pub fn key(&self, id: KeyId) -> Key {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), id.bytes()).expect("sound").expect("there is one")
    }

    pub fn activation(&self, id: ActivationId) -> (Activation, Renewal) {
        let view = self.store.read().expect("memory");
        let activation = view::find(view.as_ref(), &id.0).expect("sound").expect("there is one");
        (activation, view::renewal(view.as_ref(), id).expect("sound").expect("there is one"))
    }

    pub fn stock(&self, account: AccountId, compat: &str) -> Holding {
        let view = self.store.read().expect("memory");
        let all = view::list::<Holding>(view.as_ref(), &[], None, usize::MAX).expect("sound");
        let stock = |one: &Holding| one.account == account && one.role == HoldingRole::Stock && one.compat == compat;
        all.into_iter().find(stock).expect("something was converted")
    }
}

/// The challenge of a server without a secret.
pub fn challenge(activation: ActivationId, last: Cti) -> Challenge {
    Challenge(Digest::of(&[activation.0, last.0].concat()).0)
}
