//! Doubles for this crate's tests: a device, a vendor's keys, and a disk that fails and loses power.

use crate::allotment::{Allotment, End};
use crate::signer::FileSigner;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::license::License;
use leasehold_protocol::message::{DeviceMessage, Host, Sender};
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{Nonce, PublicKey, SigningKey, Time, Units};

mod faulty;
pub use faulty::{After, Fault, FaultyDisk};

pub const NOW: Time = Time(1_800_000_000);

pub fn units(count: u32) -> Units {
    Units::of("endpoint", count).expect("good kind")
}

pub fn root() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

pub fn file_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// The file key's keyset, changed by `change`, signed by the root key.
pub fn keyset(change: impl FnOnce(&mut KeyEntry)) -> Vec<u8> {
    let public = PublicKey::of(&file_key());
    let mut key =
        KeyEntry { public, usage: KeyUse::File, nbf: NOW, exp: NOW.plus(1_000_000), max_term: None, revoked: false };
    change(&mut key);
    Keyset { iss: "vendor".into(), version: 1, iat: NOW, exp: NOW.plus(1_000_000), keys: vec![key] }.sign(&root())
}

pub fn signer() -> FileSigner {
    FileSigner::new(file_key(), keyset(|_| ()), Some(&PublicKey::of(&root()))).expect("certified")
}

pub fn allotment(count: u32) -> Allotment {
    Allotment {
        grant: "north-1".into(),
        iss: "vendor".into(),
        code: "ABCD-EFGH-JKLM-NPQR".into(),
        product: "aria".into(),
        licensee: "example-labs".into(),
        features: vec!["failover".into()],
        at_expiry: AtExpiry::Restrict,
        exp: End::Perpetual,
        free_upgrade_until: None,
        expires: None,
        units: units(count),
    }
}

/// A device without a network.
pub struct Device(pub SigningKey);

impl Device {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub fn request(&self, nonce: u8, wanted: Option<u32>) -> Request {
        Request {
            iss: Some("vendor".into()),
            code: "ABCD-EFGH-JKLM-NPQR".into(),
            device_name: Some("gate 4".into()),
            wanted: wanted.map(units),
            replaces: None,
            sender: self.sender(nonce),
            host: Host { version: "8.1".into(), ..Host::default() },
        }
    }

    /// A request file.
    pub fn asks(&self, nonce: u8, wanted: u32) -> Vec<u8> {
        self.file(&self.request(nonce, Some(wanted)))
    }

    pub fn file(&self, request: &Request) -> Vec<u8> {
        armour::wrap(Label::Request, &request.sign(&self.0)).into_bytes()
    }

    /// A return file.
    pub fn gives_back(&self, license: &License) -> Vec<u8> {
        let grant = &license.grant;
        let (iss, sub, held) = (grant.iss.clone(), grant.sub, grant.cti);
        let surrender = Surrender { iss, sub, held, sender: self.sender(200) };
        armour::wrap(Label::Return, &surrender.sign(&self.0)).into_bytes()
    }

    fn sender(&self, nonce: u8) -> Sender {
        Sender { aud: "aria".into(), iat: NOW, device: PublicKey::of(&self.0), nonce: Nonce([nonce; 16]) }
    }
}

/// The licence in COSE bytes, proved from the root key alone, as a device does.
pub fn open(signed: &[u8]) -> License {
    leasehold_protocol::accept::open_license(signed, &PublicKey::of(&root()), 1).expect("a device accepts it")
}

/// The licence in the text of a `.lic` file.
pub fn open_file(text: &[u8]) -> License {
    open(&armour::unwrap(Label::License, text).expect("armour"))
}
