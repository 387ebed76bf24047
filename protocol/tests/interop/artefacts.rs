//! One artefact of each type the vendor signs, and fakes of them.

use ed25519_dalek::Signer;
use leasehold_protocol::accept::open_license;
use leasehold_protocol::armour;
use leasehold_protocol::cbor::Item;
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::lease::{AtExpiry, Grant, Lease};
use leasehold_protocol::license::License;
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Cti, Day, Digest, Nonce, PublicKey, Refused, SigningKey, Time, Units};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub const NOW: Time = Time(1_750_000_000);
pub const ROOT: [u8; 32] = [1; 32];
pub const LEASE: [u8; 32] = [2; 32];
pub const FILE: [u8; 32] = [3; 32];
pub const DEVICE: [u8; 32] = [7; 32];
pub const STRANGER: [u8; 32] = [5; 32];
const REVOKED: [u8; 32] = [4; 32];

/// Writes the folder that `verify.py` describes.
pub fn write(folder: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(folder); // absent at the first run
    fs::create_dir_all(folder.join("fakes")).expect("a folder for the artefacts");
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("an artefact is written");

    let root = PublicKey::of(&signing(ROOT));
    let (keyset, license) = (keyset().sign(&signing(ROOT)), license());
    let signed_license = license.sign(&signing(FILE), &keyset);
    assert_eq!(open_license(&signed_license, &root, 0), Ok(license));
    write("root.pub", root.to_string().as_bytes());
    write("keyset.cose", &keyset);
    write("lease.cose", &lease(NOW).sign(&signing(LEASE)));
    write("license.lic", armour::wrap(armour::Label::License, &signed_license).as_bytes());
    write("refusal.cose", &refusal().sign(&signing(LEASE)));
    write("receipt.cose", &receipt().sign(&signing(LEASE)));
    for (name, bytes) in fakes() {
        write(&format!("fakes/{name}.cose"), &bytes);
    }
    folder.to_owned()
}

fn fakes() -> Vec<(&'static str, Vec<u8>)> {
    let (keyset, lease, license) = (keyset(), lease(NOW), license());
    let signed_keyset = keyset.sign(&signing(ROOT));
    let signed_lease = lease.sign(&signing(LEASE));
    let changed = |change: fn(&mut Lease)| {
        let mut lease = lease.clone();
        change(&mut lease);
        lease.sign(&signing(LEASE))
    };
    let mut capped = keyset.clone();
    capped.keys.iter_mut().for_each(|key| key.max_term = Some(399 * DAY));
    let capped = capped.sign(&signing(ROOT));
    let endless = License { exp: None, ..license.clone() };
    vec![
        ("keyset-other_root", keyset.sign(&signing(STRANGER))),
        ("keyset-flipped", flipped(&signed_keyset)),
        ("lease-flipped", flipped(&signed_lease)),
        ("lease-key_not_in_keyset", lease.sign(&signing(STRANGER))),
        ("lease-wrong_key_under_the_right_id", forged(&signed_lease)),
        ("lease-root_key", lease.sign(&signing(ROOT))),
        ("lease-file_key", lease.sign(&signing(FILE))),
        ("lease-revoked_key", lease.sign(&signing(REVOKED))),
        ("lease-of_15_days", changed(|lease| lease.exp = NOW.plus(15 * DAY))),
        ("lease-before_its_key", self::lease(NOW.plus(-31 * DAY)).sign(&signing(LEASE))),
        ("lease-other_installation", changed(|lease| lease.grant.iss = "other.example".into())),
        ("lease-is_a_refusal", refusal().sign(&signing(LEASE))),
        ("lease-untagged", signed_lease[1..].to_vec()),
        ("lease-unprotected_header", with_unprotected(&signed_lease, 99, 1)),
        ("refusal-file_key", refusal().sign(&signing(FILE))),
        ("receipt-key_not_in_keyset", receipt().sign(&signing(STRANGER))),
        ("license-flipped", flipped(&license.sign(&signing(FILE), &signed_keyset))),
        ("license-lease_key", license.sign(&signing(LEASE), &signed_keyset)),
        ("license-of_400_days_where_399_are_allowed", license.sign(&signing(FILE), &capped)),
        ("license-without_end_where_399_days_are_allowed", endless.sign(&signing(FILE), &capped)),
        ("license-own_root", license.sign(&signing(FILE), &keyset.sign(&signing(STRANGER)))),
    ]
}

