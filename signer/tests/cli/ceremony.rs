//! Keys and keysets: keygen and certify.

use crate::desk::{Desk, NOW, keys_request};
use std::process::{Command, Stdio};

#[test]
fn a_key_is_sealed_by_a_passphrase_from_a_file_the_environment_or_a_credential() {
    let desk = Desk::empty();
    desk.put("pass", "correct horse\n");
    desk.put("leasehold-passphrase", "correct horse");
    let folder = desk.path("");
    let variable = [("LEASEHOLD_PASSPHRASE", "correct horse")];
    let credential = [("CREDENTIALS_DIRECTORY", folder.to_str().expect("text"))];
    let by_file = desk.run("keygen --root --passphrase-file pass --out a --json").works().json();
    desk.run_with("keygen --out b", b"", &variable).works();
    desk.run_with("keygen --out c", b"", &credential).works();
    desk.run_with("keygen --passphrase-file - --out d", b"correct horse\n", &[]).works();
    assert_eq!((&by_file["sealed"], &by_file["root"]), (&true.into(), &true.into()));
    for name in ["a", "b", "c", "d"] {
        let args = ["pkey", "-in", name, "-passin", "pass:correct horse", "-pubout"];
        let openssl = Command::new("openssl").args(args).current_dir(desk.path("")).stdin(Stdio::null()).output();
        let openssl = openssl.expect("this test needs the openssl program: install it");
        assert_eq!(openssl.stdout, desk.read(&format!("{name}.pub")), "{}", String::from_utf8_lossy(&openssl.stderr));
    }
    let file = desk.run("keygen --no-passphrase --out file --json").works().json();
    desk.put("keys.request", &keys_request(file["public_hex"].as_str().expect("hex")));
    let certify = format!("certify keys.request --root a --yes --out keyset.lks --now {NOW}");
    desk.run(&certify).fails(1, "a passphrase is needed");
    desk.run_with(&certify, b"", &[("LEASEHOLD_PASSPHRASE", "wrong")]).fails(1, "does not open with this passphrase");
    desk.run_with(&certify, b"", &variable).works();
    desk.run(&format!("verify keyset.lks --trust a.pub --now {NOW}")).works();
}

#[test]
fn a_new_key_without_a_passphrase_has_to_be_asked_for() {
    let desk = Desk::empty();
    desk.run("keygen --out key").fails(2, "needs a passphrase");
    desk.run_with("keygen --passphrase-file - --out key", b"\n", &[]).fails(2, "empty");
    assert!(!desk.has("key"));
    desk.run("keygen --no-passphrase --out key").works();
    desk.run("keygen --no-passphrase --out key").fails(1, "exists already");
}

#[test]
fn certify_shows_the_fingerprints_and_asks() {
    let desk = Desk::ready();
    std::fs::remove_file(desk.path("keyset.lks")).expect("there");
    let certify = format!("certify keys.request --root root --out keyset.lks --now {NOW}");
    let no = desk.run_with(&certify, b"no\n", &[]);
    assert_eq!(no.exit, 1);
    assert!(!desk.has("keyset.lks"));
    let root = desk.root();
    let fingerprint = leasehold_signer::ceremony::fingerprint(&root);
    assert!(no.stderr.contains(&fingerprint), "{}", no.stderr);
    desk.run_with(&certify, b"yes\n", &[]).works();
    desk.run(&format!("verify keyset.lks --trust root.pub --now {NOW}")).works();
    desk.run(&certify.replace("keys.request", "-")).fails(2, "nobody can be asked");
}

#[test]
fn an_impossible_request_is_not_certified() {
    let desk = Desk::ready();
    std::fs::remove_file(desk.path("keyset.lks")).expect("there");
    let good = String::from_utf8(desk.read("keys.request")).expect("text");
    let cases = [
        ("version = 1", "version = 0", "version is 0"),
        ("2029-01-01", "2027-01-01", "not after its start"),
        ("\"file\"", "\"lease\"", "has no max_term"),
        ("iss", "isss", "not a keys.request"),
        ("2029-01-01", "2027-01-02", "every key in it is revoked or over"),
    ];
    for (word, other, what) in cases {
        desk.put("keys.request", &good.replacen(word, other, 1));
        desk.run(&format!("certify keys.request --root root --yes --out keyset.lks --now {NOW}")).fails(4, what);
    }
    desk.put("keys.request", &keys_request(&"00".repeat(32)));
    desk.run(&format!("certify keys.request --root root --yes --out keyset.lks --now {NOW}")).fails(4, "is weak");
    assert!(!desk.has("keyset.lks"));
}
