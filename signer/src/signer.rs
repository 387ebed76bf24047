//! The file key with the keyset that certifies it: the only place where licence files are signed.

use leasehold_protocol::cbor::ITEM_LEN_MAX;
use leasehold_protocol::error::FormatError;
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::license::License;
use leasehold_protocol::{Kid, PublicKey, SigningKey, Time, VerifyError};
use thiserror::Error;

/// The key may not sign, or may not sign this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignerError {
    /// The keyset's bytes.
    #[error("the keyset is not acceptable: {0}")]
    Keyset(#[from] VerifyError),
    /// Certified by nobody.
    #[error("key {0} is not in the keyset")]
    Unknown(Kid),
    /// A lease key, or one that was lost.
    #[error("key {0} is in the keyset, but not to sign licence files")]
    MayNot(Kid),
    /// Outside its window every device would refuse the file.
    #[error("key {kid} signs from {nbf} to {exp}, not at {now}")]
    NotNow {
        /// The key.
        kid: Kid,
        /// Start of its window.
        nbf: Time,
        /// End of its window.
        exp: Time,
        /// The time.
        now: Time,
    },
    /// Longer than the key may grant.
    #[error("a term of {term} s is more than the key may grant, {max_term} s")]
    Term {
        /// Seconds asked for.
        term: i64,
        /// Seconds allowed.
        max_term: i64,
    },
    /// The installation.
    #[error("the licence is issued by {license}, the keyset is of {keyset}")]
    Issuer {
        /// The licence's.
        license: String,
        /// The keyset's.
        keyset: String,
    },
    /// No device reads a file that long.
    #[error("the licence file would have {0} bytes, at most {ITEM_LEN_MAX} are allowed")]
    TooLarge(usize),
}

/// A file key and its keyset.
pub struct FileSigner {
    key: SigningKey,
    entry: KeyEntry,
    iss: String,
    keyset: Vec<u8>,
}

impl FileSigner {
    /// `keyset` is the signed keyset's COSE bytes. With `root` its signature is checked; without, only that the key is in
    /// it for this use, and a keyset that another root signed makes files that no device accepts.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn new(key: SigningKey, keyset: Vec<u8>, root: Option<&PublicKey>) -> Result<Self, SignerError> {
        let opened = match root {
            Some(root) => Keyset::open(&keyset, root)?,
            None => Keyset::unverified(&keyset).map_err(VerifyError::from)?,
        };
        let kid = PublicKey::of(&key).kid();
        let entry = opened.key(kid).ok_or(SignerError::Unknown(kid))?.clone();
        if entry.usage != KeyUse::File || entry.revoked {
            return Err(SignerError::MayNot(kid));
        }
        Ok(Self { key, entry, iss: opened.iss, keyset })
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.entry.public.kid()
    }

    /// The installation.
    #[must_use]
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// The signed licence file's COSE bytes. The same licence gives the same bytes (RFC 8032 draws nothing).
    ///
    /// # Errors
    /// [`SignerError`] for a licence that devices would refuse.
    pub fn sign(&self, license: &License) -> Result<Vec<u8>, SignerError> {
        let KeyEntry { nbf, exp, max_term, .. } = self.entry;
        let now = license.grant.iat;
        if !self.entry.covers(now) {
            return Err(SignerError::NotNow { kid: self.kid(), nbf, exp, now });
        }
        let term = license.exp.unwrap_or(Time::MAX).0 - now.0;
        if let Some(max_term) = max_term.filter(|max| term > *max) {
            return Err(SignerError::Term { term, max_term });
        }
        if license.grant.iss != self.iss {
            return Err(SignerError::Issuer { license: license.grant.iss.clone(), keyset: self.iss.clone() });
        }
        let signed = license.sign(&self.key, &self.keyset);
        if signed.len() > ITEM_LEN_MAX {
            return Err(SignerError::TooLarge(signed.len()));
        }
        Ok(signed)
    }
}

impl From<FormatError> for SignerError {
    fn from(error: FormatError) -> Self {
        SignerError::Keyset(error.into())
    }
}

impl std::fmt::Debug for FileSigner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("FileSigner").field("kid", &self.kid()).field("iss", &self.iss).finish_non_exhaustive()
    }
}
