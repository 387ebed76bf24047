//! The record of a signer without a server: an append-only file of hash-chained lines ([`line`]).
//!
//! A batch of lines is written and synced before any of its licence files leaves. After a power cut the last line may be
//! incomplete: it was never synced, so no file of it left, and it is cut off. Anything else that does not fit is an error: a
//! journal that forgets lets units be sold twice. On opening, the lines that the last commit may have left in doubt are written
//! again and synced, so that what is read is durable before anybody acts on it.
//!
//! Accepted risks: the journal is the only memory, so one that is deleted or copied lets its grants be spent again (the server
//! sees it at import: the chains differ); and a file system that makes a file longer before its content is there may turn an
//! unsynced line into one that is reported as damaged, though no file of it left.

mod book;
mod line;
mod lock;
mod reading;

pub use line::{Entry, GivenBack, Issued};
pub use lock::Lock;
pub use reading::entries;

use crate::allotment::Allotment;
use crate::answer::{BATCH_MAX, Earlier, Record, RecordError, Returned, Returns, Undecided};
use crate::disk::Disk;
use book::Book;
use leasehold_protocol::license::License;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{Digest, Time, Units};
use reading::Read;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Not what was written.
    #[error("{path} is damaged at line {line} (byte {offset}): {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Where the line starts, in bytes.
        offset: usize,
        /// What does not fit.
        reason: String,
    },
    /// The entry cannot follow those before it.
    #[error("{path}: an entry cannot be written: {reason}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// Another signer has it open.
    #[error("{0} is in use by another signer")]
    InUse(PathBuf),
    /// An earlier write failed.
    #[error("{0} failed earlier: what it holds is unknown until it is opened again")]
    Broken(PathBuf),
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
}

/// An open journal.
pub struct Journal<D> {
    disk: D,
    path: PathBuf,
    book: Book,
    chain: Digest,
    /// Bytes known to be durable.
    durable_len: u64,
    /// Lines not yet written.
    pending: Vec<u8>,
    pending_lines: usize,
    broken: bool,
}

impl<D: Disk> Journal<D> {
    /// Opens the journal, or begins one. On a real disk hold a [`Lock`] on it first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(mut disk: D, path: &Path, now: Time) -> Result<Self, JournalError> {
        let io_error = |source| JournalError::Io { path: path.to_owned(), source };
        let bytes = match disk.read(path).map_err(io_error)? {
            Some(bytes) => bytes,
            None => disk.create(path, 0o600, &[]).map(|()| Vec::new()).map_err(io_error)?,
        };
        let Read { book, chain, len, doubtful, .. } = reading::read(path, &bytes)?;
        if len < bytes.len() {
            disk.cut(path, len as u64).map_err(io_error)?;
        }
        let tail = &bytes[doubtful..len];
        let written = disk.write(path, doubtful as u64, tail).and_then(|()| disk.sync(path));
        written.and_then(|()| disk.sync_folder(path)).map_err(io_error)?;
        let durable_len = len as u64;
        let path = path.to_owned();
        let mut journal =
            Self { disk, path, book, chain, durable_len, pending: Vec::new(), pending_lines: 0, broken: false };
        if len == 0 {
            journal.append(&Entry::Opened { format: line::FORMAT, at: now })?;
        }
        Ok(journal)
    }

    /// The record that answers requests under `allotment`.
    pub fn desk<'a>(&'a mut self, allotment: &'a Allotment) -> Desk<'a, D> {
        Desk { journal: self, allotment }
    }

    /// Units in living files under a grant.
    #[must_use]
    pub fn charged(&self, grant: &str) -> &Units {
        self.book.charged(grant)
    }

    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken(self.path.clone()));
        }
        if self.pending_lines >= BATCH_MAX {
            self.sync()?; // opening puts no more than a batch of lines in doubt
        }
        if let Err(reason) = self.book.apply(entry) {
            self.broken = true;
            return Err(JournalError::Unfit { path: self.path.clone(), reason });
        }
        self.chain = entry.write(self.chain, &mut self.pending);
        self.pending_lines += 1;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken(self.path.clone()));
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self.disk.write(&self.path, self.durable_len, &self.pending);
        if let Err(source) = written.and_then(|()| self.disk.sync(&self.path)) {
            self.broken = true;
            // Lines that are in the cache but not on the disk would be believed by the next one who opens the file.
            self.disk.cut(&self.path, self.durable_len).ok();
            return Err(JournalError::Io { path: self.path.clone(), source });
        }
        self.durable_len += self.pending.len() as u64;
        self.pending.clear();
        self.pending_lines = 0;
        Ok(())
    }
}

/// A journal together with the grant that is being spent.
pub struct Desk<'a, D> {
    journal: &'a mut Journal<D>,
    allotment: &'a Allotment,
}

impl<D: Disk> Record for Desk<'_, D> {
    fn find(&mut self, request: Digest) -> Result<Option<Earlier>, RecordError> {
        Ok(self.journal.book.find(request))
    }

    fn decide(&mut self, request: &Request, digest: Digest, now: Time) -> Result<License, Undecided> {
        Ok(self.journal.book.decide(self.allotment, request, digest, now)?)
    }

    fn keep(&mut self, license: &License, device_name: Option<&str>, signed: &[u8]) -> Result<(), RecordError> {
        let grant = &license.grant;
        let issued = Issued {
            at: grant.iat,
            grant: self.allotment.grant.clone(),
            iss: grant.iss.clone(),
            sub: grant.sub,
            seq: grant.seq,
            cti: grant.cti,
            device: grant.device.device_id(),
            device_name: device_name.map(str::to_owned),
            units: grant.units.clone(),
            request: license.request,
            signed: signed.to_vec(),
        };
        Ok(self.journal.append(&Entry::Issued(issued))?)
    }

    fn commit(&mut self) -> Result<(), RecordError> {
        Ok(self.journal.sync()?)
    }
}

impl<D: Disk> Returns for Journal<D> {
    fn take_back(&mut self, surrender: &Surrender, message: Digest, now: Time) -> Result<Returned, Undecided> {
        let failed = |error: JournalError| Undecided::Record(error.into());
        let returned = self.book.give_back(surrender, message, now)?;
        if !returned.repeated {
            let Returned { sub, held, ref freed, .. } = returned;
            let back = GivenBack { at: now, sub, held, freed: freed.clone(), message };
            self.append(&Entry::Returned(back)).map_err(failed)?;
        }
        self.sync().map_err(failed)?;
        Ok(returned)
    }
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
