//! Keys of a running server: a console follows a rotation without a restart, and `kill -9` anywhere leaves one keyset, whole.

use crate::common::keysets::Certifier;
use crate::common::program::{Done, leasehold, run};
use crate::common::server::{ISS, TestServer};
use crate::common::{Dice, http::Http, now};
use leasehold_console::{Client, Settings};
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::keyset::KeyUse;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::machine::Order;
use leasehold_protocol::message::Host;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Times the server is killed, times `LEASEHOLD_SOAK`.
const KILLS: u32 = 5;
/// Keysets that are sent until it is.
const KEYSETS: u32 = 40;

fn keys(data: &Path, words: &[&str]) -> Done {
    run(leasehold().arg("--json").arg("keys").args(words).arg("--data").arg(data))
}

fn view(done: Done) -> Value {
    serde_json::from_str(&done.ok()).expect("one object")
}

/// The key that signed the lease in hand, the keyset it names, and the one the console believes.
fn held(client: &Client) -> (String, u32, u32) {
    let machine = client.machine();
    let held = machine.state().lease.as_ref().expect("a lease");
    let (kid, keyset) = (Envelope::parse(&held.bytes).expect("a message").kid, machine.keyset().expect("a keyset"));
    let lease = Lease::open(&held.bytes, &keyset.key(kid).expect("certified").public).expect("a lease");
    (kid.to_string(), lease.keyset_version, keyset.version)
}

fn tag(server: &TestServer, known: &str) -> (u16, String) {
    let mut http = Http::connect(server.device()).expect("it listens");
    let reply = http.ask("GET", "/v1/keyset", &[("if-none-match", known)], b"").expect("it answers");
    (reply.status, reply.header("etag").expect("a tag").to_owned())
}

#[test]
fn a_console_follows_new_keys_of_a_server_that_runs_on() {
    let (mut server, seed) = TestServer::started(1);
    let data = server.data();
    let mut console = server.console("console");
    let (code, host) = (seed.pool[0].clone(), Host { version: "9.1".into(), ..Host::default() });
    let order = Order { code, device_name: None, wanted: None, replaces: false, host };
    console.activate(order).expect("a lease");
    let (first, named, believed) = held(&console);
    assert_eq!((named, believed), (1, 1));
    let (status, old_tag) = tag(&server, "none");
    assert_eq!((status, tag(&server, &old_tag).0), (200, 304));

    run(leasehold().args(["key", "rotate", "--no-passphrase", "--data"]).arg(&data)).ok();
    let (request, root, out) =
        (data.join("keys/keys.request"), data.join("keys/demo-root.pem"), server.beside("2.lks"));
    let mut certify = leasehold();
    certify.args(["signer", "certify"]).arg(&request).arg("--root").arg(&root).arg("--out").arg(&out).arg("--yes");
    run(&mut certify).ok();
    let imported = view(keys(&data, &["import-keyset", out.to_str().expect("UTF-8")]));
    assert_eq!((&imported["version"], imported["keys"].as_array().map(Vec::len)), (&2.into(), Some(4)));
    let (status, new_tag) = tag(&server, &old_tag);
    assert!(status == 200 && new_tag != old_tag, "another keyset, another tag");
    console.check().expect("a lease");
    assert_eq!(held(&console), (first.clone(), 2, 2), "the lease names the keyset, and the console fetched it");

    let listed = view(keys(&data, &["list"]));
    let new = listed["keys"].as_array().expect("keys").iter().rfind(|key| key["use"] == "lease").expect("a new one");
    let new = new["kid"].as_str().expect("an id").to_owned();
    keys(&data, &["use", &new]).ok();
    console.check().expect("a lease");
    assert_eq!(held(&console), (new.clone(), 2, 2), "the next signature is the new key's");
    keys(&data, &["use", &first]).ok();
    server.kill();
    server.start();
    drop(console);
    let url = Some(format!("http://{}", server.device()));
    let settings = Settings { server: url, proxy: Some("none".into()), ca: None };
    let mut console = Client::open(&server.beside("console"), settings, None).expect("it opens");
    console.check().expect("a lease");
    assert_eq!(held(&console), (first, 2, 2), "the choice outlives the server, although the other key is newer");
    let refused = keys(&data, &["import-keyset", out.to_str().expect("UTF-8")]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("keyset_not_newer") && refused.stderr.contains("keys.request"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_server_that_is_killed_while_keysets_come_in_has_one_of_them_whole() {
    let times: u32 = std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut dice = Dice::thrown("kills while keysets come in");
    let (mut server, _) = TestServer::started(1);
    let data = server.data();
    let root = Certifier::of(&data);
    let (_, spare) = root.new_key(KeyUse::Lease, now());
    let keys_of = [root.asked(), vec![spare]].concat();
    let (mut acknowledged, mut healed) = (1, 0);
    for _ in 0..KILLS * times {
        let address = server.portal();
        let token = run(leasehold().args(["--json", "token", "add", "x", "--role", "admin", "--data"]).arg(&data)).ok();
        let token: Value = serde_json::from_str(&token).expect("one object");
        let bearer = format!("Bearer {}", token["secret"].as_str().expect("a secret"));
        let texts: Vec<String> =
            (0..KEYSETS).map(|step| root.certify(ISS, acknowledged + 1 + step, keys_of.clone(), now())).collect();
        let sender = std::thread::spawn(move || {
            let mut done = 0;
            let mut http = Http::connect(address).expect("it listens");
            for text in texts {
                let headers = [("authorization", bearer.as_str()), ("content-type", "text/plain")];
                match http.ask("PUT", "/api/v1/keyset", &headers, text.as_bytes()) {
                    Ok(reply) if reply.status == 200 => {
                        let view: Value = serde_json::from_slice(&reply.body).expect("JSON");
                        done = view["version"].as_u64().expect("a number");
                    }
                    Ok(reply) => panic!("{}", reply.text()),
                    Err(_) => break,
                }
            }
            done
        });
        std::thread::sleep(Duration::from_millis(20 + dice.below(250)));
        server.kill();
        let done = u32::try_from(sender.join().expect("no answer was wrong")).expect("small").max(acknowledged);
        let on_file = root.keyset().version;
        server.start();
        let view = view(keys(&data, &["list"]));
        let version = u32::try_from(view["version"].as_u64().expect("a number")).expect("small");
        assert!(version == done || version == done + 1, "{version} in force, {done} acknowledged");
        assert_eq!(root.keyset().version, version, "the file agrees");
        healed += u32::from(on_file != version);
        acknowledged = version;
    }
    server.stop();
    run(leasehold().args(["store", "fsck", "--data"]).arg(&data)).ok();
    println!(
        "count keysets under kill -9: {} kills, {acknowledged} keysets, {healed} times the file followed at the start",
        KILLS * times
    );
}
