use super::*;
use crate::answer::{Record as _, answer};
use crate::journal::Journal;
use crate::testing::{Device, FaultyDisk, NOW, allotment, keyset, root, signer};
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::{Nonce, PublicKey, Refused};
use std::path::Path;

fn license() -> Vec<u8> {
    let mut journal = Journal::open(FaultyDisk::default(), Path::new("journal"), NOW).expect("empty");
    let allotment = allotment(10);
    let mut desk = journal.desk(&allotment);
    let answered = answer(&Device::new(7).asks(1, 4), &mut desk, &signer(), NOW).expect("signed");
    desk.commit().expect("nothing left to do");
    answered.file().into_bytes()
}

#[test]
fn a_licence_file_is_shown_with_its_claims_by_name_and_its_keyset() {
    let described = describe(&license()).expect("structure is right");
    let text = described.to_string();
    for line in [
        "signature not checked",
        "  iss: vendor",
        "  iat: 2027-01-15T08:00:00Z",
        "  at_expiry: restrict",
        "    endpoint: 4",
        "  carries keyset",
        "use: file",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let json = described.json();
    assert_eq!((&json["file"], &json["type"]), (&json!("LICENSE"), &json!("license")));
    assert_eq!(json["signature"], "not checked");
    assert_eq!(json["claims"]["units"], json!({"endpoint": 4}));
    let device = PublicKey::of(&Device::new(7).0).device_id().to_string();
    assert_eq!(json["claims"]["device"]["id"], device);
    assert_eq!(json["keyset"]["claims"]["keys"][0]["use"], "file");
}

#[test]
fn bare_bytes_are_described_like_files() {
    let described = describe(&keyset(|_| ())).expect("structure is right");
    assert_eq!((described.label, described.typ), (None, Typ::Keyset));
    let refusal = Refusal {
        iss: "vendor".into(),
        sub: None,
        iat: NOW,
        device: PublicKey::of(&root()),
        nonce: Nonce([1; 16]),
        number: Refused::KeyStopped as u16,
        challenge: None,
    };
    let described = describe(&refusal.sign(&root())).expect("structure is right");
    assert_eq!(described.json()["claims"]["refusal"], "key_stopped");
}

#[test]
fn what_is_no_artefact_is_refused_and_nothing_panics() {
    assert!(describe(b"").is_err());
    assert!(describe(b"-----BEGIN PRIVATE KEY-----\n").is_err());
    let whole = license();
    for len in 0..whole.len() - 1 {
        assert!(describe(&whole[..len]).is_err(), "{len}");
    }
}

#[test]
fn every_claim_of_the_protocol_has_a_name() {
    let device = Device::new(7);
    for file in [device.asks(1, 4), license()] {
        let described = describe(&file).expect("structure is right");
        let unnamed = described.claims.iter().find(|(name, _)| name.parse::<i64>().is_ok());
        assert_eq!(unnamed, None);
    }
}
