//! What every commit of a running server leaves behind besides what it was made for: once an hour the time, which the
//! clock is held against at the next start.

use crate::clock::Clock;
use leasehold_ledger::record::LastCommit;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Read, Store, StoreError, Write};
use std::sync::Arc;

/// The store as the writer has it.
pub struct KeptStore {
    inner: Arc<dyn Store>,
    clock: Clock,
}

impl KeptStore {
    /// Over an open store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, clock: Clock) -> Self {
        Self { inner, clock }
    }
}

impl Store for KeptStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.inner.read()
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let guard = self.clock.guard().filter(|guard| guard.is_mark_due(now));
        self.inner.write(&mut |tx| {
            work(tx)?;
            guard.map_or(Ok(()), |_| put(tx, &LastCommit { at: now }))
        })?;
        if let Some(guard) = guard {
            guard.marked(now);
        }
        Ok(())
    }
}

fn put<R: Record>(tx: &mut dyn Write, record: &R) -> Result<(), StoreError> {
    tx.put(R::TABLE, &record.key(), &row::encode(record))
}
