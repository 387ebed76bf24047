//! Well-formed messages whose signature or key a strict check refuses (RFC 8032, section 5.1.7, and no small-order points).

use super::{Vector, raw, signed};
use crate::raw::{Raw, bstr, tstr};
use crate::samples::{key, public};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::Signer;
use leasehold_protocol::{PublicKey, Typ, cbor::Item};
use sha2::{Digest, Sha512};

const TYP: Typ = Typ::Receipt;
/// The order of the base point, 2^252 + 27742317777372353535851937790883648493, little end first.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn vectors() -> Vec<Vector> {
    [flipped(), forged(), weak()].into_iter().flatten().collect()
}

fn vector(name: &str, expect: &str, raw: &Raw, comment: &str) -> Vector {
    Vector::new(format!("signature-{name}"), expect, TYP, &raw.encode()).comment(comment)
}

fn good() -> Raw {
    raw(TYP).signed(&key("lease"))
}

/// Sig_structure with a context and external data of choice.
fn structure(raw: &Raw, context: &str, external: &[u8]) -> Vec<u8> {
    [vec![0x84], tstr(context), bstr(&raw.protected), bstr(external), bstr(&raw.payload)].concat()
}

fn flipped() -> Vec<Vector> {
    let good = good();
    let flip = |name: &str, expect: &str, edit: &dyn Fn(&mut Raw), comment: &str| {
        let mut raw = good.clone();
        edit(&mut raw);
        vector(name, expect, &raw, comment)
    };
    let license = signed(Typ::License, raw(Typ::License));
    let mut header = Raw::of(&license);
    *header.protected.last_mut().expect("a keyset ends it") ^= 1;
    let in_iss = good.payload.iter().position(|byte| *byte == b'x').expect("an x in the installation's name");
    vec![
        flip("payload-bit", "signature", &|raw| raw.payload[in_iss] ^= 1, "one bit of the payload"),
        flip("payload-last-bit", "signature", &|raw| *raw.payload.last_mut().expect("bytes") ^= 0x80, "its last bit"),
        Vector::new("signature-header-bit", "signature", Typ::License, &header.encode())
            .comment("one bit of the protected header, in the keyset a licence file carries"),
        flip("kid-bit", "wrong-key", &|raw| raw.protected[5] ^= 1, "one bit of the key id"),
        flip("r-bit", "signature", &|raw| raw.signature[0] ^= 1, "one bit of R"),
        flip("s-bit", "signature", &|raw| raw.signature[32] ^= 1, "one bit of s"),
        flip("s-top-bit", "signature", &|raw| raw.signature[63] ^= 0x80, "the top bit of s"),
        flip("zero", "signature", &|raw| raw.signature = vec![0; 64], "all bytes zero"),
        flip("ones", "signature", &|raw| raw.signature = vec![0xff; 64], "all bytes 255"),
        flip(
            "s-plus-l",
            "signature",
            &|raw| add_l(&mut raw.signature[32..]),
            "s + L: a second signature of the same bytes",
        ),
        flip("halves-swapped", "signature", &|raw| raw.signature.rotate_left(32), "s before R"),
    ]
}

fn add_l(s: &mut [u8]) {
    let mut carry = 0;
    for (byte, add) in s.iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
}

fn forged() -> Vec<Vector> {
    let signed_over = |bytes: &[u8]| Raw { signature: key("lease").sign(bytes).to_bytes().to_vec(), ..raw(TYP) };
    let raw = raw(TYP);
    let other = super::raw(Typ::Refusal).signed(&key("lease"));
    vec![
        vector(
            "stranger",
            "signature",
            &raw.clone().signed(&key("stranger")),
            "signed by another key than the one named",
        ),
        vector(
            "stranger-named",
            "wrong-key",
            &{
                let kid = Item::Bytes(public("stranger").kid().0.to_vec().into());
                raw.clone().with_header(raw.header().with(4, kid)).signed(&key("stranger"))
            },
            "signed by another key, and named so",
        ),
        vector("other-message", "signature", &Raw { signature: other.signature, ..raw.clone() }, "of another message"),
        vector("payload-alone", "signature", &signed_over(&raw.payload), "over the payload alone"),
        vector("context", "signature", &signed_over(&structure(&raw, "Signature", &[])), "COSE_Sign's context"),
        vector("external-data", "signature", &signed_over(&structure(&raw, "Signature1", b"x")), "with external data"),
        Vector::new(
            "signature-device-other-key",
            "signature",
            Typ::Check,
            &super::raw(Typ::Check).signed(&key("stranger")).encode(),
        )
        .comment("a device's message signed by another key than it carries"),
    ]
}

/// Points of small order and second spellings of points: what lax checks accept.
fn weak() -> Vec<Vector> {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut identity_again = [0xff; 32]; // y = p + 1
    (identity_again[0], identity_again[31]) = (0xee, 0x7f);
    let order_8 = curve25519_dalek::constants::EIGHT_TORSION[1].compress().to_bytes();
    let mut second_spelling = [0xff; 32]; // y = p + 3, on the curve and not of small order
    (second_spelling[0], second_spelling[31]) = (0xf0, 0x7f);
    let mut not_on_curve = [0; 32];
    not_on_curve[0] = 2;
    vec![
        vector("small-r", "signature", &with_r(identity), "R is the identity and the equation holds"),
        vector("small-r-again", "signature", &with_r(identity_again), "R is a second spelling of the identity"),
        weak_device("weak-key", identity, "the key is the identity: every signature sB, s fits"),
        weak_device("weak-key-order-8", order_8, "the key is a point of order 8"),
        weak_device("weak-key-again", identity_again, "the key is a second spelling of the identity"),
        weak_device("non-canonical-key", second_spelling, "the key is a second spelling of a sound point"),
        weak_device("undecodable-key", not_on_curve, "the key is no point"),
    ]
}

/// A signature with r = 0, written as `r`: s = k a makes sB = R + kA true.
fn with_r(r: [u8; 32]) -> Raw {
    let raw = raw(TYP);
    let message = structure(&raw, "Signature1", &[]);
    let hash = Sha512::new().chain_update(r).chain_update(public("lease").0).chain_update(message).finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let s = k * key("lease").to_scalar();
    Raw { signature: [r, s.to_bytes()].concat(), ..raw }
}

/// A check whose device key is `x`, signed with s = 5 and R = 5B, which fits a key that vanishes.
fn weak_device(name: &str, x: [u8; 32], comment: &str) -> Vector {
    let whole = raw(Typ::Check);
    let field = |label, value| (Item::Int(label), value);
    let cose_key = vec![field(1, Item::Int(1)), field(-1, Item::Int(6)), field(-2, Item::Bytes(x.to_vec().into()))];
    let cnf = Item::map(vec![field(1, Item::map(cose_key))]);
    let kid = Item::Bytes(PublicKey(x).kid().0.to_vec().into());
    let raw = whole.clone().with_claims(whole.claims().with(8, cnf)).with_header(whole.header().with(4, kid));
    let s = Scalar::from(5_u8);
    let r = EdwardsPoint::mul_base(&s).compress().to_bytes();
    let raw = Raw { signature: [r, s.to_bytes()].concat(), ..raw };
    Vector::new(format!("signature-{name}"), "weak-key", Typ::Check, &raw.encode()).comment(comment)
}
