//! `store restore` with the real binary and the reference console, through the quarantine to its end.

use crate::common::fake_clock::{Console, FakeClock};
use crate::common::http::Http;
use crate::common::seed::Seed;
use crate::common::server::{TestServer, serve};
use crate::verb;
use leasehold::store::anchor::FILE_NAME as ANCHOR;
use leasehold::store::open::FILE_NAME as STORE;
use std::path::PathBuf;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A server with a console on its first key, a backup, and a history that went on after it: the first console renewed, and
/// another one was activated on the second key.
struct Lost {
    server: TestServer,
    seed: Seed,
    clock: FakeClock,
    backup: PathBuf,
    /// Store and anchor as they were at the backup.
    early: [Vec<u8>; 2],
}

impl Lost {
    fn set() -> Self {
        let (mut server, seed) = TestServer::made(3);
        let clock = FakeClock::at(server.beside("clock"));
        server.start_as(clock.over(serve(&server.data())));
        let first = Console(&clock, server.beside("first"));
        first.activated(&server, &seed.pool[0]).ok();
        first.checks(&server).ok();
        let backup = server.beside("backup");
        verb(&server.data(), &["store", "backup", &backup.display().to_string()]).ok();
        server.stop();
        let early = [STORE, ANCHOR].map(|name| std::fs::read(server.data().join(name)).expect("it reads"));
        clock.set(DAY);
        server.start_as(clock.over(serve(&server.data())));
        let first = Console(&clock, server.beside("first"));
        first.checks(&server).ok();
        Console(&clock, server.beside("second")).activated(&server, &seed.pool[1]).ok();
        server.stop();
        Self { server, seed, clock, backup, early }
    }

    fn start(&mut self) {
        self.server.start_as(self.clock.over(serve(&self.server.data())));
    }

    fn restart_at(&mut self, ahead: i64) {
        self.server.stop();
        self.clock.set(ahead);
        self.start();
    }

    fn console(&self, name: &str) -> Console<'_> {
        Console(&self.clock, self.server.beside(name))
    }

    /// A verb under the same clock as the server.
    fn verb(&self, words: &[&str]) -> crate::Done {
        let mut command = crate::leasehold();
        command.args(words).arg("--data").arg(self.server.data());
        crate::run(&mut self.clock.over(command))
    }

    fn restore(&self, more: &[&str]) -> crate::Done {
        let backup = self.backup.display().to_string();
        self.verb(&[&["store", "restore", &backup], more].concat())
    }

    fn events(&self, name: &str) -> usize {
        let events = self.verb(&["event", "list", "--limit", "500", "--json"]).ok();
        events.matches(&format!("\"{name}\"")).count()
    }

    fn ready(&self) -> String {
        Http::connect(self.server.operator()).and_then(|mut http| http.get("/readyz")).expect("it answers").text()
    }

    /// The console is told to wait, and runs on.
    fn waits(&self, name: &str) {
        let (console, told) = (self.console(name), self.console(name).checks(&self.server));
        assert!(told.code != Some(0) && format!("{}{}", told.stdout, told.stderr).contains("quarantine"), "{told:?}");
        let status = console.does(&["status"]);
        assert_eq!(status.code, Some(0), "{name} has no lease any more: {}", status.stdout);
    }
}

#[test]
fn r11_a_restored_backup_renews_nothing_for_48_hours_and_lets_nothing_grow_for_14_days() {
    let mut lost = Lost::set();
    let refused = lost.restore(&[]);
    assert!(refused.error(1)[1].contains("--replace"), "{}", refused.stderr);
    let said = lost.restore(&["--replace"]).ok();
    assert!(said.contains("epoch 2") && said.contains("in quarantine"), "{said}");
    let kept = std::fs::read_dir(lost.server.data()).expect("it reads").filter_map(Result::ok);
    assert_eq!(kept.filter(|entry| entry.file_name().to_string_lossy().contains("replaced")).count(), 1);

    lost.start();
    assert!(lost.ready().starts_with("ready, in quarantine"), "{}", lost.ready());
    lost.waits("first");
    lost.waits("second");
    let side = lost.verb(&["event", "list", "--account", &lost.seed.account.to_string(), "--json"]).ok();
    assert_eq!(side.matches("\"lease_proved\"").count(), 1, "the first's later lease; the second is unknown: {side}");
    assert_eq!(lost.events("store_restored"), 1);
    let moved = lost.verb(&["pool-key", "quota", &lost.seed.keys[0].to_string(), "OBM=5"]);
    assert!(moved.error(1)[0].contains("(quarantine)"), "{}", moved.stderr);

    lost.restart_at(DAY + 47 * HOUR);
    lost.waits("first");
    lost.restart_at(DAY + 49 * HOUR);
    lost.console("first").checks(&lost.server).ok();
    lost.waits("second");
    let new = lost.console("third").activated(&lost.server, &lost.seed.pool[2]);
    assert!(new.code == Some(3) && new.stderr.contains("quarantine"), "{new:?}");

    lost.restart_at(DAY + 14 * DAY + HOUR);
    assert_eq!(lost.ready(), "ready\n");
    lost.console("first").checks(&lost.server).ok();
    lost.console("fourth").activated(&lost.server, &lost.seed.pool[1]).ok();
    lost.server.stop();
    let report = verb(&lost.server.data(), &["store", "fsck"]).ok();
    assert!(report.ends_with(" 0 findings\n"), "{report}");
}

