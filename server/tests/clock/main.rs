//! The machine's clock jumps, by seconds to years, back and forward, under the real binary. libfaketime tells the process another
//! time of day; its monotonic clock is left alone.

mod club;
#[path = "../common/mod.rs"]
mod common;
mod floating;
mod jumps;
mod outage;

use common::device::{Device, Heard, keyset};
use common::fake_clock::FakeClock;
use common::http::Http;
use common::program::{Done, leasehold, run};
use common::server::{TestServer, serve};
use common::wait_for;
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::machine::Kind;
use std::path::Path;
use std::time::Duration;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;
/// Nothing takes longer.
const LIMIT: Duration = Duration::from_secs(10);

/// A server under a clock of its own, and one device that has a lease.
struct Stage {
    server: TestServer,
    clock: FakeClock,
    keys: Keyset,
    device: Device,
}

impl Stage {
    fn set() -> Self {
        let (mut server, seed) = TestServer::made(1);
        let clock = FakeClock::at(server.beside("clock"));
        server.start_as(clock.over(serve(&server.data())));
        let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
        let mut stage = Self { server, clock, keys, device: Device::new(&seed.pool[0]) };
        stage.says(Kind::Activate).expect("a lease");
        stage
    }

    fn restart(&mut self) {
        self.server.stop();
        self.server.start_as(self.clock.over(serve(&self.server.data())));
    }

    /// What the device is told: a lease, or the status and code of a problem.
    fn says(&mut self, kind: Kind) -> Result<i64, (u16, String)> {
        let bytes = self.device.message(kind);
        let mut http = Http::connect(self.server.device()).expect("it listens");
        let reply = http.post(kind.path(), &bytes).expect("it answers");
        if reply.status == 503 {
            assert!(reply.header("retry-after").is_some(), "when to come again");
            return Err((reply.status, reply.code()));
        }
        match common::device::hear(&reply, &self.keys) {
            Heard::Lease(lease) => {
                self.device.lease = Some(*lease.clone());
                Ok(lease.grant.iat.0)
            }
            other => panic!("{kind:?} got {other:?}"),
        }
    }

    /// Waits until a check is answered like this: the clock is read with every request.
    fn checks_until(&mut self, trusted: bool) -> Result<i64, (u16, String)> {
        let mut last = self.says(Kind::Check);
        wait_for(LIMIT, || {
            (last.is_ok() == trusted || {
                last = self.says(Kind::Check);
                last.is_ok() == trusted
            })
            .then_some(())
        });
        last
    }

    fn page(&self, path: &str) -> (u16, String) {
        let mut http = Http::connect(self.server.operator()).expect("it listens");
        let reply = http.get(path).expect("it answers");
        (reply.status, reply.text())
    }

    fn verb(&self, words: &[&str]) -> Done {
        verb(&self.server.data(), words)
    }
}

fn verb(data: &Path, words: &[&str]) -> Done {
    run(leasehold().args(words).arg("--data").arg(data))
}
