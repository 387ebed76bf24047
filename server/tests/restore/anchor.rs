//! The anchor: what a start makes of it, and a disk of its own that fails.

use crate::common::device::{Device, Heard, keyset};
use crate::common::http::Http;
use crate::common::now;
use crate::common::seed::Operator;
use crate::common::server::{TestServer, serve};
use crate::verb;
use leasehold::clock::Clock;
use leasehold::store::KeptStore;
use leasehold::store::anchor::{Anchor, FILE_NAME, Found, read};
use leasehold::store::open::FILE_NAME as STORE;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::{EventHead, Quarantine};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view::find;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::refusal::Refused;
use leasehold_signer::disk::{Disk, RealDisk};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// What a check is told now.
fn checks(server: &TestServer, device: &mut Device) -> Heard {
    let mut http = Http::connect(server.device()).expect("it listens");
    let keys = keyset(&mut http, &server.root());
    device.say(&mut http, &keys, Kind::Check).expect("it answers")
}

fn asks_to_prove(server: &TestServer, device: &mut Device) -> bool {
    matches!(checks(server, device), Heard::Refusal(refusal) if refusal.refused() == Some(Refused::Resync))
}

fn activated(server: &TestServer, code: &str) -> Device {
    let mut http = Http::connect(server.device()).expect("it listens");
    let keys = keyset(&mut http, &server.root());
    let mut device = Device::new(code);
    device.takes(&mut http, &keys, Kind::Activate);
    device
}

fn page(server: &TestServer, path: &str) -> String {
    let reply = Http::connect(server.operator()).and_then(|mut http| http.get(path)).expect("it answers");
    assert_eq!(reply.status, 200);
    reply.text()
}

/// A server with a device, stopped; the store as it was before that device's last check, and the files as they are now.
struct Rolled {
    server: TestServer,
    device: Device,
    early: Vec<u8>,
}

impl Rolled {
    fn set() -> Self {
        let (mut server, seed) = TestServer::started(2);
        let device = activated(&server, &seed.pool[0]);
        server.stop();
        let early = std::fs::read(server.data().join(STORE)).expect("it reads");
        server.start();
        activated(&server, &seed.pool[1]); // an Event
        server.stop();
        Self { server, device, early }
    }
}

#[test]
fn r11_a_store_behind_its_anchor_starts_in_quarantine() {
    let mut rolled = Rolled::set();
    std::fs::write(rolled.server.data().join(STORE), &rolled.early).expect("it writes");
    rolled.server.start();
    assert!(asks_to_prove(&rolled.server, &mut rolled.device));
    assert!(page(&rolled.server, "/readyz").contains("quarantine"), "it stays ready: checks are what it needs");
    assert!(page(&rolled.server, "/metrics").contains("leasehold_quarantine 1"));
    rolled.server.stop();
    assert!(rolled.server.said().contains("it is behind its anchor"), "{}", rolled.server.said());
    rolled.server.start(); // the next start has nothing more to doubt
    let events = verb(&rolled.server.data(), &["event", "list", "--json"]).ok();
    assert_eq!(events.matches("\"quarantine_began\"").count(), 1, "{events}");
}

#[test]
fn r11_a_store_whose_anchor_is_gone_or_damaged_starts_in_quarantine() {
    for damage in [None, Some("leasehold anchor 1\n")] {
        let mut rolled = Rolled::set();
        let anchor = rolled.server.data().join(FILE_NAME);
        match damage {
            None => std::fs::remove_file(&anchor).expect("it is there"),
            Some(text) => std::fs::write(&anchor, text).expect("it writes"),
        }
        rolled.server.start();
        assert!(asks_to_prove(&rolled.server, &mut rolled.device), "{damage:?}");
    }
}

#[test]
fn a_store_with_its_anchor_goes_on_wherever_the_settings_put_it() {
    let (mut server, seed) = TestServer::made(1);
    let (elsewhere, settings) = (server.beside("elsewhere"), server.beside("settings.toml"));
    std::fs::create_dir(&elsewhere).expect("a folder");
    let anchor = elsewhere.join("leasehold.anchor");
    std::fs::write(&settings, format!("[store]\nanchor = {anchor:?}\n")).expect("it writes");
    let start = |server: &mut TestServer| {
        let mut command = serve(&server.data());
        command.arg("--config").arg(&settings);
        server.start_as(command);
    };
    start(&mut server);
    let mut device = activated(&server, &seed.pool[0]);
    for kill in [true, false] {
        if kill {
            server.kill()
        } else {
            drop(server.stop())
        }
        start(&mut server);
        assert!(matches!(checks(&server, &mut device), Heard::Lease(_)), "after kill: {kill}");
    }
    assert!(anchor.exists() && !server.data().join(FILE_NAME).exists());
    assert!(page(&server, "/metrics").contains("leasehold_quarantine 0"));
}

