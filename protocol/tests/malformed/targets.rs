//! The parsers of outside bytes in `leasehold-protocol`, each as a plain function that must not panic. What is accepted is
//! written again from the typed value and must be the same bytes: the format has one spelling of everything.

use crate::storm::Met;
use ed25519_dalek::Signer;
use leasehold_protocol::accept::open_license;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::cbor::Item;
use leasehold_protocol::check::Check;
use leasehold_protocol::claims::{SKIPPED_BELOW, plain};
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::license::License;
use leasehold_protocol::message::{DeviceMessage, Unverified};
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::writer::Writer;
use leasehold_protocol::{ActivationId, Digest, Kid, PublicKey, SigningKey, Typ, Units, VerifyError};

/// Any deterministic item.
pub fn cbor(bytes: &[u8]) -> Met {
    let read = Item::decode(bytes);
    if let Ok(item) = &read {
        assert_eq!(item.encode(), bytes);
    }
    read.into()
}

/// A whole message: the structure, and its claims as the type it says and as every other.
pub fn envelope(bytes: &[u8]) -> Met {
    let Ok(envelope) = Envelope::parse(bytes) else { return Met::Refused };
    for typ in Typ::ALL {
        let claims = envelope.unverified_claims(*typ);
        assert!(envelope.typ == *typ || claims.is_err(), "a {} read as a {typ}", envelope.typ);
    }
    assert_eq!(Item::decode(bytes).expect("it was read before").encode(), bytes);
    Met::Accepted
}

/// A protected header, inside an envelope.
pub fn header(bytes: &[u8]) -> Met {
    let message = enveloped(bytes, &[0xa0]);
    let Ok(Envelope { typ, kid, keyset, .. }) = Envelope::parse(&message) else { return Met::Refused };
    let again = Writer::new().int(1, -8).bytes(4, &kid.0).text(16, typ.media_type());
    assert_eq!(again.opt_bytes(-65557, keyset.as_deref()).encode(), bytes);
    Met::Accepted
}

/// A licence file judged whole: its header, the keyset in there, its own claims. The public test keys sign it again.
pub fn license_file(bytes: &[u8]) -> Met {
    let Ok(license) = open_license(bytes, &PublicKey::of(&public_test_key("root")), 0) else { return Met::Refused };
    let keyset = Envelope::parse(bytes).expect("it was read before").keyset.expect("it proved the key");
    assert_eq!(license.sign(&public_test_key("file"), &keyset), bytes);
    Met::Accepted
}

/// See `fixtures/keys`.
fn public_test_key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(format!("leasehold public test key: {name}").as_bytes()).0)
}

/// The claims of a message of each type.
pub fn register(payload: &[u8]) -> Met {
    from_device::<Register>(payload)
}

pub fn activate(payload: &[u8]) -> Met {
    from_device::<Activate>(payload)
}

pub fn check(payload: &[u8]) -> Met {
    from_device::<Check>(payload)
}

pub fn release(payload: &[u8]) -> Met {
    from_device::<Release>(payload)
}

pub fn request(payload: &[u8]) -> Met {
    from_device::<Request>(payload)
}

pub fn surrender(payload: &[u8]) -> Met {
    from_device::<Surrender>(payload)
}

pub fn lease(payload: &[u8]) -> Met {
    from_vendor(Typ::Lease, payload, Lease::open, |lease, key| lease.sign(key))
}

pub fn refusal(payload: &[u8]) -> Met {
    from_vendor(Typ::Refusal, payload, Refusal::open, |refusal, key| refusal.sign(key))
}

pub fn receipt(payload: &[u8]) -> Met {
    from_vendor(Typ::Receipt, payload, Receipt::open, |receipt, key| receipt.sign(key))
}

pub fn license(payload: &[u8]) -> Met {
    from_vendor(Typ::License, payload, License::open, |license, key| license.sign(key, KEYSET))
}

pub fn keyset(payload: &[u8]) -> Met {
    let met = from_vendor(Typ::Keyset, payload, Keyset::open, |keyset, key| keyset.sign(key));
    let unverified = Keyset::unverified(&signed(Typ::Keyset, payload));
    assert_eq!(unverified.is_ok(), met == Met::Accepted, "read unverified, it is another one");
    met
}

