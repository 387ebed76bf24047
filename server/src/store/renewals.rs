//! Renewals on disk, apart from the cold tables: nine of ten commits change nothing but slots, and a tree of a million slots
//! would rewrite a page for each of them.
//!
//! ```text
//! renewal_log     number -> (id 16 | slot 64)*                              what each commit changed, in rows of a page
//! renewal_slices  (first byte of the ids, part) -> number 8 | (id 16 | slot 64)*   all slots of a shard, after log row `number`
//! ```
//! Each time the log has grown by as much as the next slice takes, that slice is written anew in the same commit, in
//! rotation, and the rows that every slice has by now are deleted. So a renewal costs its 80 bytes about twice, however many
//! activations there are, and the log is never longer than the slices together. At the start the slices are read, then
//! the rows of the log that are newer.
//!
//! Rows fill one page each: a longer value takes pages to the next power of two, and its neighbours in the tree are copied
//! with it.

use super::engine::failed;
use super::image::{ID_LEN, Id, Image, RECORD_LEN, SHARDS, Slot};
use leasehold_ledger::renewal::SLOT_LEN;
use leasehold_ledger::store::StoreError;
use redb::{Database, ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The log.
pub const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("renewal_log");
/// The slices.
pub const SLICES: TableDefinition<'static, (u8, u32), &[u8]> = TableDefinition::new("renewal_slices");

/// Bytes of a slice's number.
const NUMBER_LEN: usize = 8;
/// Records in a row: with keys and offsets they fill a page of 4096 bytes.
const ROW_LEN: usize = 50;
const _: () = assert!(NUMBER_LEN + ROW_LEN * RECORD_LEN <= 4096 - 64);

/// Slots that a transaction changed.
pub type Pending = BTreeMap<Id, Slot>;

/// The slots, and where their log stands.
#[derive(Debug, Default)]
pub struct Renewals {
    /// What is read.
    pub image: Image,
    log: Mutex<Log>,
}

/// Where the log stands after the last commit. Only the one transaction that writes looks at it.
#[derive(Debug, Clone)]
struct Log {
    /// The last row.
    last: u64,
    /// The last row in each slice.
    slices: [u64; SHARDS],
    /// The slice that is written next.
    turn: u8,
    /// Bytes logged and not yet paid for with a slice.
    owed: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self { last: 0, slices: [0; SHARDS], turn: 0, owed: 0 }
    }
}

/// What a commit writes besides the cold tables; it counts once the commit is durable.
pub struct Logged {
    log: Log,
}

/// Makes the two tables, empty.
///
/// # Errors
/// [`StoreError::Io`].
pub fn create(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write().map_err(failed)?;
    transaction.open_table(LOG).map_err(failed)?;
    transaction.open_table(SLICES).map_err(failed)?;
    transaction.commit().map_err(failed)
}

impl Renewals {
    /// Reads slices and log.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row is not what was written or one is missing.
    pub fn load(transaction: &ReadTransaction) -> Result<Self, StoreError> {
        let this = Self::default();
        let mut log = Log::default();
        for row in transaction.open_table(SLICES).map_err(failed)?.iter().map_err(failed)? {
            let (key, part) = row.map_err(failed)?;
            let (shard, _) = key.value();
            let wrong = || corrupt("renewal_slices", u64::from(shard), "not a number and records");
            let (number, records) = part.value().split_first_chunk::<NUMBER_LEN>().ok_or_else(wrong)?;
            log.slices[usize::from(shard)] = u64::from_be_bytes(*number);
            this.replay(records, |id| id[0] == shard).ok_or_else(wrong)?;
        }
        // The slice that waits longest says where the log must begin, and whose turn it is.
        let (turn, oldest) = (0u8..=255).zip(log.slices).min_by_key(|(_, number)| *number).unwrap_or_default();
        (log.turn, log.last) = (turn, log.slices.into_iter().max().unwrap_or_default());
        let mut expected = oldest + 1;
        for row in transaction.open_table(LOG).map_err(failed)?.iter().map_err(failed)? {
            let (number, records) = row.map_err(failed)?;
            let number = number.value();
            if number != expected {
                return Err(corrupt("renewal_log", expected, "the row is missing"));
            }
            expected += 1;
            let newer = |id: &Id| number > log.slices[usize::from(id[0])];
            let wrong = || corrupt("renewal_log", number, "not records");
            this.replay(records.value(), newer).ok_or_else(wrong)?;
        }
        if expected <= log.last {
            return Err(corrupt("renewal_log", expected, "the row is missing"));
        }
        log.last = expected - 1;
        *this.log() = log;
        Ok(this)
    }

