//! The key ceremony: an installation asks in `keys.request`, the offline machine certifies with the root key.
//!
//! ```toml
//! iss = "licences.example.com"
//! version = 1
//!
//! [[key]]
//! use = "lease"                       # or "file"
//! public = "207a067892821e25d770f1fba0c47c11ff4b813e54162ece9eb839e076231ab6"
//! nbf = 2026-11-21T00:00:00Z
//! exp = 2028-11-21T00:00:00Z
//! max_term = 1209600                  # seconds; needed for a lease key
//! revoked = true                      # only for a key that was lost
//! ```

use crate::moment;
use leasehold_protocol::claims::plain;
use leasehold_protocol::keyset::{KEYS_MAX, KeyEntry, KeyUse, Keyset};
use leasehold_protocol::{Digest, Kid, PublicKey, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use thiserror::Error;

/// What an installation asks the holder of the root key to certify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysRequest {
    /// The installation.
    pub iss: String,
    /// The keyset's version: above the last one's.
    pub version: u32,
    /// The keys, in the order they will stand.
    #[serde(rename = "key", default)]
    pub keys: Vec<KeyRequest>,
}

/// One key to be certified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it will sign.
    #[serde(rename = "use")]
    pub usage: KeyUse,
    /// Its public half, in hex.
    #[serde(serialize_with = "hex", deserialize_with = "unhex")]
    pub public: PublicKey,
    /// It signs from this moment...
    #[serde(with = "moment::time")]
    pub nbf: Time,
    /// ...and no more from this one.
    #[serde(with = "moment::time")]
    pub exp: Time,
    /// The longest time it may grant, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_term: Option<i64>,
    /// It was lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// No root key would certify this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotCertifiable {
    /// Not TOML of the right shape.
    #[error("not a keys.request: {0}")]
    Syntax(String),
    /// The installation's name.
    #[error("iss {0}")]
    Iss(&'static str),
    /// Versions count from 1.
    #[error("version is 0: versions count from 1")]
    Version,
    /// Between 1 and [`KEYS_MAX`].
    #[error("{0} keys: a keyset has 1 to {KEYS_MAX}")]
    Count(usize),
    /// The same key twice.
    #[error("key {0} stands there twice")]
    Twice(Kid),
    /// A weak key, or bytes that are no key.
    #[error("key {0} is weak or no Ed25519 key at all")]
    Weak(Kid),
    /// A root key signs nothing else.
    #[error("key {0} is the root key itself")]
    Root(Kid),
    /// A window with nothing in it.
    #[error("key {kid} ends at {exp}, not after its start at {nbf}")]
    Window {
        /// The key.
        kid: Kid,
        /// Its start.
        nbf: Time,
        /// Its end.
        exp: Time,
    },
    /// A lease key bounds what a thief of it could grant.
    #[error("lease key {0} has no max_term")]
    NoMaxTerm(Kid),
    /// Not a positive number of seconds.
    #[error("key {kid} has a max_term of {max_term} s")]
    MaxTerm {
        /// The key.
        kid: Kid,
        /// The term.
        max_term: i64,
    },
    /// Nothing in it could sign anything.
    #[error("at {0} every key in it is revoked or over")]
    Over(Time),
}

impl KeysRequest {
    /// Reads the file. What it says may still be impossible: [`KeysRequest::keyset`] tells.
    ///
    /// # Errors
    /// [`NotCertifiable::Syntax`] with line and column.
    pub fn parse(text: &str) -> Result<Self, NotCertifiable> {
        toml::from_str(text).map_err(|error| NotCertifiable::Syntax(error.to_string().trim_end().to_owned()))
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        toml::to_string(self).expect("texts, numbers and times always render")
    }

    /// The keyset to be signed by `root` at `now`. It ends when the last of its keys does.
    ///
    /// # Errors
    /// [`NotCertifiable`].
    pub fn keyset(&self, root: &PublicKey, now: Time) -> Result<Keyset, NotCertifiable> {
        plain(&self.iss).map_err(NotCertifiable::Iss)?;
        if self.version == 0 {
            return Err(NotCertifiable::Version);
        }
        if !(1..=KEYS_MAX).contains(&self.keys.len()) {
            return Err(NotCertifiable::Count(self.keys.len()));
        }
        let mut kids = BTreeSet::new();
        for key in &self.keys {
            let kid = key.public.kid();
            if !kids.insert(kid) {
                return Err(NotCertifiable::Twice(kid));
            }
            if key.public == *root {
                return Err(NotCertifiable::Root(kid));
            }
            key.check()?;
        }
        let living = self.keys.iter().filter(|key| !key.revoked).map(|key| key.exp).max();
        let exp = living.filter(|exp| now < *exp).ok_or(NotCertifiable::Over(now))?;
        let keys = self.keys.iter().map(KeyRequest::entry).collect();
        Ok(Keyset { iss: self.iss.clone(), version: self.version, iat: now, exp, keys })
    }
}

impl KeyRequest {
    fn check(&self) -> Result<(), NotCertifiable> {
        let kid = self.public.kid();
        if self.public.check().is_err() {
            return Err(NotCertifiable::Weak(kid));
        }
        if self.exp <= self.nbf {
            return Err(NotCertifiable::Window { kid, nbf: self.nbf, exp: self.exp });
        }
        match (self.usage, self.max_term) {
            (KeyUse::Lease, None) => Err(NotCertifiable::NoMaxTerm(kid)),
            (_, Some(max_term)) if max_term <= 0 => Err(NotCertifiable::MaxTerm { kid, max_term }),
            _ => Ok(()),
        }
    }

    fn entry(&self) -> KeyEntry {
        let Self { usage, public, nbf, exp, max_term, revoked } = *self;
        KeyEntry { public, usage, nbf, exp, max_term, revoked }
    }
}

/// What people compare by eye: SHA-256 of the public key, in groups of four. Its first four groups are the key id.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    let hex = Digest::of(&key.0).to_string();
    let groups: Vec<&str> = (0..hex.len()).step_by(4).map(|at| &hex[at..at + 4]).collect();
    groups.join(" ")
}

fn hex<S: Serializer>(key: &PublicKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}

/// [`Digest`] reads 64 hexadecimal digits too.
fn unhex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
    Digest::deserialize(deserializer).map(|bytes| PublicKey(bytes.0))
}

#[cfg(test)]
mod tests;
