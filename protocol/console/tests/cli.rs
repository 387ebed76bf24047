//! The program: exit codes, words, what goes where.

mod common;
#[path = "cli/desk.rs"]
mod desk;

use common::Fault;
use common::vendor::{CODE, ENROLMENT, START, TERM, units};
use desk::{Desk, text};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, armour};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

#[test]
fn the_first_minute_of_a_console() {
    let desk = Desk::made();
    let unlicensed = desk.run(&["status"]);
    assert!(text(&unlicensed).starts_with("state        unlicensed: nothing is in hand\n"), "{unlicensed:?}");
    let leased = desk.run(&["activate", "--key", CODE]);
    assert!(text(&leased).starts_with("lease 1 accepted: 10 OBM until 2026-01-15T00:00:00Z\n"), "{leased:?}");
    let status = desk.json(&["status"]);
    assert_eq!((&status["state"], &status["end"]), (&"licensed".into(), &"2026-01-15T00:00:00Z".into()));
    assert_eq!((&status["units"]["OBM"], &status["features"][0]), (&10.into(), &"backup".into()));
    assert!(text(&desk.run(&["check", "--usage", "OBM=7"])).contains("lease 2 accepted"));
    let released = desk.run(&["release"]);
    assert!(text(&released).starts_with("released: the server has the units back\n"), "{released:?}");
    assert_eq!(desk.json(&["status"])["state"], "unlicensed");
}

#[test]
fn a_console_that_is_announced_waits_and_is_licensed_by_its_next_check() {
    let desk = Desk::made();
    let waits = desk.run(&["register", "--code", ENROLMENT, "--name", "till 4"]);
    assert_eq!(waits.status.code(), Some(0), "{waits:?}");
    assert!(
        text(&waits).starts_with("waiting to be licensed from the portal: asks again at 2026-01-01T00:0"),
        "{waits:?}"
    );
    assert_eq!(desk.json(&["status"])["state"], "waiting");
    assert!(text(&desk.run(&["check"])).starts_with("waiting to be licensed"), "nobody has licensed it");
    desk.server.shared().vendor.licensed = true;
    assert!(text(&desk.run(&["check"])).starts_with("lease 1 accepted: 10 OBM"));
    let received = desk.server.received();
    assert!(received.len() == 3 && received.iter().all(|one| *one == received[0]), "the same bytes until the lease");
    let (code, error) = Desk::made().failed(&["register", "--code", CODE]);
    assert_eq!((code, error.lines().next()), (3, Some("refused: enrolment_invalid")));
}

#[test]
fn exit_1_failed() {
    let desk = Desk::leased();
    desk.server.fault(Fault::Status(503));
    let (code, error) = desk.failed(&["check"]);
    assert_eq!(code, 1);
    assert!(error.contains("HTTP 503"), "{error}");
    let (code, error) = desk.failed(&["activate", "--key", CODE]);
    assert!(code == 1 && error.starts_with("the product is licensed already\n"), "{error}");
    assert_eq!(desk.failed(&["import", "/nonexistent"]).0, 1);
    let elsewhere = desk.path("elsewhere");
    let (code, error) = desk.failed(&["status", "--state", &elsewhere]);
    assert!(code == 1 && error.contains("holds no console"), "{error}");
}

