//! The store: one suite for every engine, what two engines must agree on, and what a file that is damaged, cut off, newer or not
//! there does (R3, R4, R13).

mod agree;
#[path = "../common/mod.rs"]
mod common;
mod conformance;
mod create;
mod damage;
mod renewals;
mod schema;

use leasehold::store::{RedbStore, create as make};
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::store::{Pair, Read, Store, StoreError, Table};
use tempfile::TempDir;

/// Every engine, empty, each with its name.
fn engines() -> Vec<(&'static str, Box<dyn Store>)> {
    vec![("memory", Box::new(MemoryStore::new())), ("redb", Box::new(OnDisk::new()))]
}

/// A redb store in a folder that goes when it goes.
struct OnDisk {
    store: RedbStore,
    _folder: TempDir,
}

impl OnDisk {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = make(folder.path(), &mut |_| Ok(())).expect("a new store");
        Self { store, _folder: folder }
    }
}

impl Store for OnDisk {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.store.read()
    }

    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn leasehold_ledger::store::Write) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.write(work)
    }
}

/// Every row of every table.
fn all(view: &dyn Read) -> Result<Vec<(Table, Pair)>, StoreError> {
    let mut rows = Vec::new();
    for table in Table::ALL {
        let found = view.scan(*table, &[], &[0xff; 300], usize::MAX)?;
        rows.extend(found.into_iter().map(|row| (*table, row)));
    }
    Ok(rows)
}
