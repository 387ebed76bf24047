//! Another time of day for a process, by libfaketime; its monotonic clock is left alone.

use super::program::{Done, leasehold, run};
use super::seed::PRODUCT;
use super::server::TestServer;
use leasehold::keyring::{FOLDER, ROOT};
use std::path::PathBuf;
use std::process::Command;

/// A clock that the processes under test see, set by a file.
pub struct FakeClock(PathBuf);

impl FakeClock {
    /// Right at first.
    pub fn at(path: PathBuf) -> Self {
        let clock = Self(path);
        clock.set(0);
        clock
    }

    /// Ahead of the machine's clock by this many seconds.
    pub fn set(&self, ahead: i64) {
        let next = self.0.with_extension("next");
        std::fs::write(&next, format!("{ahead:+}\n")).expect("it writes");
        std::fs::rename(&next, &self.0).expect("never half a file");
    }

    /// A process under this clock.
    pub fn over(&self, mut command: Command) -> Command {
        command.env("LD_PRELOAD", library()).env("FAKETIME_TIMESTAMP_FILE", &self.0).env("FAKETIME_NO_CACHE", "1");
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
        command
    }
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("a Unix");
    let mut places = folders.filter_map(Result::ok).map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    places.find(|place| place.exists()).expect("libfaketime is missing: run make tools")
}

/// The reference console as a program, under the same clock.
pub struct Console<'a>(pub &'a FakeClock, pub PathBuf);

impl Console<'_> {
    pub fn does(&self, words: &[&str]) -> Done {
        let mut command = leasehold();
        command.args(["console", "--state"]).arg(&self.1).args(words);
        run(&mut self.0.over(command))
    }

    pub fn status(&self) -> String {
        self.does(&["status"]).stdout
    }

    /// Made for a server, and activated with a key.
    pub fn activated(&self, server: &TestServer, code: &str) -> Done {
        let trust = server.data().join(FOLDER).join(ROOT).display().to_string();
        let url = format!("http://{}", server.device());
        self.does(&["init", "--trust", &trust, "--product", PRODUCT, "--server", &url]).ok();
        self.does(&["activate", "--key", code, "--product-version", "9.1"])
    }

    /// Checks, wherever the server is by now.
    pub fn checks(&self, server: &TestServer) -> Done {
        self.does(&["check", "--server", &format!("http://{}", server.device())])
    }
}
