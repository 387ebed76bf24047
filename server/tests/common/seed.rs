//! Books for a test: written by the ledger's own commands into the store of a server that does not run.

use leasehold::{random, store};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_ledger::store::{Store, StoreError};
use leasehold_ledger::{Command, Context, Outcome, Shelf, apply, view};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Challenge, Time, Units};
use std::path::Path;

/// The product sold.
pub const PRODUCT: &str = "BACKUP-OEM";
/// Its kind of unit.
pub const KIND: &str = "OBM";
/// The name of the account that buys; it must show up nowhere but in the store.
pub const ACCOUNT: &str = "Quietname Partners";

/// What was written.
#[derive(Debug, Clone)]
pub struct Seed {
    pub account: AccountId,
    /// An Activation ID with a million units.
    pub lot: String,
    /// Pool keys, each with ten units for one device at a time.
    pub pool: Vec<String>,
    pub keys: Vec<KeyId>,
}

pub fn units(count: u32) -> Units {
    Units::of(KIND, count).expect("a kind and a count")
}

/// A product with 14-day leases, or others.
pub fn product(lease_term: i64) -> Product {
    Product {
        edition: "OEM".into(),
        features: vec!["replication".into()],
        min_version: Some("7".into()),
        offline: true,
        lease_term,
        at_expiry: AtExpiry::Stop,
        ..Product::plain(PRODUCT, "Backup Server", "OEM", &[KIND])
    }
}

/// Sends commands as the vendor's administrator.
pub struct Operator<'a> {
    pub store: &'a dyn Store,
    pub now: Time,
}

impl Operator<'_> {
    pub fn vendor(&self) -> AccountId {
        let view = self.store.read().expect("the store reads");
        let found = view::find::<Installation>(view.as_ref(), Installation::KEY).expect("the row decodes");
        found.expect("the store was set up").vendor
    }

    pub fn does(&self, command: &Command) -> Outcome {
        let actor = Actor::member("operator", self.vendor(), Role::Admin);
        self.as_actor(actor, command)
    }

    fn as_actor(&self, actor: Actor, command: &Command) -> Outcome {
        let context = Context {
            shelf: &Shelf::default(),
            now: self.now,
            actor: &actor,
            keyset_version: 1,
            lease_term_max: i64::MAX,
            challenge: &|_, _| Challenge([0; 32]),
            sign_license: &|_| Err("no licence is signed here".into()),
        };
        let mut outcome = None;
        let written = self.store.write(&mut |tx| {
            let (changes, done) = apply(tx, &context, command).map_err(|fault| StoreError::Io(fault.to_string()))?;
            outcome = Some(done);
            changes.write(tx)
        });
        written.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        outcome.expect("a command that was written has an outcome")
    }

    /// The first command of a store that was made by hand.
    pub fn set_up(&self, iss: &str) {
        let vendor = AccountId(random::id(self.now));
        let installation = Installation { iss: iss.into(), vendor, epoch: 1, created: self.now };
        self.as_actor(Actor::system("operator"), &Command::SetUp { installation, vendor: "Example Software".into() });
    }

    /// An account with `pool_keys` pool keys of ten units, and an Activation ID of a million.
    pub fn seed(&self, pool_keys: u32, lease_term: i64) -> Seed {
        let id = || random::id(self.now);
        self.does(&Command::CreateProduct(product(lease_term)));
        let account = AccountId(id());
        let profile = Profile { name: ACCOUNT.into(), key_prefix: Some("Quiet-PLKY".into()), ..Profile::default() };
        let kind = AccountKind::Reseller;
        self.does(&Command::CreateAccount(NewAccount { id: account, parent: self.vendor(), kind, profile }));
        let line = |count| Line {
            lot: HoldingId(id()),
            key: KeyId(id()),
            code: random::key_code(),
            sku: PRODUCT.into(),
            units: units(count),
            expires: None,
            upgrade_until: Some(self.now.plus(400 * DAY).day()),
            kind: KeyKind::ActivationId,
            free_on: FreeOn::Fetch,
        };
        let lines = vec![line(1_000_000), line(10 * (pool_keys + 10))];
        let (lot, pooled) = (lines[0].code.clone(), lines[1].lot);
        self.does(&Command::Mint(Purchase { account, entitlement: "SO-1".into(), reference: None, lines }));
        self.does(&Command::Convert { lot: pooled, stock: HoldingId(id()), force: true });
        let pool = HoldingId(id());
        let (name, sku, free_on) = ("Pool".to_owned(), PRODUCT.to_owned(), FreeOn::Fetch);
        self.does(&Command::CreatePool { id: pool, account, name, sku, free_on });
        self.does(&Command::SetPoolQuota { pool, quota: units(10 * (pool_keys + 10)) });
        let mut seed = Seed { account, lot, pool: vec![], keys: vec![] };
        for number in 0..pool_keys {
            let (key, code) = (KeyId(id()), random::key_code());
            let name = format!("Server-{number}");
            let new = NewKey { id: key, allotment: HoldingId(id()), pool, code: code.clone(), name, quota: units(10) };
            self.does(&Command::CreatePoolKey(new));
            seed.pool.push(code);
            seed.keys.push(key);
        }
        seed
    }
}

/// Opens the store in `data`, which no server has, and works on it.
pub fn on_disk<T>(data: &Path, work: impl FnOnce(&Operator<'_>) -> T) -> T {
    let store = store::open(data).expect("the store opens");
    work(&Operator { store: &store, now: super::now() })
}