#[test]
fn the_operator_may_take_the_risk_at_once_or_later() {
    let mut lost = Lost::set();
    let said = lost.restore(&["--replace", "--accept-risk"]).ok();
    assert!(said.contains("by your word"), "{said}");
    lost.start();
    assert_eq!(lost.ready(), "ready\n");
    lost.server.stop();
    lost.restore(&["--replace"]).ok();
    lost.start();
    lost.waits("first");
    lost.verb(&["store", "restore", "--accept-risk"]).ok();
    assert_eq!(lost.ready(), "ready\n");
    lost.console("first").checks(&lost.server).ok();
    assert_eq!(lost.events("quarantine_ended"), 1, "the first one went with its store");
    let again = lost.verb(&["store", "restore", "--accept-risk"]);
    assert!(again.error(3)[0].contains("there is no quarantine"), "{}", again.stderr);
    lost.server.stop();
    let again = lost.verb(&["store", "restore", "--accept-risk"]);
    assert!(again.error(3)[0].contains("there is no quarantine"), "{}", again.stderr);
}

#[test]
fn a_backup_that_is_damaged_or_anothers_replaces_nothing() {
    let mut lost = Lost::set();
    let files =
        |lost: &Lost| [STORE, ANCHOR].map(|name| std::fs::read(lost.server.data().join(name)).expect("it reads"));
    let before = files(&lost)[1].clone();
    let mut bytes = std::fs::read(&lost.backup).expect("it reads");
    for at in [bytes.len() / 3, bytes.len() / 2] {
        bytes[at..at + 64].iter_mut().for_each(|byte| *byte ^= 0xff);
    }
    let good = std::mem::replace(&mut lost.backup, lost.server.beside("damaged"));
    std::fs::write(&lost.backup, &bytes[..bytes.len() - 4096]).expect("it writes");
    lost.restore(&["--replace"]).error(4);
    let (other, _) = TestServer::made(1);
    lost.backup = lost.server.beside("other");
    verb(&other.data(), &["store", "backup", &lost.backup.display().to_string()]).ok();
    let refused = lost.restore(&["--replace"]);
    assert!(refused.error(1)[0].contains("another installation"), "{}", refused.stderr);
    lost.backup = good;
    lost.start();
    let refused = lost.restore(&["--replace"]);
    assert!(refused.error(1)[0].contains("in use"), "{}", refused.stderr);
    assert_eq!(lost.ready(), "ready\n", "nothing was replaced");
    assert!(files(&lost)[1] != before || lost.events("store_restored") == 0);
    lost.console("second").checks(&lost.server).ok();
}

#[test]
fn a_restore_cut_off_before_its_anchor_begins_the_quarantine_anew() {
    let mut lost = Lost::set();
    let anchor = lost.server.data().join(ANCHOR);
    let before = std::fs::read(&anchor).expect("it reads");
    lost.restore(&["--replace"]).ok();
    std::fs::write(&anchor, before).expect("it writes");
    lost.start();
    lost.waits("first");
    assert_eq!(lost.events("quarantine_began"), 1);
}

#[test]
fn r11_a_store_copied_back_with_its_anchor_is_found_out_by_the_first_later_lease() {
    let mut lost = Lost::set();
    for (name, bytes) in [STORE, ANCHOR].iter().zip(&lost.early) {
        std::fs::write(lost.server.data().join(name), bytes).expect("it writes");
    }
    lost.start();
    assert_eq!(lost.ready(), "ready\n", "nobody can know yet");
    lost.waits("first");
    assert!(lost.ready().starts_with("ready, in quarantine"));
    assert_eq!(lost.events("quarantine_began"), 1);
    lost.restart_at(DAY + 49 * HOUR);
    lost.console("first").checks(&lost.server).ok();
}
