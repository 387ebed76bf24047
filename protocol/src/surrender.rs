//! Give a licence file back (type `return`): the device has already marked it unusable.

use crate::claims::Claims;
use crate::error::FormatError;
use crate::ids::{ActivationId, Cti};
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Sender};
use crate::typ::Typ;
use crate::writer::Writer;

/// Give a licence file back (type `return`): the device has already marked it unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surrender {
    /// The installation spoken to: a message for one is not good at another.
    pub iss: String,
    /// The activation.
    pub sub: ActivationId,
    /// The licence file given back.
    pub held: Cti,
    /// Product, device, nonce.
    pub sender: Sender,
}

impl DeviceMessage for Surrender {
    const TYP: Typ = Typ::Return;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.need(label::SUB, Claims::activation)?,
            held: Cti(claims.need(label::HELD, Claims::array)?),
            sender: Sender::read(claims)?,
        })
    }

    fn write(&self) -> Writer<'_> {
        let out =
            Writer::new().text(label::ISS, &self.iss).activation(label::SUB, self.sub).bytes(label::HELD, &self.held.0);
        self.sender.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
