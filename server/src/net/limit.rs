//! How fast anybody may come: GCRA over tables of fixed size, so that no number of addresses or devices grows the memory.
//!
//! A cell holds the moment at which its visitor will have paid for everything so far. Visitors that share a cell share its
//! budget; nobody can choose whose, for the hash has a secret seed. With a million devices the median cell has one of them, and
//! one in 10^15 has more than a device's budget of 20 at once.

use super::peer::Prefix;
use crate::check::overload::{IN_HAND_MAX, InHand, Overload, Spread};
use crate::clock;
use leasehold_protocol::DeviceId;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Cells for address prefixes: a quarter of a MiB a table.
const ADDRESS_CELLS: usize = 1 << 16;
/// Cells for devices: 4 MiB.
const DEVICE_CELLS: usize = 1 << 20;

/// The limits of the device port.
pub struct Limits {
    start: Instant,
    seed: RandomState,
    failures: Bucket,
    sign_ins: Bucket,
    devices: Bucket,
    overload: Overload,
}

impl Limits {
    /// Fresh tables: per address prefix 10 failures a second and 200 at once on the device port, and as many wrong tokens on the
    /// portal's; per device a message every 2 s and 20 at once.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: clock::instant(),
            seed: RandomState::new(),
            failures: Bucket::new(ADDRESS_CELLS, 100, 200),
            sign_ins: Bucket::new(ADDRESS_CELLS, 100, 200),
            devices: Bucket::new(DEVICE_CELLS, 2_000, 20),
            overload: Overload::beyond(IN_HAND_MAX),
        }
    }

    /// The same with so many messages in hand at most, of all devices.
    #[must_use]
    pub fn with_in_hand(self, most: usize) -> Self {
        Self { overload: Overload::beyond(most), ..self }
    }

    /// Messages in hand.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.overload.in_hand()
    }

    /// Takes a message in hand, whoever's, until what is returned is dropped.
    ///
    /// # Errors
    /// [`Spread`]: there are too many.
    pub fn take_in_hand(&self) -> Result<InHand<'_>, Spread> {
        self.overload.take(self.start.elapsed())
    }

    /// Counts a message that was malformed, wrongly signed or a stranger's. False once its prefix has used up its budget.
    pub fn failed(&self, address: IpAddr) -> bool {
        self.failures.take(self.hash(&Prefix::from(address).0), self.millis())
    }

    /// Counts a token that is not good. False once its prefix has used up its budget.
    pub fn not_signed_in(&self, address: IpAddr) -> bool {
        self.sign_ins.take(self.hash(&Prefix::from(address).0), self.millis())
    }

    /// Whether a prefix has used up its budget of failures; counts nothing.
    pub fn is_barred(&self, address: IpAddr) -> bool {
        self.failures.is_empty(self.hash(&Prefix::from(address).0), self.millis())
    }

    /// Counts a device's message, once its signature held. False once the device has used up its budget.
    pub fn heard(&self, device: DeviceId) -> bool {
        self.devices.take(self.hash(&device.0), self.millis())
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.seed.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    /// Milliseconds, in 32 bits: they begin anew.
    #[allow(clippy::cast_possible_truncation, reason = "on purpose")]
    fn millis(&self) -> u32 {
        self.start.elapsed().as_millis() as u32
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

struct Bucket {
    cells: Vec<AtomicU32>,
    /// Milliseconds one message costs.
    cost: u32,
    /// Milliseconds that may be owed.
    burst: u32,
}

impl Bucket {
    fn new(cells: usize, cost: u32, messages: u32) -> Self {
        Self { cells: (0..cells).map(|_| AtomicU32::new(0)).collect(), cost, burst: cost * messages }
    }

    fn cell(&self, hash: u64) -> &AtomicU32 {
        &self.cells[usize::try_from(hash % self.cells.len() as u64).unwrap_or(0)]
    }

    /// What is still owed. A moment beyond the burst is one long ago: in 32 bits time begins anew every 50 days, and a cell last
    /// used exactly that long ago owes at most one burst for nothing.
    fn owed(&self, paid: u32, now: u32) -> u32 {
        let owed = paid.wrapping_sub(now);
        if owed <= self.burst { owed } else { 0 }
    }

    fn take(&self, hash: u64, now: u32) -> bool {
        let pay = |paid: u32| {
            let owed = self.owed(paid, now) + self.cost;
            (owed <= self.burst).then_some(now.wrapping_add(owed))
        };
        self.cell(hash).fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).is_ok()
    }

    fn is_empty(&self, hash: u64, now: u32) -> bool {
        self.owed(self.cell(hash).load(Ordering::Relaxed), now) + self.cost > self.burst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let bucket = Bucket::new(8, 100, 5);
        assert_eq!((0..9).filter(|_| bucket.take(1, 0)).count(), 5);
        assert!(bucket.is_empty(1, 99) && !bucket.take(1, 99));
        assert!(bucket.take(1, 100) && !bucket.take(1, 100));
        assert!(bucket.take(2, 0), "another cell has its own budget");
    }

    #[test]
    fn a_bucket_goes_on_when_its_time_begins_anew() {
        let bucket = Bucket::new(8, 100, 5);
        let last = u32::MAX - 99;
        assert!(bucket.take(1, last - 5_000));
        assert_eq!((0..9).filter(|_| bucket.take(1, last)).count(), 5);
        assert!(!bucket.take(1, last.wrapping_add(99)) && bucket.take(1, last.wrapping_add(100)));
        assert_eq!((0..9).filter(|_| bucket.take(1, 2_000_000_000)).count(), 5, "long ago is forgotten");
    }
}
