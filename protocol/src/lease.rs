//! What may run, and until when. The server signs it with a lease key; a console runs on it.

use crate::claims::Claims;
use crate::cose::{self, Envelope};
use crate::error::{FormatError, VerifyError};
use crate::ids::{ActivationId, Cti, Nonce};
use crate::keys::PublicKey;
use crate::label;
use crate::time::{Day, Time};
use crate::typ::Typ;
use crate::units::Units;
use crate::writer::Writer;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// What the product is to do when the artefact has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtExpiry {
    /// Go on and say so.
    Notice = 1,
    /// Go on with less.
    Restrict = 2,
    /// Stop.
    Stop = 3,
}

impl AtExpiry {
    pub(crate) fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        match claims.need(label::AT_EXPIRY, Claims::int)? {
            1 => Ok(Self::Notice),
            2 => Ok(Self::Restrict),
            3 => Ok(Self::Stop),
            _ => Err(claims.wrong(label::AT_EXPIRY, "is not 1, 2 or 3")),
        }
    }
}

/// What leases and licence files both grant: who may run what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The installation that grants.
    pub iss: String,
    /// The activation.
    pub sub: ActivationId,
    /// The product's sku.
    pub aud: String,
    /// Not before.
    pub nbf: Time,
    /// Signed at, by the server's clock.
    pub iat: Time,
    /// This artefact's own name.
    pub cti: Cti,
    /// The only device that may use it.
    pub device: PublicKey,
    /// The nonce of the message it answers.
    pub nonce: Nonce,
    /// The units granted.
    pub units: Units,
    /// The features granted.
    pub features: Vec<String>,
    /// To whom.
    pub licensee: String,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<Day>,
    /// What to do at the end.
    pub at_expiry: AtExpiry,
    /// Rises with every artefact of this activation.
    pub seq: u32,
}

impl Grant {
    pub(crate) fn read(claims: &mut Claims<'_>) -> Result<Self, FormatError> {
        let grant = Self {
            iss: claims.need(label::ISS, Claims::text)?,
            sub: claims.need(label::SUB, Claims::activation)?,
            aud: claims.need(label::AUD, Claims::text)?,
            nbf: claims.need(label::NBF, Claims::time)?,
            iat: claims.need(label::IAT, Claims::time)?,
            cti: Cti(claims.need(label::CTI, Claims::array)?),
            device: claims.need(label::CNF, Claims::cnf)?,
            nonce: Nonce(claims.need(label::NONCE, Claims::array)?),
            units: claims.need(label::UNITS, Claims::units)?,
            features: claims.texts(label::FEATURES)?,
            licensee: claims.need(label::LICENSEE, Claims::text)?,
            free_upgrade_until: claims.int(label::FREE_UPGRADE_UNTIL)?.map(Day),
            at_expiry: AtExpiry::read(claims)?,
            seq: claims.need(label::SEQ, Claims::seq)?,
        };
        let latest = Time::MAX.day();
        if grant.free_upgrade_until.is_some_and(|day| day > latest) {
            return Err(claims.wrong(label::FREE_UPGRADE_UNTIL, "is after the year 9999"));
        }
        Ok(grant)
    }

    pub(crate) fn write(&self) -> Writer<'_> {
        Writer::new()
            .text(label::ISS, &self.iss)
            .activation(label::SUB, self.sub)
            .text(label::AUD, &self.aud)
            .time(label::NBF, self.nbf)
            .time(label::IAT, self.iat)
            .bytes(label::CTI, &self.cti.0)
            .cnf(&self.device)
            .bytes(label::NONCE, &self.nonce.0)
            .units(label::UNITS, &self.units)
            .texts(label::FEATURES, &self.features)
            .text(label::LICENSEE, &self.licensee)
            .opt_int(label::FREE_UPGRADE_UNTIL, self.free_upgrade_until.map(|day| day.0))
            .int(label::AT_EXPIRY, self.at_expiry as i64)
            .int(label::SEQ, self.seq.into())
    }
}

/// Bytes in the longest lease: a device sends the whole of it back after a `resync`, within one message.
pub const LEASE_LEN_MAX: usize = 8 * 1024;

/// A lease: a grant that ends soon and is renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who may run what.
    pub grant: Grant,
    /// The first moment it is good no more.
    pub exp: Time,
    /// When the console should check again: a moment of its own choice in this window.
    pub renew: (Time, Time),
    /// The keyset the server has; a console with an older one fetches it.
    pub keyset_version: u32,
    /// Rises when a store was restored from a backup.
    pub epoch: u32,
    /// Words for the product to show, by their code.
    pub notices: Vec<String>,
}

impl Lease {
    /// The signed lease. One longer than [`LEASE_LEN_MAX`] is accepted by nobody.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let claims = self.grant.write();
        let claims = claims
            .time(label::EXP, self.exp)
            .opt_window(label::RENEW, Some(self.renew))
            .int(label::KEYSET_VERSION, self.keyset_version.into())
            .int(label::STORE_EPOCH, self.epoch.into())
            .texts(label::NOTICES, &self.notices);
        cose::sign(Typ::Lease, claims, key, None)
    }

    /// The lease, if `key` signed it. Whether that key may, and whether the lease is good for a device now, is
    /// [`crate::keyset::Keyset::judge_lease`]'s to say.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, VerifyError> {
        if bytes.len() > LEASE_LEN_MAX {
            return Err(FormatError::TooLarge { len: bytes.len(), max: LEASE_LEN_MAX }.into());
        }
        let envelope = Envelope::parse(bytes)?;
        Ok(Self::read(envelope.verify(Typ::Lease, key)?)?)
    }

    pub(crate) fn read(mut claims: Claims<'_>) -> Result<Self, FormatError> {
        let lease = Self {
            grant: Grant::read(&mut claims)?,
            exp: claims.need(label::EXP, Claims::time)?,
            renew: claims.need(label::RENEW, Claims::window)?,
            keyset_version: claims.need(label::KEYSET_VERSION, Claims::seq)?,
            epoch: claims.need(label::STORE_EPOCH, Claims::seq)?,
            notices: claims.texts(label::NOTICES)?,
        };
        claims.finish()?;
        Ok(lease)
    }
}
