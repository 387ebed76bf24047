//! The ports against everybody who is not a well-behaved console: TLS, proxies, crowds, slow clients, odd requests.

#[path = "../common/mod.rs"]
mod common;
mod crowd;
mod idle;
mod proxies;
mod reload;
mod secrets;
mod shapes;
mod slow;
mod tls;

use common::device::keyset;
use common::http::Http;
use common::seed::Seed;
use common::server::{TestServer, serve};
use common::tls::{Authority, Files};
use leasehold_protocol::keyset::Keyset;
use std::collections::BTreeMap;

/// A running server with settings of its own, and what a device needs of it.
struct Stage {
    server: TestServer,
    seed: Seed,
    keys: Keyset,
    /// Who signed its certificate, if it has one.
    authority: Option<Authority>,
}

impl Stage {
    /// Without TLS.
    fn plain(settings: &str) -> Self {
        Self::set(settings, None)
    }

    /// With TLS at the device port.
    fn tls(settings: &str) -> Self {
        Self::set(settings, Some(Authority::new()))
    }

    fn set(settings: &str, authority: Option<Authority>) -> Self {
        let (mut server, seed) = TestServer::made(2);
        let (config, files) = (server.beside("config.toml"), Files::below(&server.beside("")));
        let tls = authority.as_ref().map(|authority| {
            authority.issues(2090).write(&files);
            files.settings()
        });
        std::fs::write(&config, format!("{settings}\n{}", tls.unwrap_or_default())).expect("written");
        let mut command = serve(&server.data());
        command.arg("--config").arg(config);
        server.start_as(command);
        let keys = keyset(&mut connected(&server, authority.as_ref()), &server.root());
        Self { server, seed, keys, authority }
    }

    fn files(&self) -> Files {
        Files::below(&self.server.beside(""))
    }

    fn authority(&self) -> &Authority {
        self.authority.as_ref().expect("it has a certificate")
    }

    fn http(&self) -> Http {
        connected(&self.server, self.authority.as_ref())
    }

    /// Value by series, labels included.
    fn metrics(&self) -> BTreeMap<String, f64> {
        let page = Http::connect(self.server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer");
        let page = page.text();
        let lines = page.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' '));
        lines
            .map(|line| line.expect("name and value"))
            .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
            .collect()
    }

    /// A series of the device port; 0 if it is not there yet.
    fn metric(&self, name: &str) -> f64 {
        let series = format!("leasehold_{name}{{listener=\"device\"}}");
        self.metrics().get(&series).copied().unwrap_or(0.0)
    }
}

fn connected(server: &TestServer, authority: Option<&Authority>) -> Http {
    match authority {
        None => Http::connect(server.device()),
        Some(authority) => authority.http(server.device()),
    }
    .expect("it listens")
}
