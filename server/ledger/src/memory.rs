//! The store in memory: for tests and simulators. It can be told to fail, and it counts.

use crate::store::{Pair, Read, Store, StoreError, Table, Write};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

type Rows = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// An engine without a disk. A snapshot is a shared copy of all rows.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<Arc<Rows>>,
    commits: AtomicU64,
    /// The next writes fail at this operation, counted from one; zero never fails.
    fail_at: AtomicU64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Transactions committed so far.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Lets the `operation`-th read or write from now fail, once.
    pub fn fail_at(&self, operation: u64) {
        self.fail_at.store(operation, Ordering::Relaxed);
    }

    /// Every row, for comparing two stores.
    pub fn rows(&self) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        let rows = self.snapshot();
        rows.iter().map(|((table, key), value)| (*table, key.clone(), value.clone())).collect()
    }

    fn snapshot(&self) -> Arc<Rows> {
        self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn get_in(&self, rows: &Rows, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.operate()?;
        Ok(rows.get(&(table, key.to_vec())).cloned())
    }

    fn scan_in(
        &self,
        rows: &Rows,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.operate()?;
        if from >= to {
            return Ok(Vec::new());
        }
        let range = rows.range((table, from.to_vec())..(table, to.to_vec()));
        Ok(range.take(limit).map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn operate(&self) -> Result<(), StoreError> {
        let step = |left: u64| left.checked_sub(1);
        match self.fail_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(1) => Err(StoreError::Io("told to fail".into())),
            _ => Ok(()),
        }
    }
}

struct Snapshot<'a> {
    store: &'a MemoryStore,
    rows: Arc<Rows>,
}

impl Read for Snapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get_in(&self.rows, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.store.scan_in(&self.rows, table, from, to, limit)
    }
}

impl Store for MemoryStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(Snapshot { store: self, rows: self.snapshot() }))
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError> {
        // Changed in place while no snapshot shares the rows; a failed transaction is undone row by row.
        let mut rows = self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut pending = Pending { store: self, rows: &mut rows, undo: Vec::new() };
        let done = work(&mut pending).and_then(|()| self.operate());
        if let Err(error) = done {
            pending.roll_back();
            return Err(error);
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// A row's place, and what stood there before.
type Undo = ((Table, Vec<u8>), Option<Vec<u8>>);

struct Pending<'a> {
    store: &'a MemoryStore,
    rows: &'a mut Arc<Rows>,
    undo: Vec<Undo>,
}

impl Pending<'_> {
    fn roll_back(self) {
        let rows = Arc::make_mut(self.rows);
        for (key, value) in self.undo.into_iter().rev() {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
    }
}

impl Read for Pending<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get_in(self.rows, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.store.scan_in(self.rows, table, from, to, limit)
    }
}

impl Write for Pending<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.store.operate()?;
        let key = (table, key.to_vec());
        let old = Arc::make_mut(self.rows).insert(key.clone(), value.to_vec());
        self.undo.push((key, old));
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.store.operate()?;
        let key = (table, key.to_vec());
        let old = Arc::make_mut(self.rows).remove(&key);
        self.undo.push((key, old));
        Ok(())
    }
}
