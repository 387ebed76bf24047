//! R14: thirteen days without a server.

use crate::common::program::{Done, leasehold, run};
use crate::common::server::{TestServer, serve};
use crate::{DAY, FakeClock, HOUR};
use leasehold::keyring::{FOLDER, ROOT};

/// The reference console as a program, under the same clock.
struct Console<'a>(&'a FakeClock, std::path::PathBuf);

impl Console<'_> {
    fn does(&self, words: &[&str]) -> Done {
        let mut command = leasehold();
        command.args(["console", "--state"]).arg(&self.1).args(words);
        run(&mut self.0.over(command))
    }

    fn status(&self) -> String {
        self.does(&["status"]).stdout
    }
}

#[test]
fn r14_consoles_run_on_through_thirteen_days_of_outage_and_then_renew() {
    let (mut server, seed) = TestServer::made(1);
    let clock = FakeClock::at(server.beside("clock"));
    server.start_as(clock.over(serve(&server.data())));
    let console = Console(&clock, server.beside("console"));
    let (root, url) = (server.data().join(FOLDER).join(ROOT), format!("http://{}", server.device()));
    let trust = root.display().to_string();
    console.does(&["init", "--trust", &trust, "--product", "BACKUP-OEM", "--server", &url]).ok();
    console.does(&["activate", "--key", &seed.pool[0], "--product-version", "9.1"]).ok();
    server.stop();
    let mut days = 0;
    for day in 1..=13 {
        clock.set(day * DAY + HOUR);
        assert_eq!(console.does(&["check"]).code, Some(1), "day {day}: nobody can have answered");
        let status = console.status();
        assert!(status.contains("overdue") || status.contains("licensed"), "day {day}: {status}");
        days += 1;
    }
    server.start_as(clock.over(serve(&server.data())));
    let url = format!("http://{}", server.device());
    console.does(&["check", "--server", &url]).ok();
    let status = console.status();
    assert!(status.contains("licensed"), "{status}");
    clock.set(13 * DAY + 2 * HOUR + 13 * DAY);
    assert!(!console.status().contains("expired"), "a whole new term: {}", console.status());
    println!("count outage: {days} days without a server, 1 console licensed on each and renewed after");
}