/// A file of any kind. Line ends and the last newline are the one freedom there is.
pub fn armour(file: &[u8]) -> Met {
    let mut met = Met::Refused;
    for label in Label::ALL {
        let Ok(inside) = armour::unwrap(label, file) else { continue };
        assert_eq!(armour::label_of(file), Some(label));
        let mut lines = std::str::from_utf8(file).expect("ASCII").replace("\r\n", "\n");
        if !lines.ends_with('\n') {
            lines.push('\n');
        }
        assert_eq!(armour::wrap(label, &inside), lines);
        met = Met::Accepted;
    }
    met
}

/// Ids, types, kinds and names, as text.
pub fn text(bytes: &[u8]) -> Met {
    let Ok(text) = std::str::from_utf8(bytes) else { return Met::Refused };
    let lower = text.to_ascii_lowercase();
    let kid = text.parse::<Kid>().map(|id| assert_eq!(id.to_string(), lower)).is_ok();
    let activation = text.parse::<ActivationId>().map(|id| assert_eq!(id.to_string(), lower)).is_ok();
    let digest = text.parse::<Digest>().map(|id| assert_eq!(id.to_string(), lower)).is_ok();
    let typ = Typ::parse(text).map(|typ| assert_eq!(typ.media_type(), text)).is_ok();
    let kind = Units::of(text, 1).map(|units| assert_eq!(units.iter().collect::<Vec<_>>(), [(text, 1)])).is_ok();
    let plain = plain(text).map(|again| assert!(again == text && (1..=128).contains(&text.len()))).is_ok();
    if kid || activation || digest || typ || kind || plain { Met::Accepted } else { Met::Refused }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[0x5a; 32])
}

/// What a licence file carries here; nothing reads it.
const KEYSET: &[u8] = b"a keyset";

fn from_device<M: DeviceMessage>(payload: &[u8]) -> Met {
    let message = signed(M::TYP, payload);
    let Ok(read) = Unverified::<M>::parse(&message) else { return Met::Refused };
    assert_eq!(read.claimed().write().encode(), without_room(payload));
    let _ = read.claimed().device().check();
    Met::Accepted
}

fn from_vendor<T>(
    typ: Typ,
    payload: &[u8],
    open: fn(&[u8], &PublicKey) -> Result<T, VerifyError>,
    sign: fn(&T, &SigningKey) -> Vec<u8>,
) -> Met {
    let Ok(read) = open(&signed(typ, payload), &PublicKey::of(&key())) else { return Met::Refused };
    let again = signed(typ, &without_room(payload));
    assert_eq!(sign(&read, &key()), again);
    Met::Accepted
}

/// A message of this type around these claims, whatever they are.
fn signed(typ: Typ, payload: &[u8]) -> Vec<u8> {
    let kid = PublicKey::of(&key()).kid();
    let header = Writer::new().int(1, -8).bytes(4, &kid.0).text(16, typ.media_type());
    let keyset = Some(KEYSET).filter(|_| typ == Typ::License);
    enveloped(&header.opt_bytes(-65557, keyset).encode(), payload)
}

fn enveloped(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let structure = [Item::text("Signature1"), Item::bytes(protected), Item::bytes(&[]), Item::bytes(payload)];
    let signature = key().sign(&Item::Array(structure.into()).encode()).to_bytes();
    let parts = [Item::bytes(protected), Item::Map(vec![]), Item::bytes(payload), Item::bytes(&signature)];
    Item::Sign1(Box::new(Item::Array(parts.into()))).encode()
}

/// Claims without those that are skipped: the message's own, and those inside a keyset's keys.
fn without_room(payload: &[u8]) -> Vec<u8> {
    let Ok(Item::Map(claims)) = Item::decode(payload) else { panic!("accepted, and no map") };
    let known = |(label, _): &(Item<'_>, Item<'_>)| matches!(label, Item::Int(label) if *label >= SKIPPED_BELOW);
    let mut claims: Vec<_> = claims.into_iter().filter(known).collect();
    for (label, value) in &mut claims {
        let (Item::Int(-65555), Item::Array(keys)) = (&*label, value) else { continue };
        for key in keys {
            let Item::Map(fields) = key else { panic!("a key that is no map") };
            fields.retain(known);
        }
    }
    Item::Map(claims).encode()
}
