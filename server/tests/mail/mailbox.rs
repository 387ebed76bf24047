//! The mail server of `fixtures/interop/mailbox.py`, as long as it is needed.

use crate::common::program::{python, repository};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Lines that wait to be read.
const LINES_MAX: usize = 10_000;
const LIMIT: Duration = Duration::from_secs(20);

pub struct Mailbox {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    pub port: u16,
}

/// A mail that was taken.
#[derive(Debug)]
pub struct Taken(pub Value);

impl Mailbox {
    /// Starts one; its user has this password.
    pub fn start(options: &[&str], password: &str) -> Self {
        let mut command = python();
        command.arg(repository("fixtures/interop/mailbox.py")).args(options).env("MAILBOX_PASSWORD", password);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python starts");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let (tell, lines) = sync_channel(LINES_MAX);
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.map_while(|line| tell.send(line).ok()).for_each(drop);
        });
        let mut mailbox = Self { child, input, lines, port: 0 };
        let line = mailbox.line();
        mailbox.port = line.strip_prefix("listening ").and_then(|port| port.parse().ok()).expect("a port");
        mailbox
    }

    /// Without TLS, for everybody.
    pub fn open() -> Self {
        Self::start(&[], "")
    }

    /// How it behaves from now on. What it took before and nobody looked at is forgotten.
    pub fn behave(&mut self, how: &str) {
        writeln!(self.input, "{how}").expect("it reads");
        while self.line() != format!("now {how}") {}
    }

    /// The next mail it took.
    pub fn next(&mut self) -> Taken {
        Taken(serde_json::from_str(&self.line()).expect("JSON"))
    }

    /// Whether it took anything since it was last looked at.
    pub fn is_empty(&mut self) -> bool {
        writeln!(self.input, "ok").expect("it reads");
        self.line() == "now ok"
    }

    fn line(&mut self) -> String {
        self.lines.recv_timeout(LIMIT).expect("the mail server says something")
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Taken {
    pub fn text(&self) -> &str {
        self.0["text"].as_str().expect("plain text")
    }

    pub fn html(&self) -> &str {
        self.0["html"].as_str().expect("HTML")
    }

    /// The one header of this name, decoded.
    pub fn header(&self, name: &str) -> &str {
        let all = self.0["headers"].as_array().expect("headers");
        let mut found =
            all.iter().filter(|header| header[0].as_str().is_some_and(|one| one.eq_ignore_ascii_case(name)));
        let value = found.next().unwrap_or_else(|| panic!("no {name} in {all:?}"))[1].as_str().expect("text");
        assert!(found.next().is_none(), "two of {name} in {all:?}");
        value
    }

    /// The names of all headers, in order.
    pub fn header_names(&self) -> Vec<&str> {
        self.0["headers"].as_array().expect("headers").iter().filter_map(|header| header[0].as_str()).collect()
    }
}
