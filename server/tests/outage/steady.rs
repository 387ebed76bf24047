//! A long time of load: what the server holds does not grow with it. `LEASEHOLD_SOAK=150` makes it half an hour.

use crate::common::device::{Device, keyset};
use crate::common::http::Http;
use crate::common::instant;
use crate::common::server::TestServer;
use crate::load::THREADS;
use leasehold_protocol::machine::Kind;
use std::fs;
use std::time::Duration;

/// Seconds, times `LEASEHOLD_SOAK`.
const SECONDS: u64 = 12;
/// Each may say something every two seconds.
const DEVICES: usize = 400;
const PACE: Duration = Duration::from_millis(5);
/// MiB that memory may move by: pages of the store's cache come and go.
const MIB_SLACK: u64 = 24;

/// What a server holds: MiB resident, open files, KiB of its store.
#[derive(Debug, Clone, Copy)]
struct Held {
    mib: u64,
    files: usize,
    store_kib: u64,
}

fn held(server: &TestServer) -> Held {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it runs");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says so");
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    let files = fs::read_dir(format!("/proc/{}/fd", server.id())).expect("it runs").count();
    let store = fs::metadata(server.data().join("store.redb")).expect("a store").len();
    Held { mib: kib / 1024, files, store_kib: store / 1024 }
}

#[test]
fn under_plain_renewals_neither_memory_nor_files_nor_the_store_grow() {
    let seconds = SECONDS * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let (mut server, seed) = TestServer::started(u32::try_from(THREADS).expect("few"));
    let mut http = Http::connect(server.device()).expect("it listens");
    let keys = keyset(&mut http, &server.root());
    let mut devices: Vec<Device> = (0..DEVICES).map(|_| Device::modest(&seed.lot)).collect();
    devices.iter_mut().for_each(|device| drop(device.takes(&mut http, &keys, Kind::Activate)));
    let (started, mut early, mut checks) = (instant(), None, 0u64);
    while started.elapsed() < Duration::from_secs(seconds) {
        for device in &mut devices {
            device.takes(&mut http, &keys, Kind::Check);
            checks += 1;
            std::thread::sleep(PACE);
        }
        if early.is_none() && started.elapsed() > Duration::from_secs(seconds / 3) {
            early = Some(held(&server));
        }
    }
    let (early, late) = (early.expect("a third is over"), held(&server));
    assert!(late.mib <= early.mib + MIB_SLACK, "{early:?}, then {late:?}");
    assert!(late.files <= early.files + 2, "{early:?}, then {late:?}");
    assert!(late.store_kib <= early.store_kib + early.store_kib / 4, "{early:?}, then {late:?}");
    assert_eq!(server.stop().status.code(), Some(0));
    println!("count steady load: {checks} plain renewals in {seconds} s, {early:?} after a third, {late:?} at the end");
}
