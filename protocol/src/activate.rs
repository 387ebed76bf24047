//! Bind a key, for one product, to this device.

use crate::claims::Claims;
use crate::error::FormatError;
use crate::ids::Cti;
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Host, Proof, Sender};
use crate::typ::Typ;
use crate::units::Units;
use crate::writer::Writer;
use std::fmt;

/// Bind a key, for one product, to this device.
#[derive(Clone, PartialEq, Eq)]
pub struct Activate {
    /// The installation spoken to: a message for one is not good at another.
    pub iss: String,
    /// The key, as typed: `XXXX-XXXX-XXXX-XXXX`.
    pub code: String,
    /// What people call the device.
    pub device_name: Option<String>,
    /// Units wanted; nothing said means all the key gives.
    pub wanted: Option<Units>,
    /// The artefact of another activation on this device that this one replaces.
    pub replaces: Option<Cti>,
    /// The keyset the device has; 0 for none.
    pub keyset_version: u32,
    /// Product, device, nonce.
    pub sender: Sender,
    /// Version and fingerprint.
    pub host: Host,
    /// What is in hand.
    pub proof: Proof,
}

/// Without the key code: what is logged by mistake gives no licence away (R15).
impl fmt::Debug for Activate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { iss, code: _, device_name, wanted, replaces, keyset_version, sender, host, proof } = self;
        let mut out = out.debug_struct("Activate");
        out.field("iss", iss).field("device_name", device_name).field("wanted", wanted).field("replaces", replaces);
        out.field("keyset_version", keyset_version).field("sender", sender).field("host", host).field("proof", proof);
        out.finish_non_exhaustive()
    }
}

impl DeviceMessage for Activate {
    const TYP: Typ = Typ::Activate;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.need(label::ISS, Claims::text)?,
            code: claims.need(label::KEY_CODE, Claims::text)?,
            device_name: claims.text(label::DEVICE_NAME)?,
            wanted: claims.units(label::UNITS)?,
            replaces: claims.array(label::REPLACES)?.map(Cti),
            keyset_version: claims.version(label::KEYSET_VERSION)?,
            sender: Sender::read(claims)?,
            host: Host::read(claims)?,
            proof: Proof::read(claims)?,
        })
    }

    fn write(&self) -> Writer<'_> {
        let out = Writer::new()
            .text(label::ISS, &self.iss)
            .text(label::KEY_CODE, &self.code)
            .opt_text(label::DEVICE_NAME, self.device_name.as_deref())
            .opt_units(label::UNITS, self.wanted.as_ref())
            .opt_bytes(label::REPLACES, self.replaces.as_ref().map(|cti| &cti.0[..]))
            .opt_int(label::KEYSET_VERSION, Some(self.keyset_version.into()).filter(|version| *version > 0));
        let out = self.sender.write(out);
        let out = self.host.write(out);
        self.proof.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
