//! Points and signatures that a lax check accepts, made with the secrets at hand.

use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
use leasehold_protocol::SigningKey;
use sha2::{Digest, Sha512};

/// The order of the base point, 2^252 + 27742317777372353535851937790883648493, little end first.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The eight points whose order divides 8, in their one canonical spelling.
pub fn small_order() -> Vec<[u8; 32]> {
    EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect()
}

/// The other spellings of those points: y not reduced below p, or the sign of an x that is 0.
pub fn small_order_again() -> Vec<[u8; 32]> {
    let high = |low: u8, last: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (low, last);
        bytes
    };
    let mut identity_signed = [0; 32];
    (identity_signed[0], identity_signed[31]) = (1, 0x80);
    // p = 2^255 - 19 ends in ed: y = p is 0 (order 4), y = p + 1 the identity, y = p - 1 the point of order 2.
    vec![high(0xed, 0x7f), high(0xed, 0xff), high(0xee, 0x7f), high(0xee, 0xff), identity_signed, high(0xec, 0xff)]
}

/// Second spellings of points of full order: y from p + 2 up to 2^255 - 1, those that are on the curve, with both signs.
pub fn full_order_again() -> Vec<[u8; 32]> {
    let spellings = (0xef..=0xff).flat_map(|low: u8| {
        [0x7f, 0xff].map(|last| {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, last);
            bytes
        })
    });
    spellings.filter(|bytes| curve25519_dalek::edwards::CompressedEdwardsY(*bytes).decompress().is_some()).collect()
}

/// 32 bytes that are no point: y = 2 is not on the curve, with either sign.
pub fn no_points() -> Vec<[u8; 32]> {
    [0, 0x80].map(|last| [&[2][..], &[0; 30], &[last]].concat().try_into().expect("32 bytes")).into()
}

/// k of RFC 8032, section 5.1.7: the hash of R, A and the message, in the spelling given.
pub fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// R before s.
pub fn signature(r: [u8; 32], s: Scalar) -> [u8; 64] {
    [r, s.to_bytes()].concat().try_into().expect("64 bytes")
}

/// A signature that fits every message under a key that vanishes: R = sB.
pub fn universal() -> [u8; 64] {
    let s = Scalar::from(5_u8);
    signature(EdwardsPoint::mul_base(&s).compress().to_bytes(), s)
}

/// R as given, and the s that makes sB = kA true: right where R vanishes, and where a check multiplies by the cofactor.
pub fn with_r(key: &SigningKey, r: [u8; 32], message: &[u8]) -> [u8; 64] {
    let a = key.verifying_key().to_bytes();
    signature(r, challenge(&r, &a, message) * key.to_scalar())
}

/// A key A + T and a signature by the holder of a, with `shift` added to R. What is tried is r, until `wanted` holds for k.
pub fn mixed(
    key: &SigningKey,
    torsion: EdwardsPoint,
    message: &[u8],
    shift: impl Fn(Scalar) -> EdwardsPoint,
    wanted: impl Fn(Scalar) -> bool,
) -> ([u8; 32], [u8; 64]) {
    let public = (EdwardsPoint::mul_base(&key.to_scalar()) + torsion).compress().to_bytes();
    let tries = (1..10_000_u32).flat_map(|r| EIGHT_TORSION.map(|guess| (Scalar::from(r), guess)));
    let found = tries.into_iter().find_map(|(r, guess)| {
        let commitment = (EdwardsPoint::mul_base(&r) + guess).compress().to_bytes();
        let k = challenge(&commitment, &public, message);
        (shift(k) == guess && wanted(k)).then(|| (public, signature(commitment, r + k * key.to_scalar())))
    });
    found.expect("one in eight fits")
}

/// `signature` with `times` L added to s, unless that does not fit 256 bits.
pub fn plus_l(signature: &[u8; 64], times: u32) -> Option<[u8; 64]> {
    let mut sum = *signature;
    for _ in 0..times {
        let mut carry = 0;
        for (byte, add) in sum[32..].iter_mut().zip(L) {
            let total = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = ((total & 0xff) as u8, total >> 8);
        }
        if carry != 0 {
            return None;
        }
    }
    Some(sum)
}

/// s = L exactly, and the number below and above it.
pub fn around_l(r: [u8; 32]) -> [(&'static str, [u8; 64]); 3] {
    [("L - 1", -1), ("L", 0), ("L + 1", 1)].map(|(name, difference)| {
        let mut s = L;
        s[0] = s[0].wrapping_add_signed(difference);
        (name, [r, s].concat().try_into().expect("64 bytes"))
    })
}
