//! A running server as devices, strangers, scrapers and probes meet it, over real sockets.

#[path = "../common/mod.rs"]
mod common;
mod inactive;
mod licenses;
mod lines;
mod metrics;
mod problems;
mod python;
mod replay;
mod secrets;
mod strangers;
mod waiting;

use common::device::keyset;
use common::http::Http;
use common::seed::Seed;
use common::server::TestServer;
use leasehold_protocol::keyset::Keyset;

/// A running server with two pool keys, and what a device needs of it.
struct Stage {
    server: TestServer,
    seed: Seed,
    keys: Keyset,
}

impl Stage {
    fn set() -> Self {
        let (server, seed) = TestServer::started(2);
        let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
        Self { server, seed, keys }
    }

    fn http(&self) -> Http {
        Http::connect(self.server.device()).expect("it listens")
    }
}
