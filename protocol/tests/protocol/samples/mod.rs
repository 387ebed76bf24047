//! One message of every type, twice: with every optional claim, and with none. All of them belong to one small story.

mod device;

pub use device::{activate, check, register, release, request, surrender};

use crate::raw::unhex;
use leasehold_protocol::{
    ActivationId, Challenge, Cti, Day, Digest, Nonce, PublicKey, SigningKey, Time, Typ, Units, VerifyError,
    accept::Expected,
    activate::Activate,
    check::Check,
    keyset::{KeyEntry, KeyUse, Keyset},
    lease::{AtExpiry, Grant, Lease},
    license::License,
    message::DeviceMessage,
    receipt::Receipt,
    refusal::{Refusal, Refused},
    register::Register,
    release::Release,
    request::Request,
    surrender::Surrender,
    time::DAY,
};

pub const ISS: &str = "licences.example.com";
pub const AUD: &str = "PAINT-PRO";
pub const CODE: &str = "AB12-CD34-EF56-GH78";
/// 2027-01-15T08:00:00Z.
pub const NOW: Time = Time(1_800_000_000);
pub const ACTIVATION: ActivationId = ActivationId([0xac; 16]);
pub const NONCE: Nonce = Nonce(*b"a nonce, used 1x");

/// Which claims a sample has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    All,
    RequiredOnly,
}

impl Claims {
    /// The optional claim, or not.
    fn opt<T>(self, value: T) -> Option<T> {
        (self == Claims::All).then_some(value)
    }

    fn or_default<T: Default>(self, value: T) -> T {
        self.opt(value).unwrap_or_default()
    }
}

/// A public test key, see `fixtures/keys`.
pub fn key(name: &str) -> SigningKey {
    let seed = match name {
        "root" => include_str!("../../../../fixtures/keys/test-root.hex"),
        "lease" => include_str!("../../../../fixtures/keys/test-lease.hex"),
        "file" => include_str!("../../../../fixtures/keys/test-file.hex"),
        "old" => include_str!("../../../../fixtures/keys/test-old.hex"),
        "device" => include_str!("../../../../fixtures/keys/test-device.hex"),
        "stranger" => include_str!("../../../../fixtures/keys/test-stranger.hex"),
        other => panic!("no test key {other}"),
    };
    let seed = unhex(seed).expect("hex");
    SigningKey::from_bytes(&seed.try_into().expect("32 bytes"))
}

pub fn public(name: &str) -> PublicKey {
    PublicKey::of(&key(name))
}

/// The name of the key that signs messages of this type.
pub fn signer(typ: Typ) -> &'static str {
    match typ {
        Typ::Register | Typ::Activate | Typ::Check | Typ::Release | Typ::Request | Typ::Return => "device",
        Typ::Lease | Typ::Refusal | Typ::Receipt => "lease",
        Typ::License => "file",
        Typ::Keyset => "root",
    }
}

/// The message of this type, signed.
pub fn message(typ: Typ, claims: Claims) -> Vec<u8> {
    let key = key(signer(typ));
    match typ {
        Typ::Register => register(claims).sign(&key),
        Typ::Activate => activate(claims).sign(&key),
        Typ::Check => check(claims).sign(&key),
        Typ::Release => release(claims).sign(&key),
        Typ::Request => request(claims).sign(&key),
        Typ::Return => surrender().sign(&key),
        Typ::Lease => lease(claims).sign(&key),
        Typ::Refusal => refusal(claims).sign(&key),
        Typ::Receipt => receipt().sign(&key),
        Typ::License => license(claims).sign(&key, &keyset(claims).sign(&self::key("root"))),
        Typ::Keyset => keyset(claims).sign(&key),
    }
}

/// Opens a message as `typ` and signs what was read again: the same bytes, if nothing got lost.
pub fn open_and_sign_again(typ: Typ, bytes: &[u8], signer: &SigningKey) -> Result<Vec<u8>, VerifyError> {
    let public = &PublicKey::of(signer);
    Ok(match typ {
        Typ::Register => Register::open(bytes)?.sign(signer),
        Typ::Activate => Activate::open(bytes)?.sign(signer),
        Typ::Check => Check::open(bytes)?.sign(signer),
        Typ::Release => Release::open(bytes)?.sign(signer),
        Typ::Request => Request::open(bytes)?.sign(signer),
        Typ::Return => Surrender::open(bytes)?.sign(signer),
        Typ::Lease => Lease::open(bytes, public)?.sign(signer),
        Typ::Refusal => Refusal::open(bytes, public)?.sign(signer),
        Typ::Receipt => Receipt::open(bytes, public)?.sign(signer),
        Typ::License => License::open(bytes, public)?.sign(signer, &keyset(Claims::All).sign(&key("root"))),
        Typ::Keyset => Keyset::open(bytes, public)?.sign(signer),
    })
}

