//! What every commit of a running server leaves behind besides what it was made for: once an hour the time, which the
//! clock is held against at the next start, and after each Event the anchor.

use super::anchor::{self, Anchor, Standing};
use super::command::carry_out;
use crate::cli::failure::Failure;
use crate::clock::Clock;
use leasehold_ledger::Command;
use leasehold_ledger::record::{Anchored, Doubt, LastCommit};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Read, Store, StoreError, Write};
use leasehold_protocol::Time;
use leasehold_signer::disk::Disk;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds after which the anchor is written though no Event was.
const ANCHOR_EVERY: i64 = 3600;

/// The store as the writer has it.
pub struct KeptStore {
    inner: Arc<dyn Store>,
    clock: Clock,
    path: PathBuf,
    /// The anchor as it stands, and the disk it stands on. Only the writer's thread takes it.
    anchor: Mutex<(Anchor, Box<dyn Disk + Send>)>,
}

impl KeptStore {
    /// Over an open store that is about to be served: holds it against the anchor at `path` first, and where it has reason to
    /// doubt itself begins a quarantine.
    ///
    /// # Errors
    /// [`Failure`] for an anchor that is another installation's, or cannot be read or written.
    pub fn start(
        inner: Arc<dyn Store>,
        clock: Clock,
        path: &Path,
        mut disk: Box<dyn Disk + Send>,
    ) -> Result<Self, Failure> {
        let now = clock.now();
        let found = anchor::read(disk.as_mut(), path).map_err(|error| Failure::io(path, &error))?;
        let standing = anchor::judge(inner.read()?.as_ref(), &found)?;
        match standing {
            Standing::Good | Standing::New => {}
            Standing::Doubtful(doubt) => begin(inner.as_ref(), now, doubt, &found)?,
            Standing::Foreign => {
                let hint = "give each installation an anchor of its own ([store] anchor in its settings)";
                return Err(Failure::failed(format!("{} is another installation's anchor", path.display()), hint));
            }
        }
        let anchor = Anchor::of(inner.read()?.as_ref(), now)?;
        anchor.write(disk.as_mut(), path).map_err(|error| Failure::io(path, &error))?;
        if standing != Standing::Good {
            inner.write(&mut |tx| put(tx, &Anchored { since: now }))?; // only now: one that is missing from here on was lost
        }
        Ok(Self { inner, clock, path: path.to_owned(), anchor: Mutex::new((anchor, disk)) })
    }

    /// Writes the anchor where the commit wrote an Event, or an hour is over.
    fn anchor(&self, committed: Anchor) -> Result<(), StoreError> {
        let mut kept = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, disk) = &mut *kept;
        let is_new = (committed.epoch, &committed.head) != (last.epoch, &last.head);
        if !is_new && committed.hour.0 < last.hour.0.saturating_add(ANCHOR_EVERY) {
            return Ok(());
        }
        let written = committed.write(disk.as_mut(), &self.path);
        written.map_err(|error| StoreError::Io(format!("the anchor {}: {error}", self.path.display())))?;
        *last = committed;
        Ok(())
    }
}

/// The store doubts itself: an epoch that neither it nor its anchor has seen, and a quarantine.
fn begin(store: &dyn Store, now: Time, doubt: Doubt, found: &anchor::Found) -> Result<(), Failure> {
    let own = Anchor::of(store.read()?.as_ref(), now)?.epoch;
    let theirs = match found {
        anchor::Found::Anchor(anchor) => anchor.epoch,
        _ => 0,
    };
    let epoch = own.max(theirs).saturating_add(1);
    tracing::error!(why = %doubt, epoch, "the store was rolled back: quarantine. Leases in hand run on; see `leasehold store restore --help`");
    Ok(carry_out(store, now, &[Command::Doubt { doubt, epoch }])?)
}

impl Store for KeptStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.inner.read()
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let guard = self.clock.guard().filter(|guard| guard.is_mark_due(now));
        let mut committed = None;
        self.inner.write(&mut |tx| {
            work(tx)?;
            committed = Some(Anchor::of(tx, now)?);
            guard.map_or(Ok(()), |_| put(tx, &LastCommit { at: now }))
        })?;
        if let Some(guard) = guard {
            guard.marked(now);
        }
        committed.map_or(Ok(()), |committed| self.anchor(committed))
    }
}

fn put<R: Record>(tx: &mut dyn Write, record: &R) -> Result<(), StoreError> {
    tx.put(R::TABLE, &record.key(), &row::encode(record))
}
