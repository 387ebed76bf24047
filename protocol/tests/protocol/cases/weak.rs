//! Points of small order, second spellings of points, and keys with a part of small order: what lax checks take.

use super::points::{full_order_again, mixed, no_points, small_order, small_order_again, universal, with_r};
use super::signature::structure;
use super::{Vector, raw};
use crate::raw::Raw;
use crate::samples::key;
use curve25519_dalek::{EdwardsPoint, constants::EIGHT_TORSION, traits::IsIdentity};
use leasehold_protocol::{PublicKey, Typ, cbor::Item};

const TYP: Typ = Typ::Receipt;

pub fn vectors() -> Vec<Vector> {
    [commitments(), keys(), parts()].into_iter().flatten().collect()
}

/// What the spellings of points of small order are called, in the order [`small_order`] and [`small_order_again`] have them.
const NAMES: [&str; 8] =
    ["identity", "order-8", "order-4", "order-8-other", "order-2", "order-8-third", "order-4-other", "order-8-fourth"];
const NAMES_AGAIN: [&str; 6] = [
    "order-4-second-spelling",
    "order-4-other-second-spelling",
    "identity-second-spelling",
    "identity-third-spelling",
    "identity-minus-zero",
    "order-2-minus-zero",
];

fn named() -> Vec<(&'static str, [u8; 32])> {
    let points = NAMES.into_iter().zip(small_order());
    points.chain(NAMES_AGAIN.into_iter().zip(small_order_again())).collect()
}

/// R of small order, and the s that makes sB = kA true.
fn commitments() -> Vec<Vector> {
    let message = structure(&raw(TYP), "Signature1", &[]);
    let with = |name: &str, r, comment: &str| {
        let signature = with_r(&key("lease"), r, &message).to_vec();
        let raw = Raw { signature, ..raw(TYP) };
        Vector::new(format!("signature-r-{name}"), "signature", TYP, &raw.encode()).comment(comment)
    };
    let small = named()
        .into_iter()
        .map(|(name, r)| with(name, r, &format!("R is a point of small order, {name}, and sB = kA")));
    let again = with("second-spelling", full_order_again()[0], "R is a second spelling of a point of full order");
    small.chain([again]).collect()
}

/// Keys that are no keys, in a device's message; the signature sB, s fits a key that vanishes.
fn keys() -> Vec<Vector> {
    let small =
        named().into_iter().map(|(name, x)| device(name, x, &format!("the key is a point of small order, {name}")));
    let more = [
        device("second-spelling", full_order_again()[0], "the key is a second spelling of a sound point"),
        device("second-spelling-negative", full_order_again()[1], "the same with the other sign"),
        device("no-point", no_points()[0], "the key is no point"),
    ];
    small.chain(more).collect()
}

/// A check by the device with the key `x`, not signed yet.
fn by(x: [u8; 32]) -> Raw {
    let whole = raw(Typ::Check);
    let field = |label, value| (Item::Int(label), value);
    let cose_key = vec![field(1, Item::Int(1)), field(-1, Item::Int(6)), field(-2, Item::Bytes(x.to_vec().into()))];
    let cnf = Item::map(vec![field(1, Item::map(cose_key))]);
    let kid = Item::Bytes(PublicKey(x).kid().0.to_vec().into());
    whole.clone().with_claims(whole.claims().with(8, cnf)).with_header(whole.header().with(4, kid))
}

fn device(name: &str, x: [u8; 32], comment: &str) -> Vector {
    let raw = Raw { signature: universal().to_vec(), ..by(x) };
    Vector::new(format!("signature-key-{name}"), "weak-key", Typ::Check, &raw.encode()).comment(comment)
}

/// Keys A + T with T of order 8: legal, and judged by the equation without the cofactor.
fn parts() -> Vec<Vector> {
    let torsion = EIGHT_TORSION[1];
    let vanishes = |k: curve25519_dalek::Scalar| (k * torsion).is_identity();
    let x = (EdwardsPoint::mul_base(&key("device").to_scalar()) + torsion).compress().to_bytes();
    let message = structure(&by(x), "Signature1", &[]);
    let check = |name: &str, expect: &str, signature: [u8; 64], comment: &str| {
        let raw = Raw { signature: signature.to_vec(), ..by(x) };
        Vector::new(format!("signature-{name}"), expect, Typ::Check, &raw.encode()).comment(comment)
    };
    let none = |_| EdwardsPoint::default();
    let (_, fits) = mixed(&key("device"), torsion, &message, none, vanishes);
    let (_, misses) = mixed(&key("device"), torsion, &message, none, |k| !vanishes(k));
    let lease = structure(&raw(TYP), "Signature1", &[]);
    let (_, mixed_r) = mixed(&key("lease"), EdwardsPoint::default(), &lease, |_| torsion, |_| true);
    let receipt = Raw { signature: mixed_r.to_vec(), ..raw(TYP) };
    vec![
        check(
            "mixed-key",
            "accepted",
            fits,
            "a key with a part of order 8; k is a multiple of 8, so the equation holds",
        ),
        check(
            "mixed-key-cofactor",
            "signature",
            misses,
            "the same key; true only where both sides are multiplied by 8",
        ),
        Vector::new("signature-mixed-r", "signature", TYP, &receipt.encode())
            .comment("R with a part of order 8; true only where both sides are multiplied by 8"),
    ]
}