    fn replay(&self, records: &[u8], is_newer: impl Fn(&Id) -> bool) -> Option<()> {
        let (records, rest) = records.as_chunks::<RECORD_LEN>();
        for record in records {
            let (id, slot) = record.split_first_chunk::<ID_LEN>()?;
            if is_newer(id) {
                self.image.put(id, slot.first_chunk::<SLOT_LEN>()?);
            }
        }
        rest.is_empty().then_some(())
    }

    /// Writes the slots of a transaction into the log, and slices that are due.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn write(&self, transaction: &WriteTransaction, pending: &Pending) -> Result<Logged, StoreError> {
        let mut log = self.log().clone();
        if !pending.is_empty() {
            let mut table = transaction.open_table(LOG).map_err(failed)?;
            let records: Vec<_> = pending.iter().collect();
            for records in records.chunks(ROW_LEN) {
                log.last += 1;
                table.insert(log.last, joined(&[], records).as_slice()).map_err(failed)?;
            }
            log.owed += pending.len() * RECORD_LEN;
            let before = oldest(&log);
            self.rotate(transaction, pending, &mut log)?;
            for number in before + 1..=oldest(&log) {
                table.remove(number).map_err(failed)?;
            }
        }
        Ok(Logged { log })
    }

    /// The transaction is durable: everybody may see it.
    pub fn committed(&self, logged: Logged, pending: &Pending) {
        *self.log() = logged.log;
        pending.iter().for_each(|(id, slot)| self.image.put(id, slot));
    }

    /// Writes slices anew, from the one whose turn it is, as far as the log has paid for them; all of them at most.
    fn rotate(&self, transaction: &WriteTransaction, pending: &Pending, log: &mut Log) -> Result<(), StoreError> {
        let mut table = transaction.open_table(SLICES).map_err(failed)?;
        for _ in 0..SHARDS {
            let shard = log.turn;
            let Some(rest) = log.owed.checked_sub(NUMBER_LEN + self.image.len_of(shard) * RECORD_LEN) else {
                return Ok(());
            };
            log.owed = rest;
            let slots = self.shard(shard, pending);
            let records: Vec<_> = slots.iter().map(|(id, slot)| (id, slot)).collect();
            let parts = records.chunks(ROW_LEN).chain(records.is_empty().then_some(&[][..]));
            for (part, records) in (0u32..).zip(parts) {
                let row = joined(&log.last.to_be_bytes(), records);
                table.insert((shard, part), row.as_slice()).map_err(failed)?;
            }
            log.slices[usize::from(shard)] = log.last;
            log.turn = shard.wrapping_add(1);
        }
        log.owed = 0; // whatever was logged, every slice has it now
        Ok(())
    }

    /// All slots of a shard as they are after this transaction.
    fn shard(&self, shard: u8, pending: &Pending) -> Vec<(Id, Slot)> {
        let mut slots = Vec::with_capacity(self.image.len_of(shard) + 8);
        self.image.each(shard, |id, slot| {
            if !pending.contains_key(id) {
                slots.push((*id, *slot));
            }
        });
        let (mut first, mut last) = ([0; ID_LEN], [0xff; ID_LEN]);
        (first[0], last[0]) = (shard, shard);
        slots.extend(pending.range(first..=last).map(|(id, slot)| (*id, *slot)));
        slots
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last row that every slice has.
fn oldest(log: &Log) -> u64 {
    log.slices.into_iter().min().unwrap_or_default()
}

/// A row: `head`, then the records.
fn joined(head: &[u8], records: &[(&Id, &Slot)]) -> Vec<u8> {
    let mut row = Vec::with_capacity(head.len() + records.len() * RECORD_LEN);
    row.extend_from_slice(head);
    for (id, slot) in records {
        row.extend_from_slice(*id);
        row.extend_from_slice(*slot);
    }
    row
}

fn corrupt(table: &'static str, key: u64, problem: &'static str) -> StoreError {
    StoreError::Corrupt { table, key: key.to_string(), problem }
}
