//! Announce a device under an account's enrolment code: it waits until somebody gives it a key in the portal (A5).

use crate::claims::Claims;
use crate::error::FormatError;
use crate::keys::PublicKey;
use crate::label;
use crate::message::{DeviceMessage, Host, Proof, Sender};
use crate::typ::Typ;
use crate::writer::Writer;
use std::fmt;

/// Announce a device under an account's enrolment code. It asks for no units: whoever licenses it decides.
#[derive(Clone, PartialEq, Eq)]
pub struct Register {
    /// The installation spoken to: a message for one is not good at another.
    pub iss: String,
    /// The account's enrolment code, as typed: `XXXX-XXXX-XXXX-XXXX`.
    pub code: String,
    /// What people call the device.
    pub device_name: Option<String>,
    /// The keyset the device has; 0 for none.
    pub keyset_version: u32,
    /// Product, device, nonce.
    pub sender: Sender,
    /// Version and fingerprint.
    pub host: Host,
    /// What is in hand.
    pub proof: Proof,
}

/// Without the enrolment code: what is logged by mistake lets nobody in (R15).
impl fmt::Debug for Register {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { iss, code: _, device_name, keyset_version, sender, host, proof } = self;
        let mut out = out.debug_struct("Register");
        out.field("iss", iss).field("device_name", device_name).field("keyset_version", keyset_version);
        out.field("sender", sender).field("host", host).field("proof", proof).finish_non_exhaustive()
    }
}

impl DeviceMessage for Register {
    const TYP: Typ = Typ::Register;

    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            iss: claims.need(label::ISS, Claims::text)?,
            code: claims.need(label::KEY_CODE, Claims::text)?,
            device_name: claims.text(label::DEVICE_NAME)?,
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
            .opt_int(label::KEYSET_VERSION, Some(self.keyset_version.into()).filter(|version| *version > 0));
        let out = self.sender.write(out);
        let out = self.host.write(out);
        self.proof.write(out)
    }

    fn device(&self) -> &PublicKey {
        &self.sender.device
    }
}
