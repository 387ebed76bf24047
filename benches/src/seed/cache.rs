//! Stores that are kept from run to run, and copies of them to work on.
//!
//! A store is kept under `target/bench/`, named after its number of keys and after what stands in it: a hash of one account's
//! rows as this build writes them, the schema, and the engine's tables. So a build that writes other rows makes another store,
//! and one that merely reads them faster takes up the last. After two days it is made again, for its leases end after fourteen.

use super::books::Clerk;
use super::overlay::Overlay;
use super::{History, seed};
use crate::Done;
use crate::world::{self, Console, ISS, KEYS_PER_ACCOUNT, product};
use leasehold::clock::Clock;
use leasehold::store::open::{FILE_NAME, SCHEMA};
use leasehold_ledger::Command;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::{AccountId, Installation};
use leasehold_ledger::store::{Read, Store, Table};
use leasehold_protocol::{Digest, PublicKey, Time, time::DAY};
use redb::{ReadableDatabase, TableHandle};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Seconds a store is kept.
const AGE_MAX: i64 = 2 * DAY;
/// Where stores and copies are, below the folder of the workspace.
const FOLDER: &str = "target/bench";

/// A store nobody has, with how it came about.
pub struct Kept {
    folder: PathBuf,
    /// Its keys.
    pub keys: u32,
}

/// The folder for what a bench writes, on the disk that is measured.
///
/// # Errors
/// The file system's.
pub fn folder() -> Done<PathBuf> {
    fs::create_dir_all(FOLDER)?;
    Ok(PathBuf::from(FOLDER))
}

/// The store of `keys` keys, made now if it is not there.
///
/// # Errors
/// As [`seed`].
pub fn store(keys: u32, history: History) -> Done<Kept> {
    let word = match history {
        History::Kept => "events",
        History::LeftOut => "no-events",
    };
    let wanted = format!("keys-{keys}-{word}-{}", format()?);
    let folder = folder()?.join(&wanted);
    let made = folder.join("made");
    let age = fs::read_to_string(&made).ok().and_then(|at| at.trim().parse::<i64>().ok());
    if age.is_none_or(|at| Clock::System.now().0 - at > AGE_MAX) {
        forget(&format!("keys-{keys}-{word}-"))?;
        fs::create_dir_all(&folder)?;
        let done = seed(&folder.join("data"), keys, history)?;
        let rate = f64::from(keys) / done.seconds;
        eprintln!("seeded {keys} keys in {:.0} s, {rate:.0} a second", done.seconds);
        fs::write(&made, Clock::System.now().0.to_string())?;
    }
    Ok(Kept { folder, keys })
}

impl Kept {
    /// A copy to work on, gone when dropped.
    ///
    /// # Errors
    /// The file system's.
    pub fn copy(&self) -> Done<TempDir> {
        let copy = tempfile::Builder::new().prefix("copy-").tempdir_in(folder()?)?;
        copy_folder(&self.folder.join("data"), &copy.path().join("data"))?;
        Ok(copy)
    }

    /// Bytes of the store file for each key.
    #[must_use]
    pub fn bytes_per_key(&self) -> f64 {
        leasehold::store::open::bytes_on_disk(&self.folder.join("data")) as f64 / f64::from(self.keys)
    }
}

fn copy_folder(from: &Path, to: &Path) -> Done {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            fs::File::open(&target)?.sync_all()?; // what is measured must not pay for it
        }
    }
    Ok(())
}

/// Removes what a bench that was killed has left behind.
///
/// # Errors
/// The file system's.
pub fn sweep() -> Done {
    forget("copy-")?;
    forget("run-")
}

/// Removes what begins with `prefix`: each is gigabytes.
fn forget(prefix: &str) -> Done {
    for entry in fs::read_dir(folder()?)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Names what this build writes.
fn format() -> Done<String> {
    let memory = MemoryStore::new();
    let clerk = Clerk { vendor: AccountId(world::id(0, 0)), now: Time(1_800_000_000) };
    let mut rows = Overlay::of(memory.read()?.as_ref())?;
    let installation = Installation { iss: ISS.into(), vendor: clerk.vendor, epoch: 1, created: clerk.now };
    clerk.does(&mut rows, &Command::SetUp { installation, vendor: "Example Software".into() })?;
    clerk.does(&mut rows, &Command::CreateProduct(product(Console(KEYS_PER_ACCOUNT).sku())))?;
    clerk.account(&mut rows, 1, &[PublicKey::of(&Console(KEYS_PER_ACCOUNT).key())])?;
    let mut hashed: Vec<u8> = SCHEMA.to_be_bytes().to_vec();
    for table in Table::ALL {
        hashed.extend_from_slice(table.name().as_bytes());
        let rows = rows.scan(*table, &[], &[0xff; 64], usize::MAX)?;
        rows.iter().for_each(|(key, row)| hashed.extend([&key[..], row].concat()));
    }
    let made = TempDir::new()?;
    drop(leasehold::store::create(made.path(), &mut |_| Ok(()))?);
    let engine = redb::Database::open(made.path().join(FILE_NAME))?;
    let mut tables: Vec<String> = engine.begin_read()?.list_tables()?.map(|table| table.name().to_owned()).collect();
    tables.sort();
    hashed.extend(tables.concat().into_bytes());
    Ok(Digest::of(&hashed).to_string()[..12].to_owned())
}
