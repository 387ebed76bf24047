//! R7: what a device sends back as its lease is a lease, of this installation, by a key for leases; nothing else the same key
//! ever signed.

use ed25519_dalek::Signer;
use leasehold::clock::Clock;
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, Keyring};
use leasehold_protocol::cbor::Item;
use leasehold_protocol::lease::{AtExpiry, Grant, Lease};
use leasehold_protocol::license::License;
use leasehold_protocol::writer::Writer;
use leasehold_protocol::{ActivationId, Cti, Digest, Nonce, PublicKey, SigningKey, Time, Typ, Units};

const NOW: Time = Time(1_800_000_000);
const ISS: &str = "vendor.test";

fn keyring() -> Keyring {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = Plan { data: folder.path(), iss: ISS, vendor: "Vendor", passphrase: None, demo_root: true };
    init(&plan, Clock::Fixed(NOW)).expect("keys");
    Keyring::read(&folder.path().join(FOLDER), ISS, None, NOW).expect("certified keys")
}

fn grant(iss: &str) -> Grant {
    let sub = ActivationId([7; 16]);
    Grant {
        iss: iss.into(),
        sub,
        aud: "PAINT-PRO".into(),
        nbf: NOW,
        iat: NOW,
        cti: Cti::derive(sub, 1),
        device: PublicKey::of(&SigningKey::from_bytes(&[4; 32])),
        nonce: Nonce([5; 16]),
        units: Units::of("channel", 4).expect("a good kind"),
        features: vec![],
        licensee: "Example Studio".into(),
        free_upgrade_until: None,
        at_expiry: AtExpiry::Stop,
        seq: 1,
    }
}

fn lease(iss: &str, key: &SigningKey) -> Vec<u8> {
    let (exp, renew) = (NOW.plus(100_000), (NOW.plus(40_000), NOW.plus(50_000)));
    Lease { grant: grant(iss), exp, renew, keyset_version: 1, epoch: 1, notices: vec![] }.sign(key)
}

/// The claims of a lease under the type given, correctly signed.
fn lease_as(typ: Typ, key: &SigningKey) -> Vec<u8> {
    let good = lease(ISS, key);
    let Ok(Item::Sign1(inner)) = Item::decode(&good) else { panic!("a message") };
    let Item::Array(parts) = *inner else { panic!("four parts") };
    let Item::Bytes(payload) = &parts[2] else { panic!("a payload") };
    let kid = PublicKey::of(key).kid();
    let header = Writer::new().int(1, -8).bytes(4, &kid.0).text(16, typ.media_type());
    let header = header.opt_bytes(-65557, Some(&b"keyset"[..]).filter(|_| typ == Typ::License)).encode();
    let structure = [Item::text("Signature1"), Item::bytes(&header), Item::bytes(&[]), Item::bytes(payload)];
    let signature = key.sign(&Item::Array(structure.into()).encode()).to_bytes();
    let parts = [Item::bytes(&header), Item::Map(vec![]), Item::bytes(payload), Item::bytes(&signature)];
    Item::Sign1(Box::new(Item::Array(parts.into()))).encode()
}

#[test]
fn r7_only_a_lease_of_this_installation_is_taken_for_a_held_lease() {
    let keyring = keyring();
    let key = keyring.lease_key();
    for typ in Typ::ALL {
        let taken = keyring.open_held(&lease_as(*typ, key)).is_some();
        assert_eq!(taken, *typ == Typ::Lease, "a lease's claims as {typ}");
    }
    let license = License { grant: grant(ISS), exp: None, request: Digest([1; 32]), replaces: None };
    let by_the_file_key = keyring.sign_license(&license).expect("certified");
    let refused = [
        ("a licence file by the file key", by_the_file_key),
        ("a licence file by the lease key", license.sign(key, keyring.keyset_bytes())),
        ("the keyset", keyring.keyset_bytes().to_vec()),
        ("another installation's lease", lease("other.test", key)),
        ("a lease by a key nobody certified", lease(ISS, &SigningKey::from_bytes(&[9; 32]))),
        ("a lease with a byte behind it", [&lease(ISS, key)[..], &[0]].concat()),
        ("nothing", vec![]),
    ];
    for (what, bytes) in refused {
        assert!(keyring.open_held(&bytes).is_none(), "{what}");
    }
}
