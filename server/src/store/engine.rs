//! The ledger's [`Store`] on redb: every commit in two phases and durable, every table opened once a transaction.
//!
//! Renewal slots are not rows of a redb table: they are read from memory and logged ([`super::renewals`]). A snapshot sees
//! them as they are now, so they may be newer than the rows beside them, never older.

use super::image::{Id, Slot};
use super::renewals::{self, Renewals};
use leasehold_ledger::row;
use leasehold_ledger::store::{Pair, Read, Store, StoreError, Table, Write};
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

type Bytes = &'static [u8];

/// The redb definition of a table.
pub(super) fn definition(table: Table) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(table.name())
}

/// An open store.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    renewals: Renewals,
}

impl RedbStore {
    /// A store over an open database that has all tables.
    ///
    /// # Errors
    /// [`StoreError`] when the renewals cannot be read.
    pub fn new(database: Database) -> Result<Self, StoreError> {
        let renewals = Renewals::load(&database.begin_read().map_err(failed)?)?;
        Ok(Self { database, renewals })
    }

    /// Writes one row of the engine's own, in a commit like any other.
    pub(super) fn write_number(
        &self,
        table: TableDefinition<'_, &str, u32>,
        key: &str,
        number: u32,
    ) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        transaction.open_table(table).map_err(failed)?.insert(key, number).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// Everything as it stands after the last commit, in the engine's own terms.
    pub(super) fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        self.database.begin_read().map_err(failed)
    }

    /// Closes the file; dropping a store does the same and says nothing when it fails.
    ///
    /// # Errors
    /// The engine's.
    pub fn close(self) -> Result<(), DatabaseError> {
        self.database.close()
    }

    fn begin(&self) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.database.begin_write().map_err(failed)?;
        transaction.set_two_phase_commit(true);
        Ok(transaction)
    }
}

/// redb's words, kept short.
pub(super) fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError::Io(error.into().to_string())
}

impl Store for RedbStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let tables = std::array::from_fn(|_| OnceCell::new());
        Ok(Box::new(Snapshot { transaction, tables, renewals: &self.renewals }))
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let mut pending = Pending {
            transaction: &transaction,
            tables: RefCell::default(),
            is_cold: Cell::new(false),
            renewals: &self.renewals,
            slots: renewals::Pending::default(),
        };
        let worked = work(&mut pending);
        let (is_cold, slots) = (pending.is_cold.get(), std::mem::take(&mut pending.slots));
        drop(pending);
        let logged = worked.and_then(|()| {
            let changes = is_cold || !slots.is_empty();
            changes.then(|| self.renewals.write(&transaction, &slots)).transpose()
        });
        match logged {
            Ok(Some(logged)) => {
                transaction.commit().map_err(failed)?;
                self.renewals.committed(logged, &slots);
                Ok(())
            }
            Ok(None) => transaction.abort().map_err(failed), // nothing to make durable: no reason to wait for the disk
            Err(error) => {
                transaction.abort().ok(); // after a failed disk this fails too, and would hide why
                Err(error)
            }
        }
    }
}

const TABLES: usize = Table::ALL.len();

struct Snapshot<'a> {
    transaction: ReadTransaction,
    tables: [OnceCell<ReadOnlyTable<Bytes, Bytes>>; TABLES],
    renewals: &'a Renewals,
}

impl Snapshot<'_> {
    fn table(&self, table: Table) -> Result<&ReadOnlyTable<Bytes, Bytes>, StoreError> {
        let cell = &self.tables[table as usize];
        if let Some(open) = cell.get() {
            return Ok(open);
        }
        let open = self.transaction.open_table(definition(table)).map_err(failed)?;
        Ok(cell.get_or_init(|| open))
    }
}

impl Read for Snapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if table == Table::Renewals {
            return Ok(key.try_into().ok().and_then(|id| self.renewals.image.get(id)).map(Vec::from));
        }
        get(self.table(table)?, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        if table == Table::Renewals {
            return Ok(scan_slots(self.renewals, &renewals::Pending::default(), from..to, limit));
        }
        scan(self.table(table)?, from, to, limit)
    }
}

struct Pending<'a> {
    transaction: &'a WriteTransaction,
    tables: RefCell<BTreeMap<Table, redb::Table<'a, Bytes, Bytes>>>,
    /// A row of some table was written.
    is_cold: Cell<bool>,
    renewals: &'a Renewals,
    slots: renewals::Pending,
}

impl Pending<'_> {
    fn with<T>(
        &self,
        table: Table,
        work: impl FnOnce(&mut redb::Table<'_, Bytes, Bytes>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tables = self.tables.borrow_mut();
        if let Some(open) = tables.get_mut(&table) {
            return work(open);
        }
        let open = self.transaction.open_table(definition(table)).map_err(failed)?;
        work(tables.entry(table).or_insert(open))
    }
}

impl Read for Pending<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if table == Table::Renewals {
            let slot = |id: &Id| self.slots.get(id).copied().or_else(|| self.renewals.image.get(id));
            return Ok(key.try_into().ok().and_then(slot).map(Vec::from));
        }
        self.with(table, |open| get(open, key))
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        if table == Table::Renewals {
            return Ok(scan_slots(self.renewals, &self.slots, from..to, limit));
        }
        self.with(table, |open| scan(open, from, to, limit))
    }
}

impl Write for Pending<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if table == Table::Renewals {
            let (id, slot) = record(key, value)?;
            self.slots.insert(id, slot);
            return Ok(());
        }
        self.is_cold.set(true);
        self.with(table, |open| open.insert(key, value).map(|_| ()).map_err(failed))
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        if table == Table::Renewals {
            return Err(StoreError::Io("renewal slots are kept for ever".into()));
        }
        self.is_cold.set(true);
        self.with(table, |open| open.remove(key).map(|_| ()).map_err(failed))
    }
}

fn record(key: &[u8], value: &[u8]) -> Result<(Id, Slot), StoreError> {
    let problem = "not an activation's id and 64 bytes";
    let wrong = |_| StoreError::Corrupt { table: "renewals", key: row::hex(key), problem };
    Ok((key.try_into().map_err(wrong)?, value.try_into().map_err(wrong)?))
}

/// The slots in a range, those of a transaction before those in memory.
fn scan_slots(renewals: &Renewals, own: &renewals::Pending, range: Range<&[u8]>, limit: usize) -> Vec<Pair> {
    if range.is_empty() {
        return Vec::new();
    }
    let mut slots: BTreeMap<Id, Slot> = renewals.image.scan(&range, limit).into_iter().collect();
    slots.extend(own.iter().filter(|(id, _)| range.contains(&&id[..])));
    slots.into_iter().take(limit).map(|(id, slot)| (id.to_vec(), slot.to_vec())).collect()
}

fn get(table: &impl ReadableTable<Bytes, Bytes>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(table.get(key).map_err(failed)?.map(|value| value.value().to_vec()))
}

fn scan(
    table: &impl ReadableTable<Bytes, Bytes>,
    from: &[u8],
    to: &[u8],
    limit: usize,
) -> Result<Vec<Pair>, StoreError> {
    if from >= to {
        return Ok(Vec::new());
    }
    let rows = table.range::<&[u8]>(from..to).map_err(failed)?.take(limit);
    rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).map_err(failed)).collect()
}
