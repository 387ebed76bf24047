//! Many rows on their way to the disk: packed, then written table by table in the order of their keys, for a tree that is
//! filled from left to right touches each page once.

use leasehold_ledger::store::{Store, StoreError, Table};

/// Rows in one transaction.
const TRANSACTION_LEN: usize = 250_000;
/// Tables whose keys begin with something random. They are written last and all at once: with every part of the others each
/// of their pages would be rewritten.
const SCATTERED: [Table; 4] = [Table::KeyCodes, Table::Activations, Table::Renewals, Table::DeviceActivations];

/// Which tables to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those whose keys rise from account to account.
    Rising,
    /// Those whose keys are random.
    Scattered,
}

/// Packed rows, by table.
pub struct Bulk {
    tables: Vec<Packed>,
}

#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    /// Where a row begins, the length of its key, and where it ends.
    rows: Vec<(usize, u16, u32)>,
}

impl Packed {
    fn key(&self, (start, key_len, _): (usize, u16, u32)) -> &[u8] {
        &self.bytes[start..start + usize::from(key_len)]
    }

    fn value(&self, (start, key_len, value_len): (usize, u16, u32)) -> &[u8] {
        let start = start + usize::from(key_len);
        &self.bytes[start..start + value_len as usize]
    }
}

impl Bulk {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { tables: Table::ALL.iter().map(|_| Packed::default()).collect() }
    }

    /// Adds a row.
    pub fn push(&mut self, table: Table, key: &[u8], value: &[u8]) {
        let packed = &mut self.tables[table as usize];
        let key_len = u16::try_from(key.len()).expect("keys are short");
        let value_len = u32::try_from(value.len()).expect("rows are short");
        packed.rows.push((packed.bytes.len(), key_len, value_len));
        packed.bytes.extend_from_slice(key);
        packed.bytes.extend_from_slice(value);
    }

    /// Rows waiting, in all tables.
    #[must_use]
    pub fn len(&self, which: Which) -> usize {
        tables(which).map(|table| self.tables[table as usize].rows.len()).sum()
    }

    /// Takes over the rows of another.
    pub fn append(&mut self, other: Self) {
        for (mine, theirs) in self.tables.iter_mut().zip(other.tables) {
            let shift = mine.bytes.len();
            mine.bytes.extend_from_slice(&theirs.bytes);
            mine.rows.extend(theirs.rows.into_iter().map(|(start, key, value)| (start + shift, key, value)));
        }
    }

    /// Writes the rows and forgets them; `written` hears how many each time.
    ///
    /// # Errors
    /// The store's.
    pub fn write(&mut self, which: Which, store: &dyn Store, mut written: impl FnMut(u64)) -> Result<(), StoreError> {
        for table in tables(which) {
            let mut packed = std::mem::take(&mut self.tables[table as usize]);
            let mut rows = std::mem::take(&mut packed.rows);
            rows.sort_unstable_by(|one, other| packed.key(*one).cmp(packed.key(*other)));
            for rows in rows.chunks(TRANSACTION_LEN) {
                store.write(&mut |tx| {
                    rows.iter().try_for_each(|row| tx.put(table, packed.key(*row), packed.value(*row)))
                })?;
                written(rows.len() as u64);
            }
        }
        Ok(())
    }
}

fn tables(which: Which) -> impl Iterator<Item = Table> {
    let wanted = move |table: &Table| SCATTERED.contains(table) == (which == Which::Scattered);
    Table::ALL.iter().copied().filter(wanted)
}
