//! The client against a server on loopback.

mod common;

use common::vendor::{CODE, START, TERM, key, units};
use common::{Fault, Server};
use leasehold_console::{Client, Failure, Order, Settings, Stop};
use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::machine::{Cannot, Notice, Phase};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{PublicKey, Refused, Time, armour};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::{fs, process::Command};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn reopened(dir: &Path, now: Time) -> Client {
    Client::open(dir, Settings::default(), Some(now)).expect("what was saved opens")
}

#[test]
fn a_console_activates_checks_and_remembers() {
    let (server, dir) = (Server::start(), folder());
    drop(server.leased(dir.path()));
    server.shared().vendor.clock = START.plus(DAY);
    let mut client = reopened(dir.path(), START.plus(DAY));
    assert_eq!(client.status().units, units(10));
    client.check().expect("a check");
    drop(client);
    let client = reopened(dir.path(), START.plus(DAY));
    assert_eq!((client.status().state, client.status().end), (Phase::Licensed, Some(START.plus(DAY + TERM))));
    let paths: Vec<String> = server.received().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/v1/activate", "/v1/check"]);
}

#[test]
fn a_retry_after_a_lost_answer_sends_the_same_bytes() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.console(dir.path());
    server.fault(Fault::LoseAnswer);
    let failure = client.activate(Order::of(CODE, "9.1")).expect_err("the answer was lost");
    assert!(matches!(failure, Failure::Unanswered { .. }) && failure.exit_code() == 1, "{failure}");
    drop(client);
    reopened(dir.path(), START).activate(Order::of(CODE, "9.1")).expect("the same again");
    let received = server.received();
    assert_eq!((received.len(), &received[0]), (2, &received[1]));
    assert_eq!(server.shared().vendor.rewinds, 0);
}

#[test]
fn a_restored_folder_goes_through_a_resync() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    let backup = fs::read(dir.path().join("state.json")).expect("a state");
    client.check().expect("a check");
    drop(client);
    fs::write(dir.path().join("state.json"), backup).expect("restored");
    let notices = reopened(dir.path(), START).check().expect("a resync, then a lease");
    assert!(matches!(notices[..], [Notice::Resync, Notice::Leased { seq: 3, .. }]), "{notices:?}");
    assert_eq!(server.shared().vendor.rewinds, 1);
}

#[test]
fn a_refusal_says_its_code_and_leaves_the_lease() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    server.shared().vendor.refuse = Some(Refused::KeyStopped);
    let failure = client.check().expect_err("refused");
    assert_eq!((failure.exit_code(), failure.code()), (3, "key_stopped"));
    assert_eq!((client.status().state, client.status().end), (Phase::Stopped, Some(START.plus(TERM))));
    let mut other = server.console(&dir.path().join("other"));
    let failure = other.activate(Order::of("AAAA-AAAA-AAAA-AAAA", "9.1")).expect_err("no such key");
    assert_eq!(failure.code(), "key_invalid");
}

#[test]
fn a_wrong_signer_is_refused() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    let before = client.machine().lease().cloned();
    server.shared().vendor.lease_key = key(66);
    server.shared().vendor.root = key(67);
    let failure = client.check().expect_err("not the vendor");
    assert!(
        matches!(failure, Failure::NotAccepted(NotAccepted::UnknownKey(_))) && failure.exit_code() == 4,
        "{failure}"
    );
    assert_eq!(client.machine().lease().cloned(), before);
    let stranger = Client::init(&dir.path().join("x"), PublicKey::of(&key(1)), "suite", server.settings(), Some(START));
    assert!(matches!(stranger.map(|_| ()), Err(Failure::NotAccepted(NotAccepted::Verify(_)))));
    assert!(!dir.path().join("x/state.json").exists(), "nothing is pinned before it is proved");
}

#[test]
fn a_newer_keyset_is_fetched() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    server.shared().vendor.revoke_lease_key(5);
    let notices = client.check().expect("fetched, then judged again");
    assert!(matches!(notices[..], [Notice::Keyset { version: 2 }, Notice::Leased { seq: 2, .. }]), "{notices:?}");
}

#[test]
fn a_release_repeats_until_it_has_the_receipt() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    server.fault(Fault::LoseAnswer);
    server.fault(Fault::Status(400));
    client.release().expect_err("not understood");
    assert_eq!(client.status().state, Phase::Unlicensed);
    drop(client);
    let mut client = reopened(dir.path(), START);
    client.release().expect_err("lost");
    assert!(matches!(client.activate(Order::of(CODE, "9.1")), Err(Failure::Cannot(Cannot::ReleasePending))));
    assert_eq!(client.release().expect("the receipt"), [Notice::Released]);
    let received = server.received();
    assert_eq!(received[1..], [received[1].clone(), received[1].clone(), received[1].clone()]);
}

#[test]
fn a_release_without_a_server_leaves_the_lease() {
    let (server, dir) = (Server::start(), folder());
    drop(server.leased(dir.path()));
    let path = dir.path().join("state.json");
    let text = fs::read_to_string(&path).expect("a state");
    fs::write(&path, text.replace(&format!("\"http://{}\"", server.address), "null")).expect("edited");
    let mut client = reopened(dir.path(), START);
    assert_eq!(client.release().expect_err("no server").exit_code(), 2);
    assert_eq!(client.status().state, Phase::Licensed);
}

