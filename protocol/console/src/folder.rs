//! The state folder: one process at a time, and a state file that is either the old one or the new one.

use crate::client::Settings;
use crate::failure::Failure;
use leasehold_protocol::machine::State;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The layout of `state.json`; a newer one is refused, not guessed at.
const FORMAT: u32 = 1;
/// Bytes in the longest state file.
const STATE_LEN_MAX: u64 = 1024 * 1024;

/// What `state.json` holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    format: u32,
    pub settings: Settings,
    pub console: State,
}

impl Record {
    pub fn new(settings: Settings, console: State) -> Self {
        Self { format: FORMAT, settings, console }
    }
}

/// The folder of one console.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

/// Held while this process may change the folder.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing is not enough: a child that is being started holds a copy of the open file until it runs its program.
    fn drop(&mut self) {
        self.0.unlock().ok();
    }
}

impl Folder {
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, readable by its owner alone; one that is there is used.
    pub fn create(&self) -> Result<(), Failure> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(Failure::disk(&self.0))
    }

    pub fn key_path(&self) -> PathBuf {
        self.0.join("device.key")
    }

    fn state_path(&self) -> PathBuf {
        self.0.join("state.json")
    }

    pub fn holds_state(&self) -> bool {
        fs::symlink_metadata(self.state_path()).is_ok()
    }

    pub fn lock(&self) -> Result<Lock, Failure> {
        let path = self.0.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(Failure::disk(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(Failure::InUse(self.0.clone())),
            Err(TryLockError::Error(source)) => Err(Failure::Disk { path, source }),
        }
    }

    pub fn read(&self) -> Result<Record, Failure> {
        let path = self.state_path();
        let mut text = String::new();
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Failure::NoConsole(self.0.clone())),
            file => file.map_err(Failure::disk(&path))?,
        };
        file.take(STATE_LEN_MAX).read_to_string(&mut text).map_err(Failure::disk(&path))?;
        let damaged = |reason: String| Failure::Damaged { path: path.clone(), reason };
        let record: Record = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if record.format != FORMAT {
            return Err(damaged(format!("format {} is not {FORMAT}", record.format)));
        }
        Ok(record)
    }

    /// Replaces the state: written beside it, synced, renamed, and the folder synced, so that a power cut leaves one of the two.
    pub fn write(&self, record: &Record) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(record).expect("a state is always encodable");
        self.replace(&self.state_path(), &text)
    }

    pub fn replace(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        let new = path.with_extension("new");
        let replaced = || {
            let _ = fs::remove_file(&new); // left by a crash; create_new below refuses what cannot be removed
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            File::open(&self.0)?.sync_all()
        };
        replaced().map_err(Failure::disk(path))
    }
}
