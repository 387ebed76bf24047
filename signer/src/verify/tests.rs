use super::*;
use crate::testing::{Device, NOW, file_key, keyset, root, units};
use leasehold_protocol::keyset::KeyUse;
use leasehold_protocol::lease::{AtExpiry, Grant};
use leasehold_protocol::{ActivationId, Cti, Nonce, SignatureError};

fn lease() -> Lease {
    let device = PublicKey::of(&Device::new(7).0);
    let sub = ActivationId([5; 16]);
    let grant = Grant {
        iss: "vendor".into(),
        sub,
        aud: "aria".into(),
        nbf: NOW,
        iat: NOW,
        cti: Cti::derive(sub, 1),
        device,
        nonce: Nonce([1; 16]),
        units: units(4),
        features: vec![],
        licensee: "example-labs".into(),
        free_upgrade_until: None,
        at_expiry: AtExpiry::Stop,
        seq: 1,
    };
    let renew = (NOW.plus(10), NOW.plus(20));
    Lease { grant, exp: NOW.plus(100), renew, keyset_version: 1, epoch: 1, notices: vec![] }
}

/// A keyset in which the file key is a lease key.
fn lease_keyset() -> Vec<u8> {
    keyset(|key| (key.usage, key.max_term) = (KeyUse::Lease, Some(100)))
}

#[test]
fn a_lease_is_checked_from_root_and_keyset() {
    let (root, keyset) = (PublicKey::of(&root()), lease_keyset());
    let trust = Trust { root: Some(&root), keyset: Some(&keyset) };
    let signed = lease().sign(&file_key());
    let verified = verify(&signed, trust, NOW).expect("good");
    assert_eq!((verified.signer, verified.exp), (Signer::Certified, Some(NOW.plus(100))));
    let ended = NotAccepted::Ended(NOW.plus(100));
    assert_eq!(verify(&signed, trust, NOW.plus(100)), Err(ended.into()));
    let long = Lease { exp: NOW.plus(101), ..lease() }.sign(&file_key());
    assert_eq!(verify(&long, trust, NOW), Err(NotAccepted::TermTooLong { term: 101 }.into()));
    let no_keyset = Trust { keyset: None, ..trust };
    assert_eq!(verify(&signed, no_keyset, NOW), Err(NotVerified::NoKeyset(Typ::Lease)));
    assert_eq!(verify(&signed, Trust::default(), NOW), Err(NotVerified::NoRoot(Typ::Lease)));
    let mut other = lease();
    other.grant.iss = "other".into();
    assert_eq!(verify(&other.sign(&file_key()), trust, NOW), Err(NotAccepted::Other("installation").into()));
}

#[test]
fn a_keyset_is_checked_from_the_root_and_ends() {
    let root = PublicKey::of(&root());
    let trust = Trust { root: Some(&root), keyset: None };
    let file = armour::wrap(Label::Keyset, &lease_keyset());
    assert_eq!(verify(file.as_bytes(), trust, NOW).map(|verified| verified.signer), Ok(Signer::Root));
    let ended = NotAccepted::KeysetExpired(NOW.plus(1_000_000));
    assert_eq!(verify(file.as_bytes(), trust, NOW.plus(1_000_000)), Err(ended.into()));
    let stranger = PublicKey::of(&file_key());
    let trust = Trust { root: Some(&stranger), keyset: None };
    let wrong = VerifyError::Signature(SignatureError::WrongKey);
    assert_eq!(verify(file.as_bytes(), trust, NOW), Err(wrong.into()));
}

#[test]
fn a_request_is_checked_by_the_key_it_carries() {
    let device = Device::new(7);
    let verified = verify(&device.asks(1, 4), Trust::default(), NOW).expect("good");
    assert_eq!(verified.signer, Signer::Device(PublicKey::of(&device.0).device_id()));
    let forged = device.request(1, Some(4)).sign(&Device::new(8).0);
    assert!(matches!(verify(&forged, Trust::default(), NOW), Err(NotVerified::NotAccepted(_))));
}

#[test]
fn armour_around_another_type_is_refused() {
    let request = device_request();
    let file = armour::wrap(Label::Keyset, &request);
    let wrong = FormatError::WrongTyp { expected: Typ::Keyset, found: Typ::Request };
    assert_eq!(verify(file.as_bytes(), Trust::default(), NOW), Err(wrong.into()));
}

fn device_request() -> Vec<u8> {
    let device = Device::new(7);
    device.request(1, Some(4)).sign(&device.0)
}
