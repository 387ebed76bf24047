//! Changes in the making: a view with pending writes over it. A rule reads and writes a draft; what comes out is a list of
//! changes, or nothing at all.

use crate::record::{HoldingId, Moved};
use crate::row::{self, Record};
use crate::store::{Pair, Read, StoreError, Table, Write};
use leasehold_protocol::{Refused, Units};
use std::collections::BTreeMap;

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A rule said no.
    #[error("{refused}: {detail}")]
    Refused {
        /// Which rule.
        refused: Refused,
        /// What it met, for people.
        detail: String,
    },
    /// No key of this installation may sign the licence file.
    #[error("no key may sign this: {0}")]
    Unsigned(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault {
    /// A rule's no.
    pub fn refused(refused: Refused, detail: impl Into<String>) -> Self {
        Self::Refused { refused, detail: detail.into() }
    }
}

/// `Ok` if `holds`, else the rule's no.
///
/// # Errors
/// [`Fault::Refused`].
pub fn ensure(holds: bool, refused: Refused, detail: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::refused(refused, detail())) }
}

/// Rows to write (`Some`) and to remove (`None`), in order of table and key.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>);

impl Changes {
    /// Nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tables that change.
    pub fn tables(&self) -> impl Iterator<Item = Table> {
        self.0.keys().map(|(table, _)| *table)
    }

    /// Writes everything into a transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn write(&self, tx: &mut dyn Write) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|((table, key), value)| match value {
            Some(value) => tx.put(*table, key, value),
            None => tx.delete(*table, key),
        })
    }
}

/// A view, and what was written over it.
pub struct Draft<'a> {
    base: &'a dyn Read,
    pending: Changes,
    moves: Vec<Moved>,
}

impl<'a> Draft<'a> {
    /// Nothing written yet.
    #[must_use]
    pub fn new(base: &'a dyn Read) -> Self {
        Self { base, pending: Changes::default(), moves: Vec::new() }
    }

    /// Forgets everything written.
    pub fn discard(&mut self) {
        self.pending = Changes::default();
        self.moves.clear();
    }

    /// Remembers for the command's Event that units moved, came in or left the books.
    pub fn moved(&mut self, from: Option<HoldingId>, to: Option<HoldingId>, units: &Units) {
        if !units.is_none() {
            self.moves.push(Moved { from, to, units: units.clone() });
        }
    }

    /// What moved since the last Event.
    #[must_use]
    pub fn take_moves(&mut self) -> Vec<Moved> {
        std::mem::take(&mut self.moves)
    }

    /// Takes over what another draft over this one has written: a rehearsal of one command after another.
    pub fn adopt(&mut self, changes: Changes) {
        self.pending.0.extend(changes.0);
    }

    /// What was written.
    #[must_use]
    pub fn into_changes(self) -> Changes {
        self.pending
    }

    /// What was written so far.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.pending
    }

    /// Another draft over the same view, with nothing written.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self::new(self.base)
    }

    /// The keys of a table's rows that were written or removed.
    #[must_use]
    pub fn changed(&self, table: Table) -> Vec<Vec<u8>> {
        let keys = self.pending.0.range((table, Vec::new())..).map(|(place, _)| place);
        keys.take_while(|(other, _)| *other == table).map(|(_, key)| key.clone()).collect()
    }

    /// A record below this draft, and in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn change<R: Record>(&self, key: &[u8]) -> Result<(Option<R>, Option<R>), StoreError> {
        let before = self.base.get(R::TABLE, key)?.map(|row| row::decode(key, &row)).transpose()?;
        Ok((before, self.record(key)?))
    }

    /// Writes a record.
    pub fn put<R: Record>(&mut self, record: &R) {
        self.put_raw(R::TABLE, record.key(), row::encode(record));
    }

    /// Writes plain bytes: index rows and renewal slots.
    pub fn put_raw(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.pending.0.insert((table, key), Some(value));
    }

    /// Removes a row.
    pub fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.pending.0.insert((table, key), None);
    }

    /// The record at `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn record<R: Record>(&self, key: &[u8]) -> Result<Option<R>, StoreError> {
        self.get(R::TABLE, key)?.map(|row| row::decode(key, &row)).transpose()
    }
}

impl Read for Draft<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.pending.is_empty()
            && let Some(value) = self.pending.0.get(&(table, key.to_vec()))
        {
            return Ok(value.clone());
        }
        self.base.get(table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let mine = || self.pending.0.range((table, from.to_vec())..(table, to.to_vec()));
        if from >= to || mine().next().is_none() {
            return self.base.scan(table, from, to, limit);
        }
        // A pending removal may hide a row, so as many more are read from below.
        let removed = mine().filter(|(_, value)| value.is_none()).count();
        let below = self.base.scan(table, from, to, limit.saturating_add(removed))?;
        let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
            below.into_iter().map(|(key, value)| (key, Some(value))).collect();
        merged.extend(mine().map(|((_, key), value)| (key.clone(), value.clone())));
        let living = merged.into_iter().filter_map(|(key, value)| value.map(|value| (key, value)));
        Ok(living.take(limit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::store::Store;

    #[test]
    fn a_draft_shows_its_own_writes_over_the_view() {
        let store = MemoryStore::new();
        let fill = |tx: &mut dyn Write| (0..6u8).try_for_each(|key| tx.put(Table::Jobs, &[key], b"below"));
        store.write(&mut |tx| fill(tx)).expect("memory");
        let view = store.read().expect("memory");
        let mut draft = Draft::new(view.as_ref());
        draft.delete(Table::Jobs, vec![1]);
        draft.delete(Table::Jobs, vec![2]);
        draft.put_raw(Table::Jobs, vec![3], b"above".to_vec());
        draft.put_raw(Table::Jobs, vec![9], b"above".to_vec());
        let keys = |limit| {
            let rows = draft.scan(Table::Jobs, &[], &[255], limit).expect("memory");
            rows.iter().map(|(key, value)| (key[0], value == b"above")).collect::<Vec<_>>()
        };
        assert_eq!(keys(3), [(0, false), (3, true), (4, false)]);
        assert_eq!(keys(99), [(0, false), (3, true), (4, false), (5, false), (9, true)]);
        assert_eq!(draft.get(Table::Jobs, &[1]).expect("memory"), None);
    }
}