#[test]
fn exit_2_usage() {
    let desk = Desk::made();
    for args in
        [&["dance"][..], &["activate"], &["check", "--usage", "OBM"], &["activate", "--key", CODE, "--units", "a=x"]]
    {
        assert_eq!(desk.run(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(desk.failed(&["activate", "--key", CODE, "--name", ""]).0, 2);
    assert_eq!(desk.failed(&["check", "--server", "licences.example"]).0, 2);
    assert_eq!(desk.failed(&["check", "--proxy", "::", "--server", "http://127.0.0.1:1"]).0, 2);
    let mut stateless = Command::new(env!("CARGO_BIN_EXE_leasehold-console"));
    assert_eq!(stateless.env_clear().arg("status").output().expect("runs").status.code(), Some(2));
}

#[test]
fn exit_3_refused_with_the_code() {
    let desk = Desk::leased();
    desk.server.shared().vendor.refuse = Some(Refused::KeyStopped);
    let (code, error) = desk.failed(&["check"]);
    assert_eq!((code, error.lines().next()), (3, Some("refused: key_stopped")));
    let said = desk.run(&["check", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&said.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "key_stopped");
    let status = text(&desk.run(&["status"]));
    assert!(
        status.contains("stopped: the server refused the last check") && status.contains("key_stopped at"),
        "{status}"
    );
}

#[test]
fn exit_4_not_valid() {
    let desk = Desk::new();
    fs::write(desk.path("bad.pub"), "hello").expect("written");
    let (code, error) = desk.failed(&["init", "--trust", &desk.path("bad.pub"), "--product", "suite"]);
    assert!(code == 4 && error.contains("is not a root key"), "{error}");
    let desk = Desk::made();
    fs::write(desk.path("bad.lic"), "hello").expect("written");
    assert_eq!(desk.failed(&["import", &desk.path("bad.lic")]).0, 4);
    desk.server.shared().vendor.root = common::vendor::key(8);
    desk.server.shared().vendor.lease_key = common::vendor::key(7);
    let (code, error) = desk.failed(&["activate", "--key", CODE]);
    assert!(code == 4 && error.starts_with("not accepted: "), "{error}");
}

#[test]
fn exit_5_expired() {
    let mut desk = Desk::leased();
    desk.now += TERM - 1;
    assert_eq!(desk.run(&["status"]).status.code(), Some(0));
    desk.now += 1;
    let output = desk.run(&["status"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output).contains("what was in hand has ended"), "{output:?}");
}

#[test]
fn a_key_comes_from_standard_input_or_the_environment_too() {
    let desk = Desk::made();
    let mut command = desk.command(&["activate", "--key", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("runs");
    child.stdin.take().expect("piped").write_all(format!("{CODE}\n").as_bytes()).expect("written");
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    let again = desk.command(&["activate", "--replaces"]).env("LEASEHOLD_KEY", CODE).output().expect("runs");
    assert_eq!(again.status.code(), Some(0), "{again:?}");
}

#[test]
fn a_root_key_in_pem_is_the_same_key() {
    let desk = Desk::new();
    let der = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], &desk.server.root().0].concat();
    let armoured = armour::wrap(armour::Label::Keyset, &der); // canonical base64 in lines of 64, as PEM has it
    let pem = armoured.replace("LEASEHOLD KEYSET", "PUBLIC KEY");
    fs::write(desk.path("ROOT.pem"), pem).expect("written");
    let server = format!("http://{}", desk.server.address);
    let made = desk.run(&["init", "--trust", &desk.path("ROOT.pem"), "--product", "suite", "--server", &server]);
    assert!(text(&made).contains("keyset 1 of test.example accepted"), "{made:?}");
}

#[test]
fn a_console_without_a_network_lives_on_files() {
    let desk = Desk::new();
    let made = desk.run(&["init", "--trust", &desk.path("ROOT.pub"), "--product", "suite"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let (request, license) = (desk.path("a.lreq"), desk.path("a.lic"));
    assert_eq!(desk.run(&["request", "--key", CODE, "--out", &request]).status.code(), Some(0));
    let asked = fs::read(&request).expect("a request");
    assert_eq!(desk.run(&["request", "--key", CODE]).stdout, asked, "the same file again");
    let asked = armour::unwrap(armour::Label::Request, &asked).expect("armour");
    let answer = desk.server.shared().vendor.license(&asked, None);
    fs::write(&license, armour::wrap(armour::Label::License, &answer)).expect("written");
    let imported = desk.run(&["import", &license]);
    assert!(text(&imported).starts_with("licence file accepted: 10 OBM, without an end\n"), "{imported:?}");
    assert_eq!(desk.failed(&["import", &license]).0, 1);
    let keyset = armour::wrap(armour::Label::Keyset, &desk.server.shared().vendor.keyset());
    fs::write(desk.path("a.lks"), keyset).expect("written");
    assert!(text(&desk.run(&["import", &desk.path("a.lks")])).starts_with("keyset 1 accepted\n"));
    let first = desk.run(&["return"]).stdout;
    assert!(!first.is_empty() && first == desk.run(&["return"]).stdout);
    assert_eq!(desk.json(&["status"])["state"], "unlicensed");
}

#[test]
fn run_prints_a_line_an_event_and_ends_on_sigterm() {
    let mut desk = Desk::leased();
    desk.now += 2 * DAY;
    desk.server.shared().vendor.clock = START.plus(2 * DAY);
    desk.server.shared().vendor.units = units(4);
    let mut child = desk.command(&["run"]).stdout(Stdio::piped()).spawn().expect("runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
    let news: Vec<String> = lines.filter(|line| line.starts_with("2026-")).take(2).collect();
    assert!(news[0].contains("lease 2 accepted: 4 OBM") && news[1].contains("lease 3 accepted"), "{news:?}");
    assert_eq!(desk.failed(&["check"]).0, 1, "the folder is in use");
    assert_eq!(desk.run(&["status"]).status.code(), Some(0), "looking is allowed");
    thread::sleep(Duration::from_millis(50)); // into its wait
    let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn every_verb_has_help_with_an_example() {
    let desk = Desk::new();
    for verb in ["init", "register", "activate", "check", "run", "status", "request", "import", "return", "release"] {
        let help = desk.run(&[verb, "--help"]);
        assert_eq!(help.status.code(), Some(0), "{verb}");
        assert!(text(&help).contains("Example: leasehold-console --state con "), "{verb}");
    }
    assert!(Path::new(env!("CARGO_BIN_EXE_leasehold-console")).exists());
}
