//! Checks an artefact from the root key alone, as a product does, and says who signed it.
//!
//! | type | believed because of |
//! |---|---|
//! | keyset | the root key |
//! | license | the root key: it carries its keyset |
//! | lease, refusal, receipt | the root key, with a keyset given beside them |
//! | request, return, activate, check, release | the device key it carries: that device wrote it, whoever that is |

use leasehold_protocol::accept::{Expected, NotAccepted, judge_license, open_license};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::check::Check;
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{DeviceId, FormatError, Kid, PublicKey, Time, Typ, VerifyError};
use thiserror::Error;

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The artefact's purpose.
    pub typ: Typ,
    /// The key that signed it.
    pub kid: Kid,
    /// Whose key that is.
    pub signer: Signer,
    /// When it ends, if it ends.
    pub exp: Option<Time>,
}

/// Whose key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The root key itself.
    Root,
    /// A key certified by the root key.
    Certified,
    /// A device: the message proves that it wrote it, not that anybody knows it.
    Device(DeviceId),
}

/// Not proved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotVerified {
    /// Not an artefact, not signed as it should be, or over.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
    /// Nothing to check it with.
    #[error("a {0} is checked from the root key")]
    NoRoot(Typ),
    /// It does not carry its keyset.
    #[error("a {0} does not carry its keyset")]
    NoKeyset(Typ),
}

impl From<VerifyError> for NotVerified {
    fn from(error: VerifyError) -> Self {
        NotVerified::NotAccepted(error.into())
    }
}

impl From<FormatError> for NotVerified {
    fn from(error: FormatError) -> Self {
        VerifyError::from(error).into()
    }
}

/// What there is to check with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust<'a> {
    /// The root key.
    pub root: Option<&'a PublicKey>,
    /// The keyset for leases, refusals and receipts; armoured or COSE bytes.
    pub keyset: Option<&'a [u8]>,
}

/// Checks an armoured file or bare COSE bytes at `now`.
///
/// # Errors
/// [`NotVerified`]; for one that was good and is over, [`NotAccepted::Ended`] or [`NotAccepted::KeysetExpired`].
pub fn verify(file: &[u8], trust: Trust<'_>, now: Time) -> Result<Verified, NotVerified> {
    let bytes = cose_bytes(file)?;
    let Envelope { typ, kid, .. } = Envelope::parse(&bytes)?;
    let done = |signer, exp| Ok(Verified { typ, kid, signer, exp });
    let device = |key: PublicKey| done(Signer::Device(key.device_id()), None);
    match typ {
        Typ::Request => device(Request::open(&bytes)?.sender.device),
        Typ::Return => device(Surrender::open(&bytes)?.sender.device),
        Typ::Register => device(Register::open(&bytes)?.sender.device),
        Typ::Activate => device(Activate::open(&bytes)?.sender.device),
        Typ::Check => device(Check::open(&bytes)?.sender.device),
        Typ::Release => device(Release::open(&bytes)?.sender.device),
        Typ::Keyset => {
            let keyset = Keyset::open(&bytes, trust.root(typ)?)?;
            if now >= keyset.exp {
                return Err(NotAccepted::KeysetExpired(keyset.exp).into());
            }
            done(Signer::Root, Some(keyset.exp))
        }
        Typ::License => {
            let license = open_license(&bytes, trust.root(typ)?, 0)?;
            judge_license(&license, &license.grant.aud, license.grant.device.device_id(), now)?;
            done(Signer::Certified, license.exp)
        }
        Typ::Lease | Typ::Refusal | Typ::Receipt => {
            let exp = trust.online(typ, kid, &bytes, now)?;
            done(Signer::Certified, exp)
        }
    }
}

impl<'a> Trust<'a> {
    fn root(&self, typ: Typ) -> Result<&'a PublicKey, NotVerified> {
        self.root.ok_or(NotVerified::NoRoot(typ))
    }

    /// An online answer, judged as the device it is for would.
    fn online(&self, typ: Typ, kid: Kid, bytes: &[u8], now: Time) -> Result<Option<Time>, NotVerified> {
        let root = self.root(typ)?;
        let keyset = Keyset::open(&cose_bytes(self.keyset.ok_or(NotVerified::NoKeyset(typ))?)?, root)?;
        let key = keyset.key(kid).ok_or(NotAccepted::UnknownKey(kid))?.public;
        let iss = keyset.iss.as_str();
        match typ {
            Typ::Lease => {
                let grant = Lease::open(bytes, &key)?.grant;
                let expected = Expected { iss, aud: &grant.aud, device: &grant.device, nonce: grant.nonce, seq: None };
                Ok(Some(keyset.judge_lease(bytes, &expected, now)?.exp))
            }
            Typ::Refusal => {
                let Refusal { device, nonce, .. } = Refusal::open(bytes, &key)?;
                let expected = Expected { iss, aud: "", device: &device, nonce, seq: None };
                keyset.judge_refusal(bytes, &expected).map(|_| None).map_err(NotVerified::from)
            }
            _ => {
                let Receipt { device, nonce, .. } = Receipt::open(bytes, &key)?;
                let expected = Expected { iss, aud: "", device: &device, nonce, seq: None };
                keyset.judge_receipt(bytes, &expected).map(|_| None).map_err(NotVerified::from)
            }
        }
    }
}

/// The COSE bytes of an armoured file of any kind, or the bytes themselves.
///
/// # Errors
/// [`FormatError`] of the armour, or of armour around another type than it names.
pub fn cose_bytes(file: &[u8]) -> Result<Vec<u8>, FormatError> {
    let Some(label) = armour::label_of(file) else { return Ok(file.to_vec()) };
    let bytes = armour::unwrap(label, file)?;
    let typ = match label {
        Label::License => Typ::License,
        Label::Request => Typ::Request,
        Label::Return => Typ::Return,
        Label::Keyset => Typ::Keyset,
    };
    Envelope::parse(&bytes)?.expect(typ)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
