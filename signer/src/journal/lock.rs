//! One signer at a time: a lock that the system drops when the process ends, however it ends.

use super::JournalError;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Keeps other signers on this machine away from a journal for as long as it lives.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    /// Closing is not enough: a child that is being started holds a copy of the open file until it runs its program.
    fn drop(&mut self) {
        self.0.unlock().ok();
    }
}

impl Lock {
    /// Takes the lock; begins an empty journal if there is none.
    ///
    /// # Errors
    /// [`JournalError::InUse`] at once, without waiting.
    pub fn take(path: &Path) -> Result<Self, JournalError> {
        let io_error = |source| JournalError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(io_error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(io_error(source)),
        }
    }
}
