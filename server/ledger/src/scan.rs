//! Reading an index of any length: so many rows at once, however many there are.

use crate::store::{Pair, Read, StoreError, Table, after};

/// Rows read at once.
const ROWS_MAX: usize = 1_000;

/// The rows of a table whose keys start with a prefix. Between its steps it holds nothing of the view.
pub struct Scan {
    table: Table,
    from: Option<Vec<u8>>,
    end: Vec<u8>,
}

impl Scan {
    /// From the first row on.
    #[must_use]
    pub fn behind(table: Table, prefix: &[u8]) -> Self {
        Self { table, from: Some(prefix.to_vec()), end: after(prefix) }
    }

    /// The next rows, in order; none once there are no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn step(&mut self, view: &dyn Read) -> Result<Option<Vec<Pair>>, StoreError> {
        let Some(from) = self.from.take() else { return Ok(None) };
        let rows = view.scan(self.table, &from, &self.end, ROWS_MAX)?;
        let last = rows.last().filter(|_| rows.len() == ROWS_MAX);
        self.from = last.map(|(key, _)| [&key[..], &[0]].concat());
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::store::Store;

    #[test]
    fn every_row_behind_a_prefix_is_read_once_however_many_there_are() {
        let table = Table::AccountHoldings;
        for count in [0, 1, ROWS_MAX - 1, ROWS_MAX, ROWS_MAX + 1, 2 * ROWS_MAX] {
            let store = MemoryStore::new();
            let keys: Vec<Vec<u8>> = (0..count).map(|number| [&[7][..], &number.to_be_bytes()].concat()).collect();
            let others = [vec![6], vec![8]];
            let put = store.write(&mut |tx| keys.iter().chain(&others).try_for_each(|key| tx.put(table, key, &[])));
            put.expect("memory");
            let (view, mut scan, mut found) = (store.read().expect("memory"), Scan::behind(table, &[7]), vec![]);
            while let Some(rows) = scan.step(view.as_ref()).expect("memory") {
                found.extend(rows.into_iter().map(|(key, _)| key));
            }
            assert!(found == keys, "{} of {count}", found.len());
        }
    }
}
