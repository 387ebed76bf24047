//! The installation that is measured: everything in it follows from an index, so that nobody has to hand a list of a million
//! keys from the seed to the herd.
//!
//! **All private keys in here are test keys**: hashes of a public text and a number. Nothing real may ever use them.

use leasehold_ledger::record::Product;
use leasehold_ledger::rule::code::{self, CODE_SEED_LEN};
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::message::{Host, Proof, Sender};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units};
use sha2::{Digest, Sha256, Sha512};
use uuid::{Builder, Uuid};

/// The installation's name.
pub const ISS: &str = "licences.bench.example";
/// Pool keys of one account, in one pool.
pub const KEYS_PER_ACCOUNT: u32 = 250;
/// The products, account by account.
pub const SKUS: [&str; 3] = ["BACKUP-OEM", "BACKUP-EDGE", "BACKUP-CLOUD"];
/// The kind of unit.
pub const KIND: &str = "OBM";
/// Units of every key.
pub const UNITS: u32 = 10;
/// The version every console runs.
pub const VERSION: &str = "9.1.4";
/// Seconds a lease lasts.
pub const TERM: i64 = 14 * DAY;
/// The number of the lease every console has when the store is made.
pub const FIRST_SEQ: u32 = 1;
/// Ids are version 7 from here on: rows made together stand together, as in a real store.
const EPOCH_MS: u64 = 1_760_000_000_000;
/// Ids of one account: its own, those of its pool, two a key.
const IDS_PER_ACCOUNT: u64 = 16 + 2 * KEYS_PER_ACCOUNT as u64;

/// A console with a pool key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Console(pub u32);

fn hash(purpose: &str, index: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"leasehold bench: a TEST value, public on purpose\0");
    hash.update(purpose);
    hash.update(index.to_be_bytes());
    hash.finalize().into()
}

fn half(hash: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    half
}

/// The id number `serial` of an account.
#[must_use]
pub fn id(account: u32, serial: u32) -> Uuid {
    let number = u64::from(account) * IDS_PER_ACCOUNT + u64::from(serial);
    let random = half(hash("id", number));
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[..10]);
    Builder::from_unix_timestamp_millis(EPOCH_MS + number, &tail).into_uuid()
}

/// Units of the one kind there is.
#[must_use]
pub fn units(count: u32) -> Units {
    Units::of(KIND, count).expect("a kind and a count within bounds")
}

/// The code number `number` of all codes.
#[must_use]
pub fn code(number: u64) -> String {
    let drawn = |again: u64| {
        let seed: [u8; CODE_SEED_LEN] = Sha512::digest(hash("code", number + (again << 48))).into();
        code::draw(&seed)
    };
    (0..).find_map(drawn).expect("one seed in 10^20 has to be passed over")
}

/// A product with 14-day leases.
#[must_use]
pub fn product(sku: &str) -> Product {
    Product {
        edition: "OEM".into(),
        features: vec!["replication".into()],
        min_version: Some("7".into()),
        offline: true,
        lease_term: TERM,
        at_expiry: AtExpiry::Stop,
        ..Product::plain(sku, &format!("Backup Server {sku}"), sku, &[KIND])
    }
}

impl Console {
    /// Its account's number.
    #[must_use]
    pub fn account(self) -> u32 {
        self.0 / KEYS_PER_ACCOUNT
    }

    /// Its place in the account.
    #[must_use]
    pub fn place(self) -> u32 {
        self.0 % KEYS_PER_ACCOUNT
    }

    /// Its product.
    #[must_use]
    pub fn sku(self) -> &'static str {
        SKUS[self.account() as usize % SKUS.len()]
    }

    /// What its lease calls the licensee.
    #[must_use]
    pub fn licensee(self) -> String {
        format!("{}-Server-{}", prefix(self.account()), self.place())
    }

    /// Its private key: a TEST key.
    #[must_use]
    pub fn key(self) -> SigningKey {
        SigningKey::from_bytes(&hash("device key", self.0.into()))
    }

    /// Its activation.
    #[must_use]
    pub fn activation(self) -> ActivationId {
        ActivationId(Builder::from_random_bytes(half(hash("activation", self.0.into()))).into_uuid().into_bytes())
    }

    /// The nonce of the message that asks for lease number `seq`.
    #[must_use]
    pub fn nonce(self, seq: u32) -> Nonce {
        Nonce(half(hash("nonce", u64::from(self.0) << 32 | u64::from(seq))))
    }

    /// Product, key and nonce of the message that asks for lease number `seq`.
    #[must_use]
    pub fn sender(self, public: PublicKey, seq: u32, now: Time) -> Sender {
        Sender { aud: self.sku().into(), iat: now, device: public, nonce: self.nonce(seq) }
    }

    /// The check of a console that holds lease number `held`.
    #[must_use]
    pub fn check(self, public: PublicKey, held: u32, now: Time) -> Check {
        let activation = self.activation();
        Check {
            iss: ISS.into(),
            sub: activation,
            usage: units(1 + self.0 % UNITS),
            keyset_version: 1,
            sender: self.sender(public, held + 1, now),
            host: host(),
            proof: Proof { held: Some(Cti::derive(activation, held)), ..Proof::default() },
        }
    }
}

/// What every console runs.
#[must_use]
pub fn host() -> Host {
    Host { version: VERSION.into(), ..Host::default() }
}

/// What the names of an account's licensees begin with.
#[must_use]
pub fn prefix(account: u32) -> String {
    format!("EX{account}-PLKY")
}
