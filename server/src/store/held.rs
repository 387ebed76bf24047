//! A file whose writes wait until it is known that this build may write it.
//!
//! Opening a store writes: the engine marks the file as in use and repairs what a crash left. A store of a newer schema, or a
//! damaged one, must not be changed by being refused. So what the engine does while it opens a store is kept in memory, read
//! back from there, and done to the file, in the same order and with the same syncs, once the schema is known to be ours.

use redb::{BackendError, StorageBackend};
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something done to the file.
#[derive(Debug)]
enum Operation {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

#[derive(Debug)]
struct Shared<B> {
    inner: B,
    is_held: AtomicBool,
    waiting: Mutex<Vec<Operation>>,
}

/// The backend, as the engine has it.
#[derive(Debug)]
pub struct Held<B>(Arc<Shared<B>>);

/// The way to let go of it. Dropped, what waits is forgotten.
#[derive(Debug)]
pub struct Release<B>(Arc<Shared<B>>);

impl<B: StorageBackend> Held<B> {
    /// Holds back what is written to `inner`.
    pub fn new(inner: B) -> (Self, Release<B>) {
        let shared = Arc::new(Shared { inner, is_held: AtomicBool::new(true), waiting: Mutex::default() });
        (Self(shared.clone()), Release(shared))
    }

    /// What waits, as long as anything has to.
    fn waiting(&self) -> Option<MutexGuard<'_, Vec<Operation>>> {
        self.0.is_held.load(Ordering::Acquire).then(|| self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, operation: Operation) -> bool {
        self.waiting().map(|mut waiting| waiting.push(operation)).is_some()
    }
}

impl<B: StorageBackend> Release<B> {
    /// Does what waited, and whatever comes from now on at once.
    ///
    /// # Errors
    /// The backend's; then a part is done, as after a power cut.
    pub fn release(self) -> io::Result<()> {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for operation in waiting.drain(..) {
            match operation {
                Operation::Write(offset, bytes) => self.0.inner.write(offset, &bytes)?,
                Operation::SetLen(len) => self.0.inner.set_len(len)?,
                Operation::Sync => self.0.inner.sync_data()?,
            }
        }
        self.0.is_held.store(false, Ordering::Release);
        Ok(())
    }
}

/// The length of a file of `len` bytes after these operations.
fn len_after(len: u64, operations: &[Operation]) -> u64 {
    operations.iter().fold(len, |len, operation| match operation {
        Operation::Write(offset, bytes) => len.max(offset + bytes.len() as u64),
        Operation::SetLen(len) => *len,
        Operation::Sync => len,
    })
}

/// Puts on `out`, read at `offset`, what these operations would have changed there.
fn overlay(operations: &[Operation], offset: u64, out: &mut [u8]) {
    let (len, end) = (out.len(), offset + out.len() as u64);
    let index = |at: u64| usize::try_from(at.clamp(offset, end) - offset).unwrap_or(len);
    for operation in operations {
        match operation {
            Operation::Write(at, bytes) => {
                let (from, to) = (index(*at), index(at + bytes.len() as u64));
                if from < to {
                    let skipped = usize::try_from(offset.saturating_sub(*at)).unwrap_or(bytes.len());
                    out[from..to].copy_from_slice(&bytes[skipped..skipped + to - from]);
                }
            }
            Operation::SetLen(len) => out[index(*len)..].fill(0),
            Operation::Sync => {}
        }
    }
}

impl<B: StorageBackend> StorageBackend for Held<B> {
    fn len(&self) -> io::Result<u64> {
        let len = self.0.inner.len()?;
        Ok(self.waiting().map_or(len, |waiting| len_after(len, &waiting)))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let Some(waiting) = self.waiting().filter(|waiting| !waiting.is_empty()) else {
            return self.0.inner.read(offset, out);
        };
        let len = self.0.inner.len()?;
        if offset + out.len() as u64 > len_after(len, &waiting) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let there = usize::try_from(len.saturating_sub(offset)).unwrap_or(out.len()).min(out.len());
        self.0.inner.read(offset, &mut out[..there])?;
        out[there..].fill(0);
        overlay(&waiting, offset, out);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if self.keep(Operation::SetLen(len)) { Ok(()) } else { self.0.inner.set_len(len) }
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.keep(Operation::Sync) { Ok(()) } else { self.0.inner.sync_data() }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let Some(mut waiting) = self.waiting() else { return self.0.inner.write(offset, data) };
        waiting.push(Operation::Write(offset, data.to_vec()));
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.0.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use redb::backends::InMemoryBackend;

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            4 => (0..80u64, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, bytes)| Operation::Write(at, bytes)),
            1 => (0..120u64).prop_map(Operation::SetLen),
            1 => (0..1u8).prop_map(|_| Operation::Sync),
        ]
    }

    fn all(backend: &impl StorageBackend) -> Vec<u8> {
        let mut all = vec![0; usize::try_from(backend.len().expect("memory")).expect("small")];
        backend.read(0, &mut all).expect("memory");
        all
    }

    proptest! {
        #[test]
        fn what_is_held_back_reads_as_if_it_were_done_and_then_is(
            start in prop::collection::vec(any::<u8>(), 0..100),
            operations in prop::collection::vec(operation(), 0..12),
        ) {
            let backend = || {
                let memory = InMemoryBackend::new();
                memory.set_len(start.len() as u64).expect("memory");
                memory.write(0, &start).expect("memory");
                memory
            };
            let (done, (held, release)) = (backend(), Held::new(backend()));
            for operation in &operations {
                match operation {
                    Operation::Write(at, bytes) => {
                        let end = at + bytes.len() as u64;
                        for one in [&done as &dyn StorageBackend, &held] {
                            if one.len().expect("memory") < end {
                                one.set_len(end).expect("memory"); // as the engine does
                            }
                            one.write(*at, bytes).expect("memory");
                        }
                    }
                    Operation::SetLen(len) => {
                        done.set_len(*len).expect("memory");
                        held.set_len(*len).expect("memory");
                    }
                    Operation::Sync => held.sync_data().expect("memory"),
                }
                prop_assert_eq!(all(&held), all(&done));
                prop_assert_eq!(all(&held.0.inner), start.clone());
            }
            release.release().expect("memory");
            prop_assert_eq!(all(&held.0.inner), all(&done));
        }
    }
}
