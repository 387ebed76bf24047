//! The licence file: a grant for a device without a network. It carries the keyset that proves its key, so the root key
//! alone verifies it.

use crate::claims::Claims;
use crate::cose::{self, Envelope};
use crate::error::{FormatError, VerifyError};
use crate::ids::{Cti, Digest};
use crate::keys::PublicKey;
use crate::label;
use crate::lease::Grant;
use crate::time::Time;
use crate::typ::Typ;
use ed25519_dalek::SigningKey;

/// A licence file: absolute state, never a change to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Who may run what.
    pub grant: Grant,
    /// The first moment it is good no more; none for a perpetual licence.
    pub exp: Option<Time>,
    /// SHA-256 of the request it answers.
    pub request: Digest,
    /// The licence file it replaces on this device.
    pub replaces: Option<Cti>,
}

impl License {
    /// The signed file's content; `keyset` is the signed keyset that certifies `key`.
    #[must_use]
    pub fn sign(&self, key: &SigningKey, keyset: &[u8]) -> Vec<u8> {
        let claims = self.grant.write();
        let claims = claims
            .opt_int(label::EXP, self.exp.map(|exp| exp.0))
            .bytes(label::REQUEST_DIGEST, &self.request.0)
            .opt_bytes(label::REPLACES, self.replaces.as_ref().map(|cti| &cti.0[..]));
        cose::sign(Typ::License, claims, key, Some(keyset))
    }

    /// The licence, if `key` signed it. Whether that key may is [`crate::accept::open_license`]'s to say.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, VerifyError> {
        let envelope = Envelope::parse(bytes)?;
        Ok(Self::read(envelope.verify(Typ::License, key)?)?)
    }

    fn read(mut claims: Claims<'_>) -> Result<Self, FormatError> {
        let license = Self {
            grant: Grant::read(&mut claims)?,
            exp: claims.time(label::EXP)?,
            request: Digest(claims.need(label::REQUEST_DIGEST, Claims::array)?),
            replaces: claims.array(label::REPLACES)?.map(Cti),
        };
        claims.finish()?;
        Ok(license)
    }
}
