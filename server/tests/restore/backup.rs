//! `store backup`: under load, without a server, and on a disk that fails.

use crate::common::device::{Device, keyset};
use crate::common::http::Http;
use crate::common::server::TestServer;
use crate::common::{instant, wait_for};
use crate::load::{THREADS, behind, storm};
use crate::{rows, unpacked, verb};
use leasehold::store;
use leasehold::store::backup::{begun, copy_on};
use leasehold_protocol::machine::Kind;
use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const BACKUPS: usize = 4;
const KNOWN: usize = 40;

#[test]
fn a_backup_under_load_is_consistent_and_has_all_that_was_acknowledged_before_it() {
    let (mut server, seed) = TestServer::started(u32::try_from(THREADS).expect("few"));
    let mut http = Http::connect(server.device()).expect("it listens");
    let keys = keyset(&mut http, &server.root());
    let known = |_| {
        let mut device = Device::modest(&seed.lot);
        device.takes(&mut http, &keys, Kind::Activate);
        device.takes(&mut http, &keys, Kind::Check);
        device
    };
    let known: Vec<Device> = (0..KNOWN).map(known).collect();
    let (at, started) = (server.device(), instant());
    let mut backups = Vec::new();
    let storm = storm(at, &keys, &seed, || {
        for number in 0..BACKUPS {
            std::thread::sleep(Duration::from_millis(150));
            let out = server.beside(&format!("backup-{number}"));
            let done = verb(&server.data(), &["store", "backup", &out.display().to_string()]);
            backups.push((out, done));
        }
        server.stop(); // a claim that fails before this would leave the storm running
    });
    assert!(storm.acknowledged > 100, "{} answers are no load", storm.acknowledged);
    let mut last = 0;
    for (backup, done) in backups {
        assert!(done.stderr.contains(" rows"), "no progress: {}", done.stderr);
        let said = done.ok();
        assert!(said.contains("checked") && said.contains("keys are not in it"), "{said}");
        let folder = unpacked(&backup);
        assert_eq!(behind(folder.path(), &known), Vec::<String>::new());
        let said = verb(folder.path(), &["store", "fsck"]).ok();
        assert!(said.ends_with(" 0 findings\n"), "{said}");
        let count = rows(folder.path()).len();
        assert!(count > last, "the store went on, the backup did not");
        last = count;
    }
    let (answers, seconds) = (storm.acknowledged, started.elapsed().as_secs_f32());
    println!(
        "count backup: {BACKUPS} under {answers} answers in {seconds:.1} s, each sound, {KNOWN} known leases in each"
    );
}

#[test]
fn a_backup_without_a_server_has_every_row_and_never_takes_the_place_of_a_file() {
    let (server, _) = TestServer::made(3);
    let out = server.beside("backup");
    let words = ["store", "backup", &out.display().to_string()];
    std::fs::write(begun(&out), "of a run that was cut short").expect("it writes");
    verb(&server.data(), &words).ok();
    assert!(!begun(&out).exists());
    assert_eq!(rows(unpacked(&out).path()), rows(&server.data()));
    let before = std::fs::read(&out).expect("it reads");
    let again = verb(&server.data(), &words);
    assert!(again.error(1)[0].contains("already"), "{}", again.stderr);
    assert_eq!(std::fs::read(&out).expect("it reads"), before);
    let nowhere = server.beside("not/there").display().to_string();
    verb(&server.data(), &["store", "backup", &nowhere]).error(1);
}

#[test]
fn a_running_server_writes_no_backup_where_a_file_or_no_folder_is() {
    let (mut server, _) = TestServer::started(1);
    let there = server.beside("there");
    std::fs::write(&there, "mine").expect("it writes");
    for path in [there.clone(), server.beside("not/there")] {
        verb(&server.data(), &["store", "backup", &path.display().to_string()]).error(1);
    }
    assert_eq!(std::fs::read(&there).expect("it reads"), b"mine");
    let left = wait_for(Duration::from_secs(2), || (!begun(&there).exists()).then_some(()));
    assert!(left.is_some(), "half a backup is left");
    assert_eq!(server.stop().status.code(), Some(0), "the server minded");
}

/// Memory whose operation number `fails` fails.
#[derive(Debug, Clone)]
struct Failing {
    memory: Arc<InMemoryBackend>,
    done: Arc<AtomicU64>,
    fails: u64,
}

impl Failing {
    fn at(fails: u64) -> Self {
        Self { memory: Arc::default(), done: Arc::default(), fails }
    }

    fn pass(&self) -> io::Result<()> {
        let number = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if number == self.fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.pass().and_then(|()| self.memory.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.pass().and_then(|()| self.memory.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.pass().and_then(|()| self.memory.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.pass().and_then(|()| self.memory.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.pass().and_then(|()| self.memory.write(offset, data))
    }
}

#[test]
fn r3_a_backup_whose_disk_fails_at_any_operation_is_not_taken_for_one() {
    let (server, _) = TestServer::made(2);
    let store = store::open(&server.data()).expect("it opens");
    let copy = |backend: &Failing| copy_on(&store, Path::new("backup"), backend.clone(), &mut |_| {});
    let whole = Failing::at(u64::MAX);
    copy(&whole).expect("nothing fails");
    let operations = whole.done.load(Ordering::Relaxed);
    let unnoticed: Vec<u64> = (1..=operations).filter(|fails| copy(&Failing::at(*fails)).is_ok()).collect();
    assert!(unnoticed.is_empty(), "the failures of {unnoticed:?} of {operations} were not noticed");
    println!("count backup on a failing disk: {operations} operations, each failed once, each noticed");
}