/// One bit changed near the end of the claims, 16 bytes before the signature.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bytes.len() - 82] ^= 1;
    flipped
}

fn parts(signed: &[u8]) -> Vec<Item<'_>> {
    let Ok(Item::Sign1(inner)) = Item::decode(signed) else { panic!("a COSE_Sign1 was expected") };
    let Item::Array(parts) = *inner else { panic!("an array was expected") };
    parts
}

/// The same message with something beside it that no signature covers.
fn with_unprotected(signed: &[u8], label: i64, value: i64) -> Vec<u8> {
    let mut parts = parts(signed);
    parts[1] = Item::map(vec![(Item::Int(label), Item::Int(value))]);
    Item::Sign1(Box::new(Item::Array(parts))).encode()
}

/// The same header and claims, signed by a stranger under the right key id.
fn forged(signed: &[u8]) -> Vec<u8> {
    let mut parts = parts(signed);
    let (Item::Bytes(protected), Item::Bytes(payload)) = (&parts[0], &parts[2]) else {
        panic!("byte strings expected")
    };
    let signature = signing(STRANGER).sign(&to_be_signed(protected, payload)).to_bytes();
    parts[3] = Item::bytes(&signature);
    Item::Sign1(Box::new(Item::Array(parts))).encode()
}

/// Sig_structure (RFC 9052, section 4.4), made here anew.
pub fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let parts = [Item::text("Signature1"), Item::bytes(protected), Item::bytes(&[]), Item::bytes(payload)];
    Item::Array(parts.into()).encode()
}

pub fn signing(seed: [u8; 32]) -> SigningKey {
    SigningKey::from_bytes(&seed)
}

pub fn units(counts: &[(&str, u32)]) -> Units {
    let counts: BTreeMap<String, u32> = counts.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    Units::try_from(counts).expect("good units")
}

pub fn keyset() -> Keyset {
    let entry = |seed, usage, max_term, revoked| KeyEntry {
        public: PublicKey::of(&signing(seed)),
        usage,
        nbf: NOW.plus(-30 * DAY),
        exp: Time(4_000_000_000),
        max_term,
        revoked,
    };
    let keys = vec![
        entry(LEASE, KeyUse::Lease, Some(14 * DAY), false),
        entry(FILE, KeyUse::File, None, false),
        entry(REVOKED, KeyUse::Lease, Some(14 * DAY), true),
    ];
    Keyset { iss: "demo.example".into(), version: 3, iat: NOW, exp: Time(4_000_000_000), keys }
}

fn grant(iat: Time) -> Grant {
    let sub = ActivationId([0x11; 16]);
    Grant {
        iss: "demo.example".into(),
        sub,
        aud: "backup-suite".into(),
        nbf: iat,
        iat,
        cti: Cti::derive(sub, 1),
        device: PublicKey::of(&signing(DEVICE)),
        nonce: Nonce([0x55; 16]),
        units: units(&[("OBM", 24), ("ACB", 3)]),
        features: vec!["compression".into(), "sso".into()],
        licensee: "Example-Ltd".into(),
        free_upgrade_until: Some(Day(21_000)),
        at_expiry: AtExpiry::Restrict,
        seq: 1,
    }
}

/// A lease of 14 days.
pub fn lease(iat: Time) -> Lease {
    let renew = (iat.plus(DAY), iat.plus(DAY + 21_600));
    Lease {
        grant: grant(iat),
        exp: iat.plus(14 * DAY),
        renew,
        keyset_version: 3,
        epoch: 1,
        notices: vec!["quota_low".into()],
    }
}

fn license() -> License {
    License {
        grant: grant(NOW),
        exp: Some(NOW.plus(400 * DAY)),
        request: Digest([0x66; 32]),
        replaces: Some(Cti([0x77; 16])),
    }
}

fn refusal() -> Refusal {
    Refusal {
        iss: "demo.example".into(),
        sub: Some(ActivationId([0x11; 16])),
        iat: NOW,
        device: PublicKey::of(&signing(DEVICE)),
        nonce: Nonce([0x55; 16]),
        number: Refused::KeyStopped as u16,
        challenge: None,
    }
}

pub fn receipt() -> Receipt {
    let device = PublicKey::of(&signing(DEVICE));
    let held = Cti([0x22; 16]);
    Receipt {
        iss: "demo.example".into(),
        sub: ActivationId([0x11; 16]),
        iat: NOW,
        device,
        nonce: Nonce([0x55; 16]),
        held,
    }
}
