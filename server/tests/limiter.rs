//! R5: no number of devices and addresses grows the limiter. Alone in its process, so that what is measured is its own.

use leasehold::net::limit::Limits;
use leasehold_protocol::DeviceId;
use std::fs;
use std::net::{IpAddr, Ipv6Addr};

/// Devices a run makes up, times `LEASEHOLD_SOAK`.
const DEVICES: u64 = 1_000_000;
/// More than this would be growth: a thousandth of what a table with a row a device would take.
const GROWTH_MAX: u64 = 256 << 10;

#[test]
fn r5_millions_of_fake_devices_and_addresses_do_not_grow_the_limiter() {
    let soak = std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse::<u64>().ok()).unwrap_or(1);
    let (devices, limits) = (DEVICES * soak, Limits::new());
    let visit = |range: std::ops::Range<u64>| {
        range.fold((0_u64, 0_u64), |(heard, failed), number| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let network = u128::from(number) << 64 | 0x2001 << 112;
            let address = IpAddr::V6(Ipv6Addr::from_bits(network));
            (heard + u64::from(limits.heard(DeviceId(id))), failed + u64::from(limits.failed(address)))
        })
    };
    visit(0..devices / 100); // every page has been touched
    let before = resident();
    let (heard, failed) = visit(0..devices);
    let grown = resident().saturating_sub(before);
    assert!(grown <= GROWTH_MAX, "{grown} bytes more after {devices} devices");
    assert!(heard > devices / 2, "{heard} of {devices} were heard: it should limit each, not all");
    assert!(failed > 0 && failed <= devices);
    println!("count R5 limiter: {devices} devices and as many networks, {} KiB of growth", grown >> 10);
}

/// Bytes of memory that this process has now.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of its own");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}
