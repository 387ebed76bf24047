//! Stores that are kept from run to run, and copies of them to work on.
//!
//! A store is kept under `target/bench/`, named after its number of keys and after what stands in it: a hash of one account's
//! rows as this build writes them, the schema, and the engine's tables. So a build that writes other rows makes another store,
//! and one that merely reads them faster takes up the last. After two days it is made again, for its leases end after fourteen.

use super::{History, format, seed};
use crate::Done;
use leasehold::clock::Clock;
use leasehold_protocol::time::DAY;
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
    let wanted = format!("keys-{keys}-{word}-{}", format::name()?);
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
    pub fn copy(&self) -> Done<Place> {
        let copy = tempfile::Builder::new().prefix("copy-").tempdir_in(folder()?)?;
        copy_folder(&self.folder.join("data"), &copy.path().join("data"))?;
        Ok(Place::Copy(copy))
    }

    /// The store itself to work on.
    #[must_use]
    pub fn in_place(self) -> Place {
        Place::Kept(self.folder)
    }

    /// Bytes of the store file for each key.
    #[must_use]
    pub fn bytes_per_key(&self) -> f64 {
        leasehold::store::open::bytes_on_disk(&self.folder.join("data")) as f64 / f64::from(self.keys)
    }
}

/// A store to work on.
pub enum Place {
    /// A copy, gone when dropped.
    Copy(TempDir),
    /// The kept one. How many consoles have checked there is kept beside it.
    Kept(PathBuf),
}

impl Place {
    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        match self {
            Place::Copy(folder) => folder.path().join("data"),
            Place::Kept(folder) => folder.join("data"),
        }
    }

    /// Consoles that have checked.
    #[must_use]
    pub fn used(&self) -> u32 {
        match self {
            Place::Copy(_) => 0,
            Place::Kept(folder) => {
                fs::read_to_string(folder.join("used")).ok().and_then(|used| used.trim().parse().ok()).unwrap_or(0)
            }
        }
    }

    /// So many have checked, or are about to.
    ///
    /// # Errors
    /// The file system's.
    pub fn uses(&self, used: u32) -> Done {
        match self {
            Place::Copy(_) => Ok(()),
            Place::Kept(folder) => Ok(fs::write(folder.join("used"), used.to_string())?),
        }
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
