//! The answer to a release or a return: the units are given back.

use crate::claims::Claims;
use crate::cose::{self, Envelope};
use crate::error::VerifyError;
use crate::ids::{ActivationId, Cti, Nonce};
use crate::keys::PublicKey;
use crate::label;
use crate::time::Time;
use crate::typ::Typ;
use crate::writer::Writer;
use ed25519_dalek::SigningKey;

/// A receipt, signed by a lease key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The installation.
    pub iss: String,
    /// The activation that has ended.
    pub sub: ActivationId,
    /// Signed at.
    pub iat: Time,
    /// The device that gave back.
    pub device: PublicKey,
    /// The nonce of the message it answers.
    pub nonce: Nonce,
    /// The last artefact of the activation, now ended.
    pub held: Cti,
}

impl Receipt {
    /// The signed receipt.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let claims = Writer::new()
            .text(label::ISS, &self.iss)
            .activation(label::SUB, self.sub)
            .time(label::IAT, self.iat)
            .cnf(&self.device)
            .bytes(label::NONCE, &self.nonce.0)
            .bytes(label::HELD, &self.held.0);
        cose::sign(Typ::Receipt, claims, key, None)
    }

    /// The receipt, if `key` signed it.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, VerifyError> {
        let envelope = Envelope::parse(bytes)?;
        let mut claims = envelope.verify(Typ::Receipt, key)?;
        let receipt = Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.need(label::SUB, Claims::activation)?,
            iat: claims.need(label::IAT, Claims::time)?,
            device: claims.need(label::CNF, Claims::cnf)?,
            nonce: Nonce(claims.need(label::NONCE, Claims::array)?),
            held: Cti(claims.need(label::HELD, Claims::array)?),
        };
        claims.finish()?;
        Ok(receipt)
    }
}
