//! The daily check: still here, still using this; may I go on?

use crate::claims::Claims;
use crate::error::FormatError;
use crate::ids::ActivationId;
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Host, Proof, Sender};
use crate::typ::Typ;
use crate::units::Units;
use crate::writer::Writer;

/// The daily check: still here, still using this; may I go on?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The installation spoken to: a message for one is not good at another.
    pub iss: String,
    /// The activation.
    pub sub: ActivationId,
    /// What is in use, by kind.
    pub usage: Units,
    /// The keyset the device has; 0 for none.
    pub keyset_version: u32,
    /// Product, device, nonce.
    pub sender: Sender,
    /// Version and fingerprint.
    pub host: Host,
    /// What is in hand.
    pub proof: Proof,
}

impl DeviceMessage for Check {
    const TYP: Typ = Typ::Check;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.need(label::SUB, Claims::activation)?,
            usage: claims.usage(label::USAGE)?,
            keyset_version: claims.version(label::KEYSET_VERSION)?,
            sender: Sender::read(claims)?,
            host: Host::read(claims)?,
            proof: Proof::read(claims)?,
        })
    }

    fn write(&self) -> Writer<'_> {
        let out = Writer::new()
            .text(label::ISS, &self.iss)
            .activation(label::SUB, self.sub)
            .opt_units(label::USAGE, Some(&self.usage).filter(|usage| !usage.is_none()))
            .opt_int(label::KEYSET_VERSION, Some(self.keyset_version.into()).filter(|version| *version > 0));
        let out = self.sender.write(out);
        let out = self.host.write(out);
        self.proof.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
