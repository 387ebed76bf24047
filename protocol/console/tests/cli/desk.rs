//! A console's program, with a server to talk to.

use crate::common::Server;
use crate::common::vendor::{CODE, START};
use std::fs;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A console's folder, its root key's file, and the program.
pub struct Desk {
    pub dir: TempDir,
    pub server: Server,
    pub now: i64,
}

impl Desk {
    pub fn new() -> Self {
        let (dir, server) = (tempfile::tempdir().expect("a temporary folder"), Server::start());
        fs::write(dir.path().join("ROOT.pub"), format!("{}\n", server.root())).expect("written");
        Self { dir, server, now: START.0 }
    }

    pub fn made() -> Self {
        let desk = Self::new();
        let server = format!("http://{}", desk.server.address);
        let made = desk.run(&["init", "--trust", &desk.path("ROOT.pub"), "--product", "suite", "--server", &server]);
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        desk
    }

    pub fn leased() -> Self {
        let desk = Self::made();
        let leased = desk.run(&["activate", "--key", CODE, "--name", "till 4", "--units", "OBM=10"]);
        assert_eq!(leased.status.code(), Some(0), "{leased:?}");
        desk
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leasehold-console"));
        command.env_clear().args(["--state", &self.path("con"), "--proxy", "none", "--now", &self.now.to_string()]);
        command.args(args).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// The exit code and the two lines of an error.
    pub fn failed(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args);
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(error.lines().count(), 2, "what happened, what to do: {error}");
        (output.status.code().expect("an exit code"), error)
    }

    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_slice(&self.run(&[args, &["--json"]].concat()).stdout).expect("JSON")
    }
}

pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
