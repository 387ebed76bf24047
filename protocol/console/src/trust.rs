//! The root key's file: 64 hexadecimal digits, or SubjectPublicKeyInfo in PEM (RFC 8410) as `openssl pkey -pubout` writes it.

use crate::failure::Failure;
use ed25519_dalek::{VerifyingKey, pkcs8::DecodePublicKey};
use leasehold_protocol::{Digest, PublicKey};
use std::{fs, path::Path};

/// The root public key in a file.
///
/// # Errors
/// [`Failure::Trust`] where it holds no usable key.
pub fn root_key(path: &Path) -> Result<PublicKey, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::disk(path))?;
    let text = text.trim();
    let key = match text.parse::<Digest>() {
        Ok(digits) => Some(PublicKey(digits.0)),
        Err(_) => VerifyingKey::from_public_key_pem(text).ok().map(|key| PublicKey(key.to_bytes())),
    };
    key.filter(|key| key.check().is_ok()).ok_or_else(|| Failure::Trust(path.to_owned()))
}
