//! The ledger's [`Store`] on redb: every commit in two phases and durable, every table opened once a transaction.

use leasehold_ledger::store::{Pair, Read, Store, StoreError, Table, Write};
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

type Bytes = &'static [u8];

/// The redb definition of a table.
pub(super) fn definition(table: Table) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(table.name())
}

/// An open store.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
}

impl RedbStore {
    /// A store over an open database that has all tables.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
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
        Ok(Box::new(Snapshot { transaction, tables: std::array::from_fn(|_| OnceCell::new()) }))
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let worked = work(&mut Pending { transaction: &transaction, tables: RefCell::default() });
        match worked {
            Ok(()) => transaction.commit().map_err(failed),
            Err(error) => {
                transaction.abort().ok(); // after a failed disk this fails too, and would hide why
                Err(error)
            }
        }
    }
}

const TABLES: usize = Table::ALL.len();

struct Snapshot {
    transaction: ReadTransaction,
    tables: [OnceCell<ReadOnlyTable<Bytes, Bytes>>; TABLES],
}

impl Snapshot {
    fn table(&self, table: Table) -> Result<&ReadOnlyTable<Bytes, Bytes>, StoreError> {
        let cell = &self.tables[table as usize];
        if let Some(open) = cell.get() {
            return Ok(open);
        }
        let open = self.transaction.open_table(definition(table)).map_err(failed)?;
        Ok(cell.get_or_init(|| open))
    }
}

impl Read for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get(self.table(table)?, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        scan(self.table(table)?, from, to, limit)
    }
}

struct Pending<'a> {
    transaction: &'a WriteTransaction,
    tables: RefCell<BTreeMap<Table, redb::Table<'a, Bytes, Bytes>>>,
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
        self.with(table, |open| get(open, key))
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.with(table, |open| scan(open, from, to, limit))
    }
}

impl Write for Pending<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.with(table, |open| open.insert(key, value).map(|_| ()).map_err(failed))
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.with(table, |open| open.remove(key).map(|_| ()).map_err(failed))
    }
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
