//! Public keys and the one way signatures are checked.

use crate::error::SignatureError;
use crate::ids::{DeviceId, Kid, first, hex};
use ed25519_dalek::{Signature, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// An Ed25519 public key as it travels: 32 bytes that may still be no key at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(pub [u8; 32]);

/// y of the eight points whose order divides 8, encoded without the sign of x (RFC 8032, section 5.1.2).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
];

impl PublicKey {
    /// The public half of `key`.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// The key id in headers and keysets.
    #[must_use]
    pub fn kid(&self) -> Kid {
        Kid(first(&Sha256::digest(self.0)))
    }

    /// The identity of the device that holds the private half.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        DeviceId(first(&Sha256::digest(self.0)))
    }

    /// Refuses bytes that are no key, a second spelling of a key, and keys of small order, for which one signature fits
    /// many messages.
    ///
    /// # Errors
    /// [`SignatureError::WeakKey`].
    pub fn check(&self) -> Result<(), SignatureError> {
        self.decode().map(|_| ())
    }

    /// Checks `signature` over `message` by the strict rule: no small-order point, no non-canonical encoding, no second
    /// signature for the same message. The verdict is `verify_strict`'s, without what that pays to decode R (a sixth of
    /// its time): the equation compares R's bytes with the one canonical encoding of the point it must be, so R is of small
    /// order exactly if its bytes are among the encodings of such points.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        let key = self.decode()?;
        let mut y = first(signature);
        y[31] &= 0x7f;
        let is_small = SMALL_ORDER.contains(&y);
        let holds = !is_small && key.verify(message, &Signature::from_bytes(signature)).is_ok();
        if holds { Ok(()) } else { Err(SignatureError::Invalid) }
    }

    fn decode(&self) -> Result<VerifyingKey, SignatureError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| SignatureError::WeakKey)?;
        if key.is_weak() || !self.is_canonical() { Err(SignatureError::WeakKey) } else { Ok(key) }
    }

    /// Whether y stands below p = 2^255 - 19 (RFC 8032, section 5.1.3): the decoder reduces larger ones, which would give
    /// one key two ids.
    fn is_canonical(&self) -> bool {
        let [low, middle @ .., high] = &self.0;
        !(high & 0x7f == 0x7f && middle.iter().all(|byte| *byte == 0xff) && *low >= 0xed)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, out)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_order_points_are_weak_keys() {
        assert_eq!(PublicKey([0; 32]).check(), Err(SignatureError::WeakKey));
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey(identity).check(), Err(SignatureError::WeakKey));
        assert_eq!(PublicKey::of(&SigningKey::from_bytes(&[7; 32])).check(), Ok(()));
    }

    #[test]
    fn small_order_is_what_the_curve_says() {
        let ys = curve25519_dalek::constants::EIGHT_TORSION.map(|point| {
            let mut y = point.compress().to_bytes();
            y[31] &= 0x7f;
            y
        });
        assert!(ys.iter().all(|y| SMALL_ORDER.contains(y)) && SMALL_ORDER.iter().all(|y| ys.contains(y)));
    }

    #[test]
    fn kid_and_device_id_are_the_head_of_one_hash() {
        let key = PublicKey::of(&SigningKey::from_bytes(&[7; 32]));
        assert_eq!(key.kid().0, key.device_id().0[..8]);
    }
}
