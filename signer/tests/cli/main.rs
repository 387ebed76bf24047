//! The program as a person at the offline machine uses it: every verb, and every way to be refused, with its exit code.

mod bad_input;
mod ceremony;
mod desk;
mod shown;

use desk::{Desk, Device, NOW, SIGN};

#[test]
fn a_request_file_becomes_a_licence_file_its_device_accepts() {
    let desk = Desk::ready();
    desk.put("gate4.lreq", &Device::new(7).asks(4));
    let ended = desk.sign("gate4.lreq --trust root.pub", "gate4.lic").works();
    assert!(String::from_utf8_lossy(&ended.stdout).contains("4 endpoint of 10 endpoint in use"));
    assert_eq!(desk.license("gate4.lic").grant.units.count("endpoint"), 4);
}

#[test]
fn the_same_request_gives_the_same_bytes_and_is_charged_once() {
    let desk = Desk::ready();
    desk.put("gate4.lreq", &Device::new(7).asks(6));
    desk.sign("gate4.lreq", "first.lic").works();
    let later = desk.run(&format!("sign gate4.lreq {SIGN} --out again.lic --now {} --json", desk::SOON)).works().json();
    assert_eq!(desk.read("first.lic"), desk.read("again.lic"));
    assert_eq!(later["results"][0]["repeated"], true);
    assert_eq!(later["charged"]["endpoint"], 6);
}

#[test]
fn a_second_request_beyond_the_allotment_is_refused_and_nothing_is_signed() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(8));
    desk.put("b.lreq", &Device::new(8).asks(3));
    desk.sign("a.lreq", "a.lic").works();
    let journal = desk.read("journal");
    desk.sign("b.lreq", "b.lic").fails(3, "insufficient_units");
    assert!(!desk.has("b.lic"));
    assert_eq!(desk.read("journal"), journal);
}

#[test]
fn many_requests_go_into_a_folder_and_a_bad_one_spoils_no_other() {
    let desk = Desk::ready();
    std::fs::create_dir(desk.path("out")).expect("own folder");
    for seed in 1..=3 {
        desk.put(&format!("{seed}.lreq"), &Device::new(seed).asks(2));
    }
    desk.put("bad.lreq", "nonsense");
    let ended = desk.sign("1.lreq bad.lreq missing.lreq 2.lreq 3.lreq --json", "out");
    assert_eq!(ended.exit, 4, "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 4, "{}", ended.stderr);
    assert_eq!(ended.json()["results"][1]["code"], "not_armour");
    assert_eq!(ended.json()["charged"]["endpoint"], 6);
    for name in ["out/1.lic", "out/2.lic", "out/3.lic"] {
        assert_eq!(desk.license(name).grant.units.count("endpoint"), 2);
    }
    assert!(!desk.has("out/bad.lic"));
}

#[test]
fn a_request_comes_from_standard_input_and_its_licence_leaves_on_standard_output() {
    let desk = Desk::ready();
    let request = Device::new(7).asks(4);
    let ended = desk.run_with(&format!("sign - {SIGN} --out - --now {NOW}"), request.as_bytes(), &[]).works();
    desk.put("gate4.lic", &ended.stdout);
    assert_eq!(desk.license("gate4.lic").grant.units.count("endpoint"), 4);
}

#[test]
fn a_returned_file_frees_its_units_and_its_request_is_answered_for_good() {
    let desk = Desk::ready();
    let device = Device::new(7);
    desk.put("a.lreq", &device.asks(10));
    desk.sign("a.lreq", "a.lic").works();
    desk.put("a.lret", &device.gives_back(&desk.license("a.lic")));
    let give_back = format!("return a.lret --journal journal --json --now {NOW}");
    assert_eq!(desk.run(&give_back).works().json()["results"][0]["freed"]["endpoint"], 10);
    assert_eq!(desk.run(&give_back).works().json()["results"][0]["repeated"], true);
    desk.sign("a.lreq", "again.lic").fails(3, "request_answered");
    assert!(!desk.has("again.lic"));
    desk.put("b.lreq", &Device::new(8).asks(10));
    desk.sign("b.lreq", "b.lic").works();
}

#[test]
fn a_return_needs_its_journal() {
    let desk = Desk::ready();
    desk.put("a.lret", "nonsense");
    desk.run("return a.lret --journal elsewhere").fails(1, "elsewhere");
    assert!(!desk.has("elsewhere"));
}

#[test]
fn a_damaged_journal_signs_nothing() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(1));
    desk.sign("a.lreq", "a.lic").works();
    let mut journal = desk.read("journal");
    journal[70] ^= 1;
    desk.put("journal", &journal);
    desk.sign("a.lreq", "again.lic").fails(1, "damaged at line 1");
    assert!(!desk.has("again.lic"));
}

#[test]
fn every_verb_shows_an_example() {
    let desk = Desk::empty();
    for verb in ["keygen", "certify", "sign", "return", "verify", "inspect"] {
        let help = desk.run(&format!("{verb} --help")).works();
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.contains(&format!("Example:\n  leasehold-signer {verb} ")), "{help}");
    }
}

#[test]
fn misuse_exits_with_2() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(1));
    assert_eq!(desk.run("").exit, 2);
    assert_eq!(desk.run("sing").exit, 2);
    assert_eq!(desk.run("keygen").exit, 2);
    desk.sign("a.lreq a.lreq", "one.lic").fails(2, "not a folder");
    std::fs::create_dir(desk.path("out")).expect("own folder");
    desk.sign("a.lreq ./a.lreq", "out").fails(2, "both be written");
}
