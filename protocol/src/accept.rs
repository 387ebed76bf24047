//! When a device believes a signed answer. Everything a product needs to decide is here; it brings the root key, its own
//! identity and the time.

use crate::cose::Envelope;
use crate::error::VerifyError;
use crate::ids::{DeviceId, Kid, Nonce};
use crate::keys::PublicKey;
use crate::keyset::{KeyEntry, KeyUse, Keyset};
use crate::lease::{Grant, Lease};
use crate::license::License;
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::time::{DAY, Time};
use crate::typ::Typ;
use thiserror::Error;

/// How long a lease goes on that was signed by a key revoked since: one whole default term.
pub const REVOKED_GRACE: i64 = 14 * DAY;

/// A signed answer is real, or not, but it is not for this device now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAccepted {
    /// The bytes or the signature.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The keyset does not have the key: fetch a newer one, then judge again.
    #[error("key {0} is not in the keyset: fetch the current keyset")]
    UnknownKey(Kid),
    /// The key is there for another use, was revoked, or signs at another time.
    #[error("key {0} may not sign this")]
    KeyMayNot(Kid),
    /// The keyset vouches for nothing new any more.
    #[error("the keyset expired at {0}")]
    KeysetExpired(Time),
    /// An older keyset than the one in hand, or than the product allows.
    #[error("keyset version {found} is older than {lowest}")]
    KeysetRolledBack {
        /// The version offered.
        found: u32,
        /// The lowest acceptable one.
        lowest: u32,
    },
    /// Good for somebody or something else.
    #[error("the {0} is not the expected one")]
    Other(&'static str),
    /// Longer than its key may grant.
    #[error("a term of {term} s is more than the key may grant")]
    TermTooLong {
        /// Seconds from `iat` to `exp`.
        term: i64,
    },
    /// It has ended.
    #[error("it ended at {0}")]
    Ended(Time),
}

/// What a device knows when an answer arrives.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The installation pinned at activation.
    pub iss: &'a str,
    /// The product's sku.
    pub aud: &'a str,
    /// The device's own key.
    pub device: &'a PublicKey,
    /// The nonce of the message that is waiting for an answer.
    pub nonce: Nonce,
    /// The `seq` of the lease in hand; the answer's must be higher.
    pub seq: Option<u32>,
}

impl Expected<'_> {
    fn check(&self, iss: &str, device: &PublicKey, nonce: Nonce) -> Result<(), NotAccepted> {
        let wrong = |what| Err(NotAccepted::Other(what));
        match () {
            () if iss != self.iss => wrong("installation"),
            () if device != self.device => wrong("device"),
            () if nonce != self.nonce => wrong("nonce"),
            () => Ok(()),
        }
    }

    fn check_grant(&self, grant: &Grant) -> Result<(), NotAccepted> {
        self.check(&grant.iss, &grant.device, grant.nonce)?;
        if grant.aud != self.aud {
            return Err(NotAccepted::Other("product"));
        }
        if self.seq.is_some_and(|seq| grant.seq <= seq) {
            return Err(NotAccepted::Other("sequence number"));
        }
        Ok(())
    }
}

impl Keyset {
    /// Opens a keyset that is to take the place of version `in_hand` (0 for none).
    ///
    /// # Errors
    /// [`NotAccepted`] when the root did not sign it or it is older.
    pub fn accept(bytes: &[u8], root: &PublicKey, in_hand: u32) -> Result<Self, NotAccepted> {
        let keyset = Self::open(bytes, root)?;
        if keyset.version < in_hand {
            return Err(NotAccepted::KeysetRolledBack { found: keyset.version, lowest: in_hand });
        }
        Ok(keyset)
    }

