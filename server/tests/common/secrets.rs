//! Looking for secrets where they must not be.

use super::hex;

/// How a secret could be written: as it is, in hex, in either alphabet of base64.
pub fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex(secret);
    let base64 = |alphabet: &[u8; 64]| -> Vec<u8> {
        let bits: Vec<u8> = secret.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let digits = bits.chunks_exact(6).map(|six| six.iter().fold(0, |digit, bit| digit << 1 | usize::from(*bit)));
        digits.map(|digit| alphabet[digit]).collect()
    };
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let url = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    vec![secret.to_vec(), hex.to_ascii_uppercase().into(), hex.into(), base64(standard), base64(url)]
}

/// Whether the bytes of a secret stand in a place.
pub fn holds(place: &[u8], secret: &[u8]) -> bool {
    place.windows(secret.len()).any(|window| window == secret)
}
