//! Ask for a licence file, for a device without a network.

use crate::claims::Claims;
use crate::error::FormatError;
use crate::ids::Cti;
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Host, Sender};
use crate::typ::Typ;
use crate::units::Units;
use crate::writer::Writer;
use std::fmt;

/// Ask for a licence file, for a device without a network.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The installation, where the device knows it.
    pub iss: Option<String>,
    /// The key, as typed: `XXXX-XXXX-XXXX-XXXX`.
    pub code: String,
    /// What people call the device.
    pub device_name: Option<String>,
    /// Units wanted; nothing said means all the key gives.
    pub wanted: Option<Units>,
    /// The artefact of another activation on this device that this one replaces.
    pub replaces: Option<Cti>,
    /// Product, device, nonce.
    pub sender: Sender,
    /// Version and fingerprint.
    pub host: Host,
}

/// Without the key code: what is logged by mistake gives no licence away (R15).
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { iss, code: _, device_name, wanted, replaces, sender, host } = self;
        let mut out = out.debug_struct("Request");
        out.field("iss", iss).field("device_name", device_name).field("wanted", wanted).field("replaces", replaces);
        out.field("sender", sender).field("host", host);
        out.finish_non_exhaustive()
    }
}

impl DeviceMessage for Request {
    const TYP: Typ = Typ::Request;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.text(label::ISS)?,
            code: claims.need(label::KEY_CODE, Claims::text)?,
            device_name: claims.text(label::DEVICE_NAME)?,
            wanted: claims.units(label::UNITS)?,
            replaces: claims.array(label::REPLACES)?.map(Cti),
            sender: Sender::read(claims)?,
            host: Host::read(claims)?,
        })
    }

    fn write(&self) -> Writer<'_> {
        let out = Writer::new()
            .opt_text(label::ISS, self.iss.as_deref())
            .text(label::KEY_CODE, &self.code)
            .opt_text(label::DEVICE_NAME, self.device_name.as_deref())
            .opt_units(label::UNITS, self.wanted.as_ref())
            .opt_bytes(label::REPLACES, self.replaces.as_ref().map(|cti| &cti.0[..]));
        let out = self.sender.write(out);
        self.host.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