    /// The lease, if it is the answer `expected` and `now` lies before its end.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub fn judge_lease(&self, bytes: &[u8], expected: &Expected<'_>, now: Time) -> Result<Lease, NotAccepted> {
        let (key, lease) = self.signed(bytes, Lease::open)?;
        expected.check_grant(&lease.grant)?;
        self.may_sign(key, lease.grant.iat)?;
        let term = lease.exp.0 - lease.grant.iat.0;
        if key.max_term.is_some_and(|max| term > max) {
            return Err(NotAccepted::TermTooLong { term });
        }
        if now >= lease.exp {
            return Err(NotAccepted::Ended(lease.exp));
        }
        if now >= self.exp {
            return Err(NotAccepted::KeysetExpired(self.exp));
        }
        Ok(lease)
    }

    /// The refusal, if it is the answer `expected`.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub fn judge_refusal(&self, bytes: &[u8], expected: &Expected<'_>) -> Result<Refusal, NotAccepted> {
        let (key, refusal) = self.signed(bytes, Refusal::open)?;
        expected.check(&refusal.iss, &refusal.device, refusal.nonce)?;
        self.may_sign(key, refusal.iat)?;
        Ok(refusal)
    }

    /// The receipt, if it is the answer `expected`.
    ///
    /// # Errors
    /// [`NotAccepted`].
    pub fn judge_receipt(&self, bytes: &[u8], expected: &Expected<'_>) -> Result<Receipt, NotAccepted> {
        let (key, receipt) = self.signed(bytes, Receipt::open)?;
        expected.check(&receipt.iss, &receipt.device, receipt.nonce)?;
        self.may_sign(key, receipt.iat)?;
        Ok(receipt)
    }

    /// When a lease accepted earlier ends under this keyset: its `exp`, or sooner where its key was revoked since.
    #[must_use]
    pub fn end_of(&self, lease: &Lease, kid: Kid) -> Time {
        match self.key(kid) {
            Some(key) if key.revoked => lease.exp.min(self.iat.plus(REVOKED_GRACE)),
            _ => lease.exp,
        }
    }

    fn signed<T>(
        &self,
        bytes: &[u8],
        open: fn(&[u8], &PublicKey) -> Result<T, VerifyError>,
    ) -> Result<(&KeyEntry, T), NotAccepted> {
        let kid = Envelope::parse(bytes).map_err(VerifyError::from)?.kid;
        let key = self.key(kid).ok_or(NotAccepted::UnknownKey(kid))?;
        Ok((key, open(bytes, &key.public)?))
    }

    fn may_sign(&self, key: &KeyEntry, at: Time) -> Result<(), NotAccepted> {
        let may = key.usage == KeyUse::Lease && !key.revoked && key.covers(at);
        if may { Ok(()) } else { Err(NotAccepted::KeyMayNot(key.public.kid())) }
    }
}

/// The licence in a licence file, proved from the root key alone: its key by the keyset it carries, that keyset by
/// `root` and by `lowest_version`, not by its expiry.
///
/// # Errors
/// [`NotAccepted`].
pub fn open_license(bytes: &[u8], root: &PublicKey, lowest_version: u32) -> Result<License, NotAccepted> {
    let envelope = Envelope::parse(bytes).map_err(VerifyError::from)?;
    envelope.expect(Typ::License).map_err(VerifyError::from)?;
    let keyset = envelope.keyset.as_deref().unwrap_or_default();
    let keyset = Keyset::accept(keyset, root, lowest_version)?;
    let key = keyset.key(envelope.kid).ok_or(NotAccepted::UnknownKey(envelope.kid))?;
    let license = License::open(bytes, &key.public)?;
    if key.usage != KeyUse::File || key.revoked || !key.covers(license.grant.iat) {
        return Err(NotAccepted::KeyMayNot(envelope.kid));
    }
    let term = license.exp.unwrap_or(Time::MAX).0 - license.grant.iat.0; // one without an end lasts for ever
    if key.max_term.is_some_and(|max| term > max) {
        return Err(NotAccepted::TermTooLong { term });
    }
    if license.grant.iss != keyset.iss {
        return Err(NotAccepted::Other("installation"));
    }
    Ok(license)
}

/// Whether a licence is for this product on this device at `now`.
///
/// # Errors
/// [`NotAccepted`].
pub fn judge_license(license: &License, aud: &str, device: DeviceId, now: Time) -> Result<(), NotAccepted> {
    if license.grant.aud != aud {
        return Err(NotAccepted::Other("product"));
    }
    if license.grant.device.device_id() != device {
        return Err(NotAccepted::Other("device"));
    }
    match license.exp {
        Some(exp) if now >= exp => Err(NotAccepted::Ended(exp)),
        _ => Ok(()),
    }
}
