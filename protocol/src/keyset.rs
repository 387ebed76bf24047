//! The keys that may sign leases and licence files, certified by the root key, which never touches a network.

use crate::claims::Claims;
use crate::cose::{self, Envelope};
use crate::error::{FormatError, VerifyError};
use crate::ids::Kid;
use crate::keys::PublicKey;
use crate::label;
use crate::time::Time;
use crate::typ::Typ;
use crate::writer::Writer;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Keys in one keyset.
pub const KEYS_MAX: usize = 16;

// Labels inside a key's map, beside those of a COSE_Key (RFC 9052, section 7: kty 1, kid 2, crv -1, x -2).
const KID: i64 = 2;
const USE: i64 = -65561;
const NBF: i64 = -65562;
const EXP: i64 = -65563;
const MAX_TERM: i64 = -65564;
const REVOKED: i64 = -65565;

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Leases, refusals and receipts.
    Lease = 1,
    /// Licence files.
    File = 2,
}

/// One certified key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// The public key.
    pub public: PublicKey,
    /// What it may sign.
    pub usage: KeyUse,
    /// It signs from this moment...
    pub nbf: Time,
    /// ...and no more from this one.
    pub exp: Time,
    /// The longest time from `iat` to `exp` it may grant, in seconds; none for no limit.
    pub max_term: Option<i64>,
    /// It was lost: nothing it signs is accepted any more.
    pub revoked: bool,
}

impl KeyEntry {
    /// Whether the key signs at `at`.
    #[must_use]
    pub fn covers(&self, at: Time) -> bool {
        self.nbf <= at && at < self.exp
    }

    fn read(mut claims: Claims<'_>) -> Result<Self, FormatError> {
        let wrong = claims.wrong(label::KEYS, "holds a key whose id, use, window or revocation is not possible");
        let kid = Kid(claims.need(KID, Claims::array)?);
        let usage = match claims.need(USE, Claims::int)? {
            1 => KeyUse::Lease,
            2 => KeyUse::File,
            _ => return Err(wrong),
        };
        let entry = Self {
            public: claims.public_key(label::KEYS)?,
            usage,
            nbf: claims.need(NBF, Claims::time)?,
            exp: claims.need(EXP, Claims::time)?,
            max_term: claims.int(MAX_TERM)?,
            revoked: match claims.int(REVOKED)? {
                None => false,
                Some(1) => true,
                Some(_) => return Err(wrong),
            },
        };
        claims.finish()?;
        let possible = entry.public.kid() == kid && entry.nbf < entry.exp && entry.public.check().is_ok();
        if possible { Ok(entry) } else { Err(wrong) }
    }
}

/// The keyset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    /// The installation these keys belong to.
    pub iss: String,
    /// From 1 up; only rises.
    pub version: u32,
    /// Signed at.
    pub iat: Time,
    /// From this moment it vouches for no new lease.
    pub exp: Time,
    /// The keys.
    pub keys: Vec<KeyEntry>,
}

impl Keyset {
    /// The signed keyset.
    #[must_use]
    pub fn sign(&self, root: &SigningKey) -> Vec<u8> {
        let kids: Vec<Kid> = self.keys.iter().map(|key| key.public.kid()).collect();
        let maps = self.keys.iter().zip(&kids).map(|(key, kid)| {
            Writer::new()
                .public_key(&key.public)
                .bytes(KID, &kid.0)
                .int(USE, key.usage as i64)
                .time(NBF, key.nbf)
                .time(EXP, key.exp)
                .opt_int(MAX_TERM, key.max_term)
                .opt_int(REVOKED, key.revoked.then_some(1))
        });
        let claims = Writer::new()
            .text(label::ISS, &self.iss)
            .int(label::KEYSET_VERSION, self.version.into())
            .time(label::IAT, self.iat)
            .time(label::EXP, self.exp)
            .maps(label::KEYS, maps.collect());
        cose::sign(Typ::Keyset, claims, root, None)
    }

    /// The keyset, if `root` signed it. Its expiry is judged where it is used.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn open(bytes: &[u8], root: &PublicKey) -> Result<Self, VerifyError> {
        let envelope = Envelope::parse(bytes)?;
        Ok(Self::read(envelope.verify(Typ::Keyset, root)?)?)
    }

    /// What the keyset says, not to be believed: for a signer that looks up whether its own key is in it.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn unverified(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::read(Envelope::parse(bytes)?.unverified_claims(Typ::Keyset)?)
    }

    fn read(mut claims: Claims<'_>) -> Result<Self, FormatError> {
        let keyset = Self {
            iss: claims.need(label::ISS, Claims::text)?,
            version: claims.need(label::KEYSET_VERSION, Claims::seq)?,
            iat: claims.need(label::IAT, Claims::time)?,
            exp: claims.need(label::EXP, Claims::time)?,
            keys: {
                let maps = claims.maps(label::KEYS, KEYS_MAX)?;
                maps.into_iter().map(KeyEntry::read).collect::<Result<_, _>>()?
            },
        };
        if keyset.version == 0 {
            return Err(claims.wrong(label::KEYSET_VERSION, "is zero"));
        }
        let kids: BTreeSet<Kid> = keyset.keys.iter().map(|key| key.public.kid()).collect();
        if kids.len() != keyset.keys.len() {
            return Err(claims.wrong(label::KEYS, "holds a key twice"));
        }
        claims.finish()?;
        Ok(keyset)
    }

    /// The key with this id.
    #[must_use]
    pub fn key(&self, kid: Kid) -> Option<&KeyEntry> {
        self.keys.iter().find(|key| key.public.kid() == kid)
    }
}
