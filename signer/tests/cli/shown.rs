//! verify and inspect.

use crate::desk::{Desk, Device, LATE, NOW, SOON};

fn with_licence() -> Desk {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(4));
    desk.sign("a.lreq", "a.lic").works();
    desk
}

#[test]
fn a_licence_file_is_verified_from_the_root_key_until_it_ends() {
    let desk = with_licence();
    let verify = |now: &str| desk.run(&format!("verify a.lic --trust root.pub --now {now} --json"));
    let good = verify(SOON).works().json();
    assert_eq!(
        (&good["valid"], &good["type"], &good["signer"]),
        (&true.into(), &"license".into(), &"certified".into())
    );
    assert_eq!(good["exp"], "2027-06-01T00:00:00Z");
    let over = verify(LATE);
    over.fails(5, "it ended at 2027-06-01T00:00:00Z");
    assert_eq!(over.json()["code"], "expired");
    desk.run(&format!("verify a.lic --now {NOW}")).fails(2, "checked from the root key");
    desk.run(&format!("verify a.lic --trust file.pub --now {NOW}")).fails(4, "key id names another key");
    desk.run("verify a.lic --trust a.lic").fails(4, "holds no Ed25519 key");
}

#[test]
fn a_changed_licence_file_is_not_valid() {
    let desk = with_licence();
    let text = String::from_utf8(desk.read("a.lic")).expect("text");
    let bytes = leasehold_protocol::armour::unwrap(leasehold_protocol::armour::Label::License, text.as_bytes());
    let mut bytes = bytes.expect("armour");
    *bytes.last_mut().expect("not empty") ^= 1;
    desk.put("changed", &bytes);
    desk.run(&format!("verify changed --trust root.pub --now {NOW}")).fails(4, "signature does not belong");
}

#[test]
fn requests_and_keysets_are_verified_too() {
    let desk = with_licence();
    let request = desk.run("verify a.lreq --json").works().json();
    assert_eq!((&request["type"], &request["signer"]), (&"request".into(), &"device".into()));
    desk.run(&format!("verify keyset.lks --trust root.pub --now {NOW}")).works();
    desk.run(&format!("verify keyset.lks --trust root.pub --now {LATE}")).fails(5, "the keyset expired");
}

#[test]
fn inspect_shows_every_file_and_says_that_it_checked_nothing() {
    let desk = with_licence();
    for (file, line) in
        [("a.lreq", "code: ABCD-EFGH-JKLM-NPQR"), ("a.lic", "licensee: example-labs"), ("keyset.lks", "use: file")]
    {
        let shown = desk.run(&format!("inspect {file}")).works();
        let shown = String::from_utf8(shown.stdout).expect("text");
        assert!(shown.contains("signature not checked") && shown.contains(line), "{shown}");
    }
    let piped = desk.run_with("inspect - --json", &desk.read("a.lic"), &[]).works().json();
    assert_eq!(piped["claims"]["exp"], "2027-06-01T00:00:00Z");
    assert_eq!(piped["signature"], "not checked");
    desk.put("other", "hello");
    desk.run("inspect other").fails(4, "");
    desk.run("inspect missing").fails(1, "missing");
}
