//! Public keys and the one way signatures are checked.

use crate::error::SignatureError;
use crate::ids::{DeviceId, Kid, first, hex};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// An Ed25519 public key as it travels: 32 bytes that may still be no key at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(pub [u8; 32]);

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

    /// Checks `signature` over `message` by the strict rule (`verify_strict`): no small-order point, no
    /// non-canonical encoding, no second signature for the same message.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        let strict = self.decode()?.verify_strict(message, &Signature::from_bytes(signature));
        strict.map_err(|_| SignatureError::Invalid)
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
    fn kid_and_device_id_are_the_head_of_one_hash() {
        let key = PublicKey::of(&SigningKey::from_bytes(&[7; 32]));
        assert_eq!(key.kid().0, key.device_id().0[..8]);
    }
}
