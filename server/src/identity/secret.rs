//! Secrets drawn by the server: API tokens, sessions, links, half-finished sign-ins.
//!
//! Each is a prefix, so that one that leaked is recognised, and 32 random bytes in base64url. The store has its SHA-256 only, and
//! that is the row's key: the look-up compares hashes of what was sent, so how long it takes says nothing about any secret, and
//! nothing slower than SHA-256 is needed for 256 random bits.

use crate::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What every API token begins with.
pub const TOKEN_PREFIX: &str = "lh_";
/// What every session begins with.
pub const SESSION_PREFIX: &str = "ls_";
/// What the secret of every mailed link begins with.
pub const LINK_PREFIX: &str = "ll_";
/// What a sign-in that waits for its second factor begins with.
pub const SECOND_FACTOR_PREFIX: &str = "l2_";
const SECRET_LEN: usize = 32;

/// A secret, and the hash the store keeps.
pub struct Secret {
    /// What its holder sends.
    pub text: String,
    /// SHA-256 of the text.
    pub hash: [u8; 32],
}

impl Secret {
    /// A new one that begins with `prefix`.
    #[must_use]
    pub fn drawn(prefix: &str) -> Self {
        let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::bytes::<SECRET_LEN>()));
        Self { hash: hash(&text), text }
    }

    /// A new API token.
    #[must_use]
    pub fn draw() -> Self {
        Self::drawn(TOKEN_PREFIX)
    }
}

/// SHA-256 of a secret as it is sent.
#[must_use]
pub fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    hash
}
