//! Rows in memory over which the ledger's commands run while a store is being seeded; each account's rows move on to the disk
//! once it is complete.

use super::bulk::Bulk;
use leasehold_ledger::store::{Pair, Read, StoreError, Table, Write};
use std::collections::BTreeMap;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A view that commands write into.
pub struct Overlay {
    tables: Vec<Rows>,
}

impl Overlay {
    /// All rows of a small store.
    ///
    /// # Errors
    /// The store's.
    pub fn of(view: &dyn Read) -> Result<Self, StoreError> {
        let read = |table: &Table| Ok(view.scan(*table, &[], &[0xff; 64], usize::MAX)?.into_iter().collect());
        Ok(Self { tables: Table::ALL.iter().map(read).collect::<Result<_, StoreError>>()? })
    }

    /// Moves every row into `bulk` but those that later commands read, and those of tables that are `left_out`.
    pub fn drain(&mut self, kept: &Overlay, left_out: &[Table], bulk: &mut Bulk) {
        for table in Table::ALL {
            let (rows, kept) = (&mut self.tables[*table as usize], &kept.tables[*table as usize]);
            for (key, row) in std::mem::take(rows) {
                if *table == Table::Meta || kept.contains_key(&key) {
                    rows.insert(key, row);
                } else if !left_out.contains(table) {
                    bulk.push(*table, &key, &row);
                }
            }
        }
    }

    /// The rows that stay: copied, so that [`Overlay::drain`] knows them.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self { tables: self.tables.clone() }
    }

    /// Writes what stayed.
    ///
    /// # Errors
    /// The store's.
    pub fn write(&self, tx: &mut dyn Write) -> Result<(), StoreError> {
        for table in Table::ALL {
            self.tables[*table as usize].iter().try_for_each(|(key, row)| tx.put(*table, key, row))?;
        }
        Ok(())
    }
}

impl Read for Overlay {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables[table as usize].get(key).cloned())
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        if from >= to {
            return Ok(vec![]);
        }
        let rows = self.tables[table as usize].range(from.to_vec()..to.to_vec());
        Ok(rows.take(limit).map(|(key, row)| (key.clone(), row.clone())).collect())
    }
}

impl Write for Overlay {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.tables[table as usize].insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.tables[table as usize].remove(key);
        Ok(())
    }
}