/// Opens a message as `typ` with the public key given; messages of devices bring their own.
pub fn open(typ: Typ, bytes: &[u8], key: &PublicKey) -> Result<(), VerifyError> {
    match typ {
        Typ::Register => Register::open(bytes).map(drop),
        Typ::Activate => Activate::open(bytes).map(drop),
        Typ::Check => Check::open(bytes).map(drop),
        Typ::Release => Release::open(bytes).map(drop),
        Typ::Request => Request::open(bytes).map(drop),
        Typ::Return => Surrender::open(bytes).map(drop),
        Typ::Lease => Lease::open(bytes, key).map(drop),
        Typ::Refusal => Refusal::open(bytes, key).map(drop),
        Typ::Receipt => Receipt::open(bytes, key).map(drop),
        Typ::License => License::open(bytes, key).map(drop),
        Typ::Keyset => Keyset::open(bytes, key).map(drop),
    }
}

fn units(count: u32) -> Units {
    Units::of("channel", count).expect("possible")
}

fn grant(claims: Claims, seq: u32) -> Grant {
    Grant {
        iss: ISS.into(),
        sub: ACTIVATION,
        aud: AUD.into(),
        nbf: NOW,
        iat: NOW,
        cti: Cti::derive(ACTIVATION, seq),
        device: public("device"),
        nonce: NONCE,
        units: units(4),
        features: claims.or_default(vec!["export-pdf".into(), "layers".into()]),
        licensee: "Example Studio".into(),
        free_upgrade_until: claims.opt(Day(21_000)),
        at_expiry: AtExpiry::Restrict,
        seq,
    }
}

pub fn lease(claims: Claims) -> Lease {
    Lease {
        grant: grant(claims, 7),
        exp: NOW.plus(14 * DAY),
        renew: (NOW.plus(DAY), NOW.plus(DAY + 6 * 3600)),
        keyset_version: 3,
        epoch: 0,
        notices: claims.or_default(vec!["maintenance_ends_soon".into()]),
    }
}

pub fn refusal(claims: Claims) -> Refusal {
    Refusal {
        iss: ISS.into(),
        sub: claims.opt(ACTIVATION),
        iat: NOW,
        device: public("device"),
        nonce: NONCE,
        number: Refused::Resync as u16,
        challenge: claims.opt(Challenge([0xc4; 32])),
    }
}

pub fn receipt() -> Receipt {
    Receipt {
        iss: ISS.into(),
        sub: ACTIVATION,
        iat: NOW,
        device: public("device"),
        nonce: NONCE,
        held: Cti::derive(ACTIVATION, 7),
    }
}

pub fn license(claims: Claims) -> License {
    License {
        grant: grant(claims, 1),
        exp: claims.opt(NOW.plus(365 * DAY)),
        request: Digest::of(&message(Typ::Request, claims)),
        replaces: claims.opt(Cti([0x0e; 16])),
    }
}

/// A key that signs from 30 days before [`NOW`] to two years after.
pub fn entry(name: &str, usage: KeyUse) -> KeyEntry {
    let (nbf, exp) = (NOW.plus(-30 * DAY), NOW.plus(730 * DAY));
    KeyEntry { public: public(name), usage, nbf, exp, max_term: None, revoked: false }
}

pub fn keyset(claims: Claims) -> Keyset {
    let mut keys = vec![entry("lease", KeyUse::Lease), entry("file", KeyUse::File)];
    if claims == Claims::All {
        keys[0].max_term = Some(31 * DAY);
        keys.push(KeyEntry { revoked: true, ..entry("old", KeyUse::Lease) });
    }
    Keyset { iss: ISS.into(), version: 3, iat: NOW.plus(-DAY), exp: NOW.plus(700 * DAY), keys }
}

/// What the device of the story waits for.
pub fn expected(device: &PublicKey) -> Expected<'_> {
    Expected { iss: ISS, aud: AUD, device, nonce: NONCE, seq: Some(6) }
}
