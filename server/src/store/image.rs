//! Every activation's renewal slot in memory: the only copy that is read. One record is 80 bytes, its place is found by a table of
//! 4-byte numbers, so a million activations take about 90 MB. Records stand in chunks of 8 KiB that never move: a list that
//! grows is copied, and leaves holes of every size behind.
//!
//! Records stand in 256 shards by the first byte of the activation's id, which is random. Each shard has a lock of its own:
//! the writer holds it for one copy of 80 bytes, so readers wait for nothing.

use hashbrown::HashTable;
use leasehold_ledger::renewal::SLOT_LEN;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

/// Shards, and slices on disk: one for each first byte of an id.
pub const SHARDS: usize = 256;
/// Bytes of an activation's id.
pub const ID_LEN: usize = 16;
/// Bytes of a record: id, slot.
pub const RECORD_LEN: usize = ID_LEN + SLOT_LEN;

/// An activation's id.
pub type Id = [u8; ID_LEN];
/// Its slot, as `leasehold_ledger::renewal` encodes it.
pub type Slot = [u8; SLOT_LEN];

/// The slots of all activations.
#[derive(Debug)]
pub struct Image {
    shards: Vec<RwLock<Shard>>,
}

/// Records in a chunk; 8 KiB is a size that allocators have, so nothing of it is lost. The last one of each shard is half empty.
const CHUNK_LEN: usize = 102;
const _: () = assert!(CHUNK_LEN * RECORD_LEN <= 8 * 1024);

#[derive(Debug, Default)]
struct Shard {
    /// All but the last are full.
    chunks: Vec<Vec<Record>>,
    places: HashTable<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    id: Id,
    slot: Slot,
}

impl Default for Image {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }
}

impl Image {
    /// The slot of an activation.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<Slot> {
        self.read(id[0], |shard| shard.place(id).map(|place| record(&shard.chunks, place).slot))
    }

    /// Writes a slot. Called once the change is durable.
    pub fn put(&self, id: &Id, slot: &Slot) {
        let mut shard = self.shards[usize::from(id[0])].write().unwrap_or_else(PoisonError::into_inner);
        match shard.place(id) {
            Some(place) => shard.chunks[place / CHUNK_LEN][place % CHUNK_LEN].slot = *slot,
            None => shard.push(Record { id: *id, slot: *slot }),
        }
    }

    /// Records of a shard.
    #[must_use]
    pub fn len_of(&self, shard: u8) -> usize {
        self.read(shard, |shard| shard.places.len())
    }

    /// Every record of a shard, id and slot, in no order.
    pub fn each(&self, shard: u8, mut visit: impl FnMut(&Id, &Slot)) {
        self.read(shard, |shard| shard.chunks.iter().flatten().for_each(|record| visit(&record.id, &record.slot)));
    }

    /// The records with an id in `range`, in order, whole shards at a time until there are `limit`.
    #[must_use]
    pub fn scan(&self, range: &Range<&[u8]>, limit: usize) -> Vec<(Id, Slot)> {
        let mut found: Vec<(Id, Slot)> = Vec::new();
        let first = range.start.first().copied().unwrap_or(0);
        let last = range.end.first().copied().unwrap_or(0);
        for shard in first..=last {
            if found.len() >= limit {
                break;
            }
            let begun = found.len();
            self.each(shard, |id, slot| {
                if range.contains(&&id[..]) {
                    found.push((*id, *slot));
                }
            });
            found[begun..].sort_unstable_by_key(|(id, _)| *id);
        }
        found
    }

    fn read<T>(&self, shard: u8, work: impl FnOnce(&Shard) -> T) -> T {
        work(&self.shards[usize::from(shard)].read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn place(&self, id: &Id) -> Option<usize> {
        let is_it = |place: &u32| record(&self.chunks, *place as usize).id == *id;
        self.places.find(hash(id), is_it).map(|place| *place as usize)
    }

    fn push(&mut self, new: Record) {
        let place = u32::try_from(self.places.len()).expect("a shard of 4 thousand million records fits in no memory");
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK_LEN => last.push(new),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK_LEN);
                chunk.push(new);
                self.chunks.push(chunk);
            }
        }
        let (hashed, chunks) = (hash(&new.id), &self.chunks);
        self.places.insert_unique(hashed, place, |place| hash(&record(chunks, *place as usize).id));
    }
}

fn record(chunks: &[Vec<Record>], place: usize) -> &Record {
    &chunks[place / CHUNK_LEN][place % CHUNK_LEN]
}

/// Ids are random, and nobody outside can choose one: eight of their bytes are as good as a hash of them.
fn hash(id: &Id) -> u64 {
    let mut tail = [0; 8];
    tail.copy_from_slice(&id[ID_LEN - 8..]);
    u64::from_le_bytes(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> Id {
        let mut id = [7; ID_LEN];
        id[0] = u8::try_from(number % 3).expect("small");
        id[12..].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn slot(number: u32) -> Slot {
        [u8::try_from(number % 251).expect("small"); SLOT_LEN]
    }

    #[test]
    fn a_slot_is_found_again_and_replaced_in_its_place() {
        let image = Image::default();
        (0..5_000).for_each(|number| image.put(&id(number), &slot(number)));
        (0..5_000).step_by(7).for_each(|number| image.put(&id(number), &slot(number + 1)));
        for number in 0..5_000 {
            let expected = if number % 7 == 0 { slot(number + 1) } else { slot(number) };
            assert_eq!(image.get(&id(number)), Some(expected), "{number}");
        }
        assert_eq!(image.get(&id(5_000)), None);
        let all: usize = (0..=255).map(|shard| image.len_of(shard)).sum();
        assert_eq!(all, 5_000);
    }

    #[test]
    fn a_scan_gives_what_is_in_its_range_in_order() {
        let image = Image::default();
        (0..300).rev().for_each(|number| image.put(&id(number), &slot(number)));
        let mut ids: Vec<Id> = (0..300).map(id).collect();
        ids.sort_unstable();
        let scan = |from: &[u8], to: &[u8], limit| {
            image.scan(&(from..to), limit).into_iter().map(|(id, _)| id).take(limit).collect::<Vec<_>>()
        };
        assert_eq!(scan(&[], &[0xff; 17], usize::MAX), ids);
        assert_eq!(scan(&ids[10], &ids[250], usize::MAX), ids[10..250]);
        assert_eq!(scan(&ids[10], &ids[250], 7), ids[10..17]);
        assert_eq!(scan(&ids[99], &ids[99], 7), Vec::<Id>::new());
        assert_eq!(scan(&[1], &[2], 1000).len(), 100);
    }
}