#[test]
fn another_installations_anchor_is_left_alone_and_said_to_be_that() {
    let (mut one, _) = TestServer::started(1);
    let (other, _) = TestServer::made(1);
    one.stop();
    let anchor = one.data().join(FILE_NAME);
    let before = std::fs::read(&anchor).expect("it reads");
    std::fs::copy(&anchor, other.data().join(FILE_NAME)).expect("it copies");
    let done = verb(&other.data(), &["serve", "--device", "127.0.0.1:0", "--portal", "127.0.0.1:0"]);
    assert!(done.error(1)[0].contains("another installation's anchor"), "{}", done.stderr);
    assert_eq!(std::fs::read(other.data().join(FILE_NAME)).expect("it reads"), before);
}

/// A disk whose operation number `fails` fails.
struct Failing {
    done: Arc<AtomicU64>,
    fails: u64,
}

impl Failing {
    fn pass(&self) -> io::Result<()> {
        let number = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if number == self.fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Disk for Failing {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.pass().and_then(|()| RealDisk.read(path))
    }

    fn create(&mut self, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        self.pass().or_else(|error| RealDisk.create(path, mode, half).and(Err(error)))?;
        RealDisk.create(path, mode, bytes)
    }

    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.write(path, offset, bytes))
    }

    fn cut(&mut self, path: &Path, len: u64) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.cut(path, len))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.sync(path))
    }

    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.sync_folder(path))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.rename(from, to))
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.pass().and_then(|()| RealDisk.remove(path))
    }
}

fn head(store: &dyn Store) -> EventHead {
    find(store.read().expect("memory").as_ref(), EventHead::KEY).expect("sound").expect("it was set up")
}

fn in_quarantine(store: &dyn Store) -> bool {
    find::<Quarantine>(store.read().expect("memory").as_ref(), Quarantine::KEY).expect("sound").is_some()
}

/// Starts, writes three Events and a commit without one; how many disk operations that took, and whether all succeeded.
fn lives(store: &Arc<MemoryStore>, path: &Path, fails: u64) -> (u64, bool) {
    let done = Arc::<AtomicU64>::default();
    let disk = Failing { done: done.clone(), fails };
    let kept = KeptStore::start(store.clone(), Clock::Fixed(now()), path, Box::new(disk));
    let well = kept.is_ok_and(|kept| {
        (0..3).all(|_| kept.write(&mut |tx| put_event(tx)).is_ok())
            && kept.write(&mut |tx| tx.put(Table::Jobs, b"job", &[0; 8])).is_ok()
    });
    (done.load(Ordering::Relaxed), well)
}

fn put_event(tx: &mut dyn leasehold_ledger::store::Write) -> Result<(), leasehold_ledger::store::StoreError> {
    use leasehold_ledger::row::{Record, encode};
    let head: EventHead = find(tx, EventHead::KEY)?.expect("it was set up");
    let last = tx.get(Table::Events, &head.number.to_be_bytes())?.expect("an Event");
    let number = head.number + 1;
    tx.put(Table::Events, &number.to_be_bytes(), &last)?; // its content is of no matter here
    let next = EventHead { number, hash: leasehold_ledger::record::Event::hash(&last) };
    tx.put(EventHead::TABLE, &next.key(), &encode(&next))
}

#[test]
fn r3_an_anchor_whose_disk_fails_at_any_operation_is_whole_and_never_before_its_store() {
    let fresh = || {
        let (folder, store) = (TempDir::new().expect("a temporary folder"), Arc::new(MemoryStore::new()));
        Operator { store: store.as_ref(), now: now() }.set_up("demo.example");
        let path: PathBuf = folder.path().join(FILE_NAME);
        (folder, store, path)
    };
    let (_folder, store, path) = fresh();
    let (operations, well) = lives(&store, &path, u64::MAX);
    assert!(well && operations > 10, "{operations} operations");
    for fails in 1..=operations {
        let (_folder, store, path) = fresh();
        let (_, well) = lives(&store, &path, fails);
        let own = Anchor::of(store.read().expect("memory").as_ref(), now()).expect("sound");
        match read(&mut RealDisk, &path).expect("it reads") {
            Found::Nothing => assert!(!well, "operation {fails}: answered without an anchor"),
            Found::Damaged => panic!("operation {fails}: half an anchor"),
            Found::Anchor(anchor) => {
                assert!(anchor.head.number <= own.head.number, "operation {fails}: the anchor is ahead");
                assert!(!well || anchor.head == head(store.as_ref()), "operation {fails}: answered before it was kept");
            }
        }
        assert!(lives(&store, &path, u64::MAX).1, "operation {fails}: it does not start again");
        assert!(!in_quarantine(store.as_ref()), "operation {fails}: nothing was rolled back");
    }
    println!("count anchor on a failing disk: {operations} operations, each failed once");
}
