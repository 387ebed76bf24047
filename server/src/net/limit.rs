//! How fast anybody may come: GCRA over tables of fixed size, so that no number of addresses or devices grows the memory.
//!
//! A cell holds the moment at which its visitor will have paid for everything so far. Two visitors may share a cell (one in
//! 65,536 by chance, and nobody can choose it: the hash has a secret seed); then they share a budget.

use leasehold_protocol::DeviceId;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const CELLS: usize = 1 << 16;

/// The limits of the device port.
pub struct Limits {
    start: Instant,
    seed: RandomState,
    failures: Bucket,
    devices: Bucket,
}

impl Limits {
    /// Fresh tables: per address prefix 10 failures a second and 200 at once; per device a message every 2 s and 20 at once.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "a monotonic origin, not the time of day")]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            seed: RandomState::new(),
            failures: Bucket::new(100, 200),
            devices: Bucket::new(2_000, 20),
        }
    }

    /// Counts a message that was malformed, wrongly signed or a stranger's. False once its prefix has used up its budget.
    pub fn failed(&self, address: IpAddr) -> bool {
        self.failures.take(self.hash(&prefix(address)), self.millis())
    }

    /// Whether a prefix has used up its budget of failures; counts nothing.
    pub fn is_barred(&self, address: IpAddr) -> bool {
        self.failures.is_empty(self.hash(&prefix(address)), self.millis())
    }

    /// Counts a device's message, once its signature held. False once the device has used up its budget.
    pub fn heard(&self, device: DeviceId) -> bool {
        self.devices.take(self.hash(&device.0), self.millis())
    }

    fn hash(&self, bytes: &[u8]) -> usize {
        let mut hasher = self.seed.build_hasher();
        hasher.write(bytes);
        usize::try_from(hasher.finish() % CELLS as u64).unwrap_or(0)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// What one visitor may be known by: an IPv4 address, or an IPv6 network of 64 bits.
fn prefix(address: IpAddr) -> [u8; 8] {
    let mut prefix = [0; 8];
    match address.to_canonical() {
        IpAddr::V4(address) => prefix[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => prefix.copy_from_slice(&address.octets()[..8]),
    }
    prefix
}

struct Bucket {
    cells: Vec<AtomicU64>,
    /// Milliseconds one message costs.
    cost: u64,
    /// Milliseconds that may be owed.
    burst: u64,
}

impl Bucket {
    fn new(cost: u64, messages: u64) -> Self {
        Self { cells: (0..CELLS).map(|_| AtomicU64::new(0)).collect(), cost, burst: cost * messages }
    }

    fn take(&self, cell: usize, now: u64) -> bool {
        let pay = |paid: u64| {
            let next = paid.max(now) + self.cost;
            (next <= now + self.burst).then_some(next)
        };
        self.cells[cell].fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).is_ok()
    }

    fn is_empty(&self, cell: usize, now: u64) -> bool {
        self.cells[cell].load(Ordering::Relaxed).max(now) + self.cost > now + self.burst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let bucket = Bucket::new(100, 5);
        assert_eq!((0..9).filter(|_| bucket.take(1, 0)).count(), 5);
        assert!(bucket.is_empty(1, 99) && !bucket.take(1, 99));
        assert!(bucket.take(1, 100) && !bucket.take(1, 100));
        assert!(bucket.take(2, 0), "another cell has its own budget");
    }

    #[test]
    fn an_ipv6_network_is_one_visitor_and_mapped_addresses_are_ipv4() {
        let of = |text: &str| prefix(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }
}
