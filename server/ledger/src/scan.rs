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
