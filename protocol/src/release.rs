//! Give the units back; the device has already marked its lease unusable.

use crate::claims::Claims;
use crate::error::FormatError;
use crate::ids::ActivationId;
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Proof, Sender};
use crate::typ::Typ;
use crate::writer::Writer;

/// Give the units back; the device has already marked its lease unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The installation spoken to: a message for one is not good at another.
    pub iss: String,
    /// The activation.
    pub sub: ActivationId,
    /// Product, device, nonce.
    pub sender: Sender,
    /// What is in hand.
    pub proof: Proof,
}

impl DeviceMessage for Release {
    const TYP: Typ = Typ::Release;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.need(label::SUB, Claims::activation)?,
            sender: Sender::read(claims)?,
            proof: Proof::read(claims)?,
        })
    }

    fn write(&self) -> Writer<'_> {
        let out = Writer::new().text(label::ISS, &self.iss).activation(label::SUB, self.sub);
        let out = self.sender.write(out);
        self.proof.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
