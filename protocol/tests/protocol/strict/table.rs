//! Cases made by hand, one row each with its verdict: what RFC 8032 leaves open, decided. The equation is the one without
//! the cofactor, so that every strict check in the world says the same.

use super::verdict;
use crate::cases::points::{
    around_l, challenge, full_order_again, mixed, no_points, plus_l, small_order, small_order_again, universal, with_r,
};
use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION, traits::IsIdentity};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use leasehold_protocol::{PublicKey, SignatureError, SigningKey};

const MESSAGE: &[u8] = b"Leasehold, one purpose a message";
const ACCEPTED: Result<(), SignatureError> = Ok(());
const INVALID: Result<(), SignatureError> = Err(SignatureError::Invalid);
const WEAK: Result<(), SignatureError> = Err(SignatureError::WeakKey);

/// A case: its name, key, signature of [`MESSAGE`], and verdict.
type Row = (String, [u8; 32], [u8; 64], Result<(), SignatureError>);

fn row(name: &str, key: [u8; 32], signature: [u8; 64], verdict: Result<(), SignatureError>) -> Row {
    (name.to_owned(), key, signature, verdict)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[0x42; 32])
}

/// A key that is no good is refused whatever it is said to have signed.
fn keys() -> Vec<Row> {
    let kinds = [
        ("the key is of small order", small_order(), 8),
        ("the key is a second spelling of a point of small order", small_order_again(), 6),
        ("the key is a second spelling of a point of full order", full_order_again(), 20),
        ("the key is no point", no_points(), 2),
    ];
    let rows = kinds.into_iter().flat_map(|(name, keys, count)| {
        assert_eq!(keys.len(), count, "{name}");
        keys.into_iter().map(move |key| row(name, key, universal(), WEAK))
    });
    rows.collect()
}

/// R likewise; the holder of the key made s, so that a check with the cofactor lets them through.
fn commitments() -> Vec<Row> {
    let kinds = [
        ("R is of small order", small_order()),
        ("R is a second spelling of a point of small order", small_order_again()),
        ("R is a second spelling of a point of full order", full_order_again()),
        ("R is no point", no_points()),
    ];
    let rows = kinds.into_iter().flat_map(|(name, points)| {
        points.into_iter().map(move |r| row(name, PublicKey::of(&key()).0, with_r(&key(), r, MESSAGE), INVALID))
    });
    rows.collect()
}

/// s is below L in its one spelling.
fn scalars() -> Vec<Row> {
    let (public, good) = (PublicKey::of(&key()).0, key().sign(MESSAGE).to_bytes());
    let mut rows = vec![row("as it was signed", public, good, ACCEPTED)];
    let larger = (1..16).filter_map(|times| Some((times, plus_l(&good, times)?)));
    rows.extend(larger.map(|(times, signature)| row(&format!("s + {times} L"), public, signature, INVALID)));
    assert_eq!(rows.len(), 16, "s + 15 L fits 256 bits for an s below 2^252");
    let r = [&good[..32]].concat().try_into().expect("32 bytes");
    rows.extend(around_l(r).map(|(name, signature)| row(&format!("s = {name}"), public, signature, INVALID)));
    for bit in 253..256 {
        let mut signature = good;
        signature[bit / 8 + 32] |= 1 << (bit % 8);
        rows.push(row(&format!("s with bit {bit} set"), public, signature, INVALID));
    }
    let mut zero = good;
    zero[32..].fill(0);
    rows.push(row("s = 0", public, zero, INVALID));
    rows
}

/// Points with a part of small order are legal; what decides is the equation without the cofactor. Such a key harms only
/// its owner: nobody else can make one, for it takes a.
fn parts_of_small_order() -> Vec<Row> {
    let mut rows = Vec::new();
    for (order, torsion) in [(8, EIGHT_TORSION[1]), (4, EIGHT_TORSION[2]), (2, EIGHT_TORSION[4])] {
        let vanishes = move |k: Scalar| (k * torsion).is_identity();
        let name = |what: &str| format!("key with a part of order {order}, {what}");
        let (public, fits) = mixed(&key(), torsion, MESSAGE, |_| EdwardsPoint::default(), vanishes);
        rows.push(row(&name("k makes it vanish"), public, fits, ACCEPTED));
        let (public, misses) = mixed(&key(), torsion, MESSAGE, |_| EdwardsPoint::default(), |k| !vanishes(k));
        rows.push(row(&name("and it stays: true with the cofactor alone"), public, misses, INVALID));
        let (public, cancels) = mixed(&key(), torsion, MESSAGE, |k| -(k * torsion), |k| !vanishes(k));
        rows.push(row(&name("cancelled by a part of R"), public, cancels, ACCEPTED));
        let (public, alone) = mixed(&key(), EdwardsPoint::default(), MESSAGE, |_| torsion, |_| true);
        rows.push(row(
            &format!("R with a part of order {order}: true with the cofactor alone"),
            public,
            alone,
            INVALID,
        ));
    }
    rows
}

#[test]
fn r7_each_case_has_the_strict_verdict() {
    let rows: Vec<Row> = [keys(), commitments(), scalars(), parts_of_small_order()].concat();
    for (name, key, signature, expected) in &rows {
        assert_eq!(verdict(key, MESSAGE, signature), *expected, "{name}: key {}", PublicKey(*key));
        if *expected != WEAK {
            let key = VerifyingKey::from_bytes(key).expect("a good key");
            let strict = key.verify_strict(MESSAGE, &Signature::from_bytes(signature));
            assert_eq!(strict.is_ok(), expected.is_ok(), "{name}: the library's strict check");
        }
    }
    let accepted = rows.iter().filter(|(.., verdict)| verdict.is_ok()).count();
    println!(
        "count signatures, made by hand: {} cases, {accepted} of them good, each with the strict verdict",
        rows.len()
    );
}

/// The table would prove nothing if its signatures were plain wrong: the equation with the cofactor holds for those said so.
#[test]
fn r7_the_refused_cases_would_pass_a_lax_check() {
    let a = EdwardsPoint::mul_base(&key().to_scalar());
    for r in small_order().into_iter().chain(small_order_again()) {
        let signature = with_r(&key(), r, MESSAGE);
        let s = Scalar::from_bytes_mod_order(signature[32..].try_into().expect("32 bytes"));
        let k = challenge(&r, &a.compress().to_bytes(), MESSAGE);
        let point = curve25519_dalek::edwards::CompressedEdwardsY(r).decompress().expect("a point");
        assert!((EdwardsPoint::mul_base(&s) - k * a - point).is_small_order());
    }
}
