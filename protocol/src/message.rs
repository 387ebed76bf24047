//! Messages signed by a device: they carry the public key they are to be checked with (RFC 8747), so a message
//! authenticates itself and the store says which device that is.

use crate::claims::{Claims, Fingerprint};
use crate::cose::{self, Envelope};
use crate::error::{FormatError, SignatureError, VerifyError};
use crate::ids::{Challenge, Cti, Nonce};
use crate::keys::PublicKey;
use crate::label;
use crate::lease::LEASE_LEN_MAX;
use crate::time::Time;
use crate::typ::Typ;
use crate::writer::Writer;
use ed25519_dalek::SigningKey;

/// What the types signed by a device have in common.
pub trait DeviceMessage: Sized {
    /// The purpose.
    const TYP: Typ;

    /// Takes the typed claims out of the map.
    ///
    /// # Errors
    /// [`FormatError::Claim`].
    fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError>;

    /// The claims as a map.
    fn write(&self) -> Writer<'_>;

    /// The device's key.
    fn device(&self) -> &PublicKey;

    /// The message, signed. `key` must be the private half of [`DeviceMessage::device`].
    fn sign(&self, key: &SigningKey) -> Vec<u8> {
        cose::sign(Self::TYP, self.write(), key, None)
    }

    /// Reads and checks a whole message with the key it carries.
    ///
    /// # Errors
    /// [`VerifyError`].
    fn open(bytes: &[u8]) -> Result<Self, VerifyError> {
        Ok(Unverified::<Self>::parse(bytes)?.verify()?)
    }
}

/// Who speaks, about which product, and the nonce that makes the message one of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The product's sku (`aud`).
    pub aud: String,
    /// The device's clock when it wrote this; shown to people, decides nothing.
    pub iat: Time,
    /// The device's key (`cnf`).
    pub device: PublicKey,
    /// Repeated by a retry, new in every other message.
    pub nonce: Nonce,
}

impl Sender {
    pub(crate) fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            aud: claims.need(label::AUD, Claims::text)?,
            iat: claims.need(label::IAT, Claims::time)?,
            device: claims.need(label::CNF, Claims::cnf)?,
            nonce: Nonce(claims.need(label::NONCE, Claims::array)?),
        })
    }

    pub(crate) fn write<'a>(&'a self, out: Writer<'a>) -> Writer<'a> {
        let out = out.text(label::AUD, &self.aud).time(label::IAT, self.iat);
        out.cnf(&self.device).bytes(label::NONCE, &self.nonce.0)
    }
}

/// What the device proves about the answers it has had.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// `cti` of the artefact in hand.
    pub held: Option<Cti>,
    /// The challenge of a `resync` refusal, sent back.
    pub challenge: Option<Challenge>,
    /// With a challenge: the whole lease in hand, at most [`HELD_LEASE_LEN_MAX`] bytes.
    pub held_lease: Option<Vec<u8>>,
}

/// Bytes in the longest lease a device may send back.
pub const HELD_LEASE_LEN_MAX: usize = LEASE_LEN_MAX;

impl Proof {
    pub(crate) fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        let held_lease = claims.bytes(label::HELD_LEASE)?.map(|bytes| bytes.into_owned());
        if held_lease.as_ref().is_some_and(|lease| lease.len() > HELD_LEASE_LEN_MAX) {
            return Err(claims.wrong(label::HELD_LEASE, "is longer than a lease can be"));
        }
        Ok(Self {
            held: claims.array(label::HELD)?.map(Cti),
            challenge: claims.array(label::CHALLENGE)?.map(Challenge),
            held_lease,
        })
    }

    pub(crate) fn write<'a>(&'a self, out: Writer<'a>) -> Writer<'a> {
        out.opt_bytes(label::HELD, self.held.as_ref().map(|held| &held.0[..]))
            .opt_bytes(label::CHALLENGE, self.challenge.as_ref().map(|challenge| &challenge.0[..]))
            .opt_bytes(label::HELD_LEASE, self.held_lease.as_deref())
    }
}

/// What the device says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Host {
    /// The product's version, numbers with dots.
    pub version: String,
    /// Salted hashes of parts of the machine, by component.
    pub fingerprint: Fingerprint,
}

impl Host {
    pub(crate) fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            version: claims.need(label::PRODUCT_VERSION, Claims::text)?,
            fingerprint: claims.fingerprint(label::FINGERPRINT)?,
        })
    }

    pub(crate) fn write<'a>(&'a self, out: Writer<'a>) -> Writer<'a> {
        out.text(label::PRODUCT_VERSION, &self.version).fingerprint(&self.fingerprint)
    }
}

/// A well-formed device message whose signature has not been checked: its claims are good for look-ups and nothing else.
#[derive(Debug)]
pub struct Unverified<'a, M> {
    envelope: Envelope<'a>,
    claimed: M,
}

impl<'a, M: DeviceMessage> Unverified<'a, M> {
    /// Reads structure and claims.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let envelope = Envelope::parse(bytes)?;
        let mut claims = envelope.unverified_claims(M::TYP)?;
        let claimed = M::read(&mut claims)?;
        claims.finish()?;
        Ok(Self { envelope, claimed })
    }

    /// What the message says, unproved.
    pub fn claimed(&self) -> &M {
        &self.claimed
    }

    /// What the message says, once its signature holds.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(self) -> Result<M, SignatureError> {
        self.envelope.check_signature(self.claimed.device())?;
        Ok(self.claimed)
    }
}
