//! A disk that takes no more: the server stops rather than promise what it cannot keep.

use crate::common::device::{Device, Heard, keyset};
use crate::common::http::Http;
use crate::common::program::{run, words};
use crate::common::server::{TestServer, serve};
use crate::load::{THREADS, behind, lost, storm};
use leasehold::store::open::bytes_on_disk;
use leasehold_protocol::machine::Kind;
use std::process::Command;
use std::time::Duration;

#[test]
fn r14_a_store_that_cannot_grow_ends_the_server_and_loses_nothing() {
    let (mut server, seed) = TestServer::made(u32::try_from(THREADS).expect("few"));
    server.start_as(without_the_signal(&serve(&server.data())));
    let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
    let at = server.device();
    let mut ended = None;
    let mut storm = storm(at, &keys, &seed, || {
        std::thread::sleep(Duration::from_millis(300));
        let full = format!("--fsize={}", bytes_on_disk(&server.data()));
        run(Command::new("prlimit").args(["--pid", &server.id().to_string(), &full])).ok();
        ended = Some(server.ended());
    });
    let ended = ended.expect("it has ended by itself");
    assert_eq!(ended.status.code(), Some(1), "{}", ended.output);
    let lines: Vec<&str> = ended.output.lines().collect();
    let what = lines.iter().position(|line| line.starts_with("leasehold: a commit failed: "));
    let what = what.unwrap_or_else(|| panic!("it does not say why: {}", ended.output));
    assert!(lines[what].contains("File too large"), "{}", lines[what]);
    assert!(lines[what + 1].starts_with("  start it again"), "{}", ended.output);
    assert!(storm.acknowledged > 0, "it was full before anybody had an answer");

    assert_eq!(behind(&server.data(), &storm.devices), Vec::<String>::new());
    words(&["store", "fsck", "--data", &server.data().display().to_string()]).ok();
    server.start(); // there is room again
    assert_eq!(lost(server.device(), &keys, &seed, &mut storm.devices), Vec::<String>::new());
    let mut http = Http::connect(server.device()).expect("it listens");
    let new = Device::modest(&seed.lot).say(&mut http, &keys, Kind::Activate).expect("an answer");
    assert!(matches!(new, Heard::Lease(_)), "{new:?}");
    println!("count disk full: {} acknowledged answers before the store could not grow, 0 lost", storm.acknowledged);
}

/// The same command; a write beyond a limit fails there instead of ending the process by a signal.
fn without_the_signal(command: &Command) -> Command {
    let mut spared = Command::new("sh");
    spared.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => spared.env(name, value),
            None => spared.env_remove(name),
        };
    }
    spared
}
