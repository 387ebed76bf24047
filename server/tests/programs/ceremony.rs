//! The key ceremony with the real programs: the root key on one side, the server on the other, a console in the end.

use crate::common::program::{Done, leasehold, run};
use crate::common::seed::{PRODUCT, on_disk};
use crate::common::server::{Ended, Process, serve};
use leasehold_console::Client;
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::machine::Phase;
use leasehold_protocol::time::DAY;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery";

/// Two machines in one folder: `data` is the server's, `root` the offline one's.
struct Ceremony(TempDir);

impl Ceremony {
    /// An installation whose keys nobody has certified.
    fn begun() -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder"));
        folder.put("pass", PASSPHRASE);
        let init = folder.leasehold("init --iss one.example --vendor One --passphrase-file pass").ok();
        assert!(init.contains("keys.request") && init.contains("certify"), "{init}");
        folder.leasehold("signer keygen --root --passphrase-file pass --out root").ok();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn command(&self, words: &str) -> Command {
        let mut command = leasehold();
        command.args(words.split(' ')).env("LEASEHOLD_DATA", self.path("data")).current_dir(self.0.path());
        command
    }

    fn leasehold(&self, words: &str) -> Done {
        run(&mut self.command(words))
    }

    fn certify(&self, out: &str) {
        let words =
            format!("signer certify data/keys/keys.request --root root --passphrase-file pass --yes --out {out}");
        self.leasehold(&words).ok();
    }

    fn served(&self) -> Result<Process, Ended> {
        let mut command = serve(&self.path("data"));
        command.arg("--passphrase-file").arg(self.path("pass"));
        Process::spawn(command)
    }

    /// The key that signed the lease in hand, and the keyset the console believes.
    fn console(&self) -> (String, u32) {
        let client = Client::look(&self.path("console"), None).expect("a console");
        assert_eq!(client.status().state, Phase::Licensed);
        let machine = client.machine();
        let held = machine.state().lease.as_ref().expect("a lease");
        let kid = Envelope::parse(&held.bytes).expect("a message").kid.to_string();
        (kid, machine.keyset().expect("a keyset").version)
    }
}

#[test]
fn the_ceremony_ends_with_a_licensed_console_and_goes_on_with_a_new_key() {
    let ceremony = Ceremony::begun();
    let code = on_disk(&ceremony.path("data"), |operator| operator.seed(1, 14 * DAY).pool[0].clone());
    ceremony.certify("first.lks");
    let imported = ceremony.leasehold("key import first.lks --root root.pub --passphrase-file pass").ok();
    assert!(imported.contains("keyset 1 of one.example is in force"), "{imported}");

    let server = ceremony.served().expect("it serves");
    let url = format!("http://{}", server.device());
    let init = format!("console --state console --proxy none --server {url} init --trust root.pub --product {PRODUCT}");
    ceremony.leasehold(&init).ok();
    ceremony.leasehold(&format!("console --state console activate --product-version 9.1 --key {code}")).ok();
    let (first, version) = ceremony.console();
    assert_eq!(version, 1);
    drop(server);

    // A key made in the same second would be as new as the first.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    ceremony.leasehold("key rotate --passphrase-file pass").ok();
    ceremony.certify("second.lks");
    ceremony.leasehold("key import second.lks --passphrase-file pass").ok();
    let server = ceremony.served().expect("it serves");
    let url = format!("http://{}", server.device());
    ceremony.leasehold(&format!("console --state console --server {url} check")).ok();
    let (second, version) = ceremony.console();
    assert_eq!(version, 2, "the console took the new keyset");
    assert_ne!(first, second, "the new key signs");
    let listed: serde_json::Value =
        serde_json::from_str(&ceremony.leasehold("key list --json").ok()).expect("one object");
    let kids: Vec<_> = listed["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str()).collect();
    assert!(kids.contains(&Some(&first)) && kids.contains(&Some(&second)) && kids.len() == 4, "{listed}");
    ceremony.leasehold("key import second.lks --passphrase-file pass").error(1); // a server has the store
    drop(server);
    ceremony.leasehold("key import first.lks --passphrase-file pass").error(4); // an older one is never taken
    assert_eq!(server_version(&ceremony.path("data")), 2);
}

fn server_version(data: &Path) -> u64 {
    let listed = run(leasehold().args(["--json", "key", "list", "--data"]).arg(data)).ok();
    serde_json::from_str::<serde_json::Value>(&listed).expect("one object")["version"].as_u64().expect("a version")
}

#[test]
fn a_server_without_a_certified_key_says_how_to_get_one() {
    let ceremony = Ceremony::begun();
    let serve = ceremony.leasehold("serve --passphrase-file pass");
    let [what, hint] = serve.error(1);
    assert!(what.contains("not certified"), "{what}");
    assert!(hint.contains("leasehold-signer certify") && hint.contains("key import"), "{hint}");
    ceremony.certify("first.lks");
    let rootless = ceremony.leasehold("key import first.lks --passphrase-file pass");
    let [_, hint] = rootless.error(2);
    assert!(hint.contains("--root"), "{hint}");
}

#[test]
fn a_keyset_for_others_or_by_others_is_refused_and_leaves_things_as_they_were() {
    let ceremony = Ceremony::begun();
    ceremony.certify("first.lks");
    ceremony.leasehold("signer keygen --root --no-passphrase --out other").ok();
    ceremony.leasehold("signer certify data/keys/keys.request --root other --yes --out foreign.lks").ok();
    let import = |words: &str| ceremony.leasehold(&format!("key import {words} --passphrase-file pass"));
    import("foreign.lks --root root.pub").error(4);
    import("root.pub --root root.pub").error(4);
    let request = std::fs::read_to_string(ceremony.path("data/keys/keys.request")).expect("it reads");
    ceremony.put("elsewhere.request", &request.replace("one.example", "two.example"));
    ceremony.leasehold("signer certify elsewhere.request --root root --passphrase-file pass --yes --out two.lks").ok();
    let [what, _] = import("two.lks --root root.pub").error(4).map(str::to_owned);
    assert!(what.contains("two.example"), "{what}");
    assert!(!ceremony.path("data/keys/keyset.lks").exists() && !ceremony.path("data/keys/root.pub").exists());
    import("first.lks --root root.pub").ok();
}

#[test]
fn a_wrong_or_missing_passphrase_is_said_to_be_that() {
    let ceremony = Ceremony::begun();
    ceremony.certify("first.lks");
    ceremony.leasehold("key import first.lks --root root.pub --passphrase-file pass").ok();
    let missing = ceremony.leasehold("serve");
    assert!(missing.error(1)[0].contains("a passphrase is needed"), "{}", missing.stderr);
    ceremony.put("wrong", "incorrect horse");
    let wrong = ceremony.leasehold("serve --passphrase-file wrong");
    assert!(wrong.error(1)[0].contains("does not open with this passphrase"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("incorrect horse") && !wrong.stderr.contains(PASSPHRASE));
}
