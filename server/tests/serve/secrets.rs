//! R15: after some of everything, private keys, passphrase and token secrets are nowhere they should not be, and neither are key
//! codes in what is logged, measured or answered to the wrong person.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::Http;
use crate::common::secrets::{holds, spellings};
use leasehold::keyring::FOLDER;
use leasehold::store::open::FILE_NAME;
use leasehold_protocol::machine::Kind;
use leasehold_signer::keyfile;

#[test]
fn base64_is_spelled_as_everybody_does() {
    assert_eq!(spellings(b"\xfb\xef\xff")[3..], [b"++//".to_vec(), b"--__".to_vec()]);
}

#[test]
fn r15_no_secret_is_logged_measured_answered_or_stored() {
    let mut stage = Stage::set();
    let folder = stage.server.data().join(FOLDER);
    let mut secrets =
        vec![("challenge secret".to_owned(), std::fs::read(folder.join("challenge.secret")).expect("it reads"))];
    for entry in std::fs::read_dir(&folder).expect("it reads") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            secrets.push((name, keyfile::read(&path, None).expect("a key").to_bytes().to_vec()));
        }
    }
    assert_eq!(secrets.len(), 4, "lease key, file key, root key, challenge secret");

    let mut http = stage.http();
    let mut answers = Vec::new();
    let mut devices: Vec<_> = stage.seed.pool.iter().map(|code| Device::new(code)).collect();
    for device in &mut devices {
        for kind in [Kind::Activate, Kind::Check, Kind::Release] {
            device.say(&mut http, &stage.keys, kind).expect("an answer");
        }
    }
    let codes: Vec<_> = stage.seed.pool.iter().chain([&stage.seed.lot]).cloned().collect();
    for code in &codes {
        let message = Device::new(code).message(Kind::Activate);
        let mut broken = message.clone();
        broken.truncate(message.len() - 1);
        let mut forged = message.clone();
        *forged.last_mut().expect("a byte") ^= 1;
        for bytes in [&broken, &forged] {
            answers.push(http.post("/v1/activate", bytes).expect("an answer").body);
        }
        answers.push(http.get(&format!("/v1/{code}")).expect("an answer").body);
        // Its body is not read, so the connection may close.
        let other = stage.http().ask("POST", "/v1/check", &[("x-key", code)], code.as_bytes());
        answers.push(other.expect("an answer").body);
    }
    let page =
        Http::connect(stage.server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer").body;
    drop(http);
    assert_eq!(stage.server.stop().status.code(), Some(0));
    let log = stage.server.said().as_bytes().to_vec();
    let store = std::fs::read(stage.server.data().join(FILE_NAME)).expect("it reads");
    let answers = answers.concat();
    let places = [("log", &log), ("metrics", &page), ("error bodies", &answers), ("store", &store)];
    for (name, secret) in &secrets {
        for (place, bytes) in places {
            let found = spellings(secret).iter().any(|spelling| holds(bytes, spelling));
            assert!(!found, "the {place} holds the {name}");
        }
    }
    for code in &codes {
        for (place, bytes) in &places[..3] {
            assert!(!holds(bytes, code.as_bytes()), "the {place} holds a key code");
        }
        assert!(holds(&store, code.as_bytes()), "the store should hold the code: is this looking at the right bytes?");
    }
    println!(
        "count secrets: {} secrets and {} key codes looked for in {} places, 0 found",
        secrets.len(),
        codes.len(),
        4
    );
}
