//! Making an installation: data folder, keys, the request to certify them, and the store.

use crate::cli::failure::Failure;
use crate::clock::Clock;
use crate::keyring::{CHALLENGE_SECRET, FOLDER, KEYSET, ROOT};
use crate::random;
use crate::store;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::{AccountId, Installation};
use leasehold_ledger::rule::code;
use leasehold_ledger::store::StoreError;
use leasehold_ledger::{Command, Context, Fault, Shelf, apply};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::KeyUse;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Challenge, PublicKey, SigningKey, Time};
use leasehold_signer::ceremony::{KeyRequest, KeysRequest};
use leasehold_signer::disk::{self, RealDisk};
use leasehold_signer::keyfile::{self, Cost, Seal};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Seconds keys and keyset live: two years.
pub const KEY_LIFE: i64 = 730 * DAY;
/// The longest lease a lease key may grant: a year and a day, for products with long terms.
pub const LEASE_TERM_MAX: i64 = 366 * DAY;
/// A clock that is a little behind must not refuse a key made just now.
const BACKDATE: i64 = DAY;
/// What the installation asks the holder of the root key to certify.
pub const KEYS_REQUEST: &str = "keys.request";
/// The root key of a demonstration, which stands beside the others as no real one may.
pub const DEMO_ROOT: &str = "demo-root.pem";

/// What to make.
pub struct Plan<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The installation's name in every artefact.
    pub iss: &'a str,
    /// The vendor's name.
    pub vendor: &'a str,
    /// Seals the private keys.
    pub passphrase: Option<&'a [u8]>,
    /// Makes a root key too and certifies at once: for demonstrations.
    pub demo_root: bool,
}

/// Makes everything; the store last, so that a folder with a store is complete.
///
/// # Errors
/// [`Failure`]; keys that were made before stay and are taken up by nobody.
pub fn init(plan: &Plan<'_>, clock: Clock) -> Result<PathBuf, Failure> {
    let keys = plan.data.join(FOLDER);
    if plan.data.join(store::open::FILE_NAME).exists() {
        return Err(store::OpenError::Exists(plan.data.to_owned()).into());
    }
    for name in [plan.iss, plan.vendor] {
        code::name(name).map_err(bad_name)?; // before any key is made for it
    }
    if std::fs::read_dir(&keys).is_ok_and(|mut made| made.next().is_some()) {
        let hint =
            "if nothing was signed with these keys yet, remove the folder and start again; else restore the store";
        return Err(Failure::failed(format!("{} has keys but no store: an init was cut short", keys.display()), hint));
    }
    for folder in [plan.data, &keys] {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| Failure::io(folder, &error))?;
    }
    let now = clock.now();
    let (lease, file) = (new_key(), new_key());
    for (key, usage) in [(&lease, KeyUse::Lease), (&file, KeyUse::File)] {
        write_key(&key_path(&keys, usage, key), key, plan.passphrase)?;
    }
    write(&keys.join(CHALLENGE_SECRET), 0o600, &random::bytes::<32>())?;
    let request = KeysRequest {
        iss: plan.iss.to_owned(),
        version: 1,
        keys: vec![asked(&lease, KeyUse::Lease, now), asked(&file, KeyUse::File, now)],
    };
    let path = keys.join(KEYS_REQUEST);
    write(&path, 0o644, request.render().as_bytes())?;
    if plan.demo_root {
        certify(&keys, &request, now)?;
    }
    create_store(plan, clock)?;
    Ok(path)
}

/// Makes the store with its first Event.
fn create_store(plan: &Plan<'_>, clock: Clock) -> Result<(), Failure> {
    let now = clock.now();
    let vendor = AccountId(random::id(now));
    let installation = Installation { iss: plan.iss.to_owned(), vendor, epoch: 1, created: now };
    let command = Command::SetUp { installation, vendor: plan.vendor.to_owned() };
    let context = Context {
        shelf: &Shelf::default(),
        now,
        actor: &Actor::system("operator"),
        keyset_version: 1,
        lease_term_max: i64::MAX,
        challenge: &|_, _| Challenge([0; 32]), // no activation is in this command
        sign_license: &|_| Err("no licence is in this command".to_owned()),
    };
    store::create(plan.data, &mut |tx| match apply(tx, &context, &command) {
        Ok((changes, _)) => changes.write(tx),
        Err(Fault::Store(error)) => Err(error),
        Err(fault) => Err(StoreError::Io(fault.to_string())),
    })?;
    Ok(())
}

fn bad_name(fault: Fault) -> Failure {
    let what = match fault {
        Fault::Refused { detail, .. } => detail,
        fault => fault.to_string(),
    };
    Failure::usage(what, "names are 1 to 128 bytes without control characters")
}

fn certify(keys: &Path, request: &KeysRequest, now: Time) -> Result<(), Failure> {
    let root = new_key();
    write_key(&keys.join(DEMO_ROOT), &root, None)?;
    let keyset = request.keyset(&PublicKey::of(&root), now);
    let keyset = keyset.map_err(|error| Failure::usage(error, "choose another installation name"))?;
    write(&keys.join(ROOT), 0o644, keyfile::public_to_pem(&PublicKey::of(&root)).as_bytes())?;
    write(&keys.join(KEYSET), 0o644, armour::wrap(Label::Keyset, &keyset.sign(&root)).as_bytes())
}

/// A fresh key.
#[must_use]
pub fn new_key() -> SigningKey {
    keyfile::generate(&random::bytes())
}

/// Where a private key stands.
#[must_use]
pub fn key_path(folder: &Path, usage: KeyUse, key: &SigningKey) -> PathBuf {
    let name = match usage {
        KeyUse::Lease => "lease",
        KeyUse::File => "file",
    };
    folder.join(format!("{name}-{}.pem", PublicKey::of(key).kid()))
}

/// Writes a private key and its public half.
///
/// # Errors
/// [`Failure`].
pub fn write_key(path: &Path, key: &SigningKey, passphrase: Option<&[u8]>) -> Result<(), Failure> {
    let seal = passphrase.map(|passphrase| Seal { passphrase, random: random::bytes(), cost: Cost::STANDARD });
    Ok(keyfile::write(&mut RealDisk, path, key, seal.as_ref())?)
}

/// What is asked for a key made now.
#[must_use]
pub fn asked(key: &SigningKey, usage: KeyUse, now: Time) -> KeyRequest {
    KeyRequest {
        usage,
        public: PublicKey::of(key),
        nbf: now.plus(-BACKDATE),
        exp: now.plus(KEY_LIFE),
        max_term: (usage == KeyUse::Lease).then_some(LEASE_TERM_MAX),
        revoked: false,
    }
}

/// Writes a whole new file, durably.
///
/// # Errors
/// [`Failure`].
pub fn write(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Failure> {
    disk::create(&mut RealDisk, path, mode, bytes).map_err(|error| Failure::io(path, &error))
}