#[test]
fn useless_answers_are_retried_later() {
    let (server, dir) = (Server::start(), folder());
    let mut client = server.leased(dir.path());
    for fault in [Fault::Flood, Fault::Status(503), Fault::Status(404), Fault::Status(302)] {
        server.fault(fault);
        let failure = client.check().expect_err("no answer");
        assert!(matches!(failure, Failure::Unanswered { .. }), "{fault:?}: {failure}");
    }
    client.check().expect("the server is back");
    let received = server.received();
    assert!(received[1..].iter().all(|sent| *sent == received[1]), "the same bytes every time");
}

#[test]
fn a_licence_file_is_asked_for_taken_and_given_back() {
    let (server, dir) = (Server::start(), folder());
    let settings = Settings::default();
    let mut client =
        Client::init(dir.path(), server.root(), "suite", settings, Some(START)).expect("without a network");
    let request = client.request(Order::of(CODE, "9.1")).expect("a request");
    let asked = armour::unwrap(armour::Label::Request, request.as_bytes()).expect("armour");
    let license = server.shared().vendor.license(&asked, Some(365 * DAY));
    let license = armour::wrap(armour::Label::License, &license);
    drop(client);
    let mut client = reopened(dir.path(), START);
    assert!(matches!(client.import(request.as_bytes()), Err(Failure::Format(_))));
    client.import(license.as_bytes()).expect("the answer");
    assert_eq!(client.status().end, Some(START.plus(365 * DAY)));
    let given_back = client.surrender().expect("a return");
    drop(client);
    let mut client = reopened(dir.path(), START.plus(DAY));
    assert_eq!(client.status().state, Phase::Unlicensed);
    assert_eq!(client.surrender().expect("again"), given_back);
    assert!(server.received().is_empty());
}

#[test]
fn one_process_has_the_folder_and_others_may_look() {
    let (server, dir) = (Server::start(), folder());
    let client = server.leased(dir.path());
    let second = Client::open(dir.path(), Settings::default(), None);
    assert!(matches!(second.map(|_| ()), Err(Failure::InUse(_))));
    let beside = Client::look(dir.path(), Some(START)).expect("looking needs no lock");
    assert_eq!(beside.status(), client.status());
    let again = Client::init(dir.path(), server.root(), "suite", Settings::default(), None);
    assert!(matches!(again.map(|_| ()), Err(Failure::InUse(_))));
    drop(client);
    let again = Client::init(dir.path(), server.root(), "suite", Settings::default(), None);
    assert!(matches!(again.map(|_| ()), Err(Failure::Exists(_))));
}

#[test]
fn the_device_key_is_private_and_openssl_reads_it() {
    let (server, dir) = (Server::start(), folder());
    drop(server.leased(dir.path()));
    let path = dir.path().join("device.key");
    for file in ["device.key", "state.json"] {
        let mode = fs::metadata(dir.path().join(file)).expect("there").mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    let openssl = Command::new("openssl").args(["pkey", "-noout", "-text", "-in"]).arg(&path).output();
    if let Ok(read) = openssl {
        assert!(String::from_utf8_lossy(&read.stdout).contains("ED25519 Private-Key"), "{read:?}");
    }
    let open = || Client::open(dir.path(), Settings::default(), Some(START)).map(|_| ());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("chmod");
    assert!(matches!(open(), Err(Failure::KeyFile { .. })), "others may read it");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
    open().expect("good again");
    fs::rename(&path, dir.path().join("elsewhere")).expect("moved");
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &path).expect("linked");
    assert!(matches!(open(), Err(Failure::KeyFile { .. })), "a link");
}

#[test]
fn a_damaged_state_is_said_to_be() {
    let (server, dir) = (Server::start(), folder());
    drop(server.leased(dir.path()));
    let path = dir.path().join("state.json");
    let text = fs::read_to_string(&path).expect("a state");
    for damaged in ["", "{}", &text.replace("\"format\": 1", "\"format\": 2"), &text[..text.len() / 2]] {
        fs::write(&path, damaged).expect("written");
        let failure = Client::look(dir.path(), Some(START)).map(|_| ()).expect_err("damaged");
        assert_eq!((failure.code(), failure.exit_code()), ("damaged", 4));
    }
    fs::write(&path, text).expect("restored");
    Client::look(dir.path(), Some(START)).expect("good again");
}

#[test]
fn run_checks_when_due_and_stops_when_told() {
    let (server, dir) = (Server::start(), folder());
    drop(server.leased(dir.path()));
    server.shared().vendor.clock = START.plus(2 * DAY);
    let mut client = reopened(dir.path(), START.plus(2 * DAY));
    let (mut stop, mut tell) = Stop::pair().expect("sockets");
    tell.write_all(&[0]).expect("told in advance");
    let mut news = vec![];
    client.run(&mut stop, |_, notice| news.push(notice.clone())).expect("a clean end");
    assert!(matches!(news[..], [Notice::Leased { seq: 2, .. }]), "{news:?}");
}
