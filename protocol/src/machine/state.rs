//! What a console keeps on disk: signed bytes, and the few facts they do not say themselves.

use super::text::{Bytes, hex_key};
use crate::claims::Fingerprint;
use crate::ids::Nonce;
use crate::keys::PublicKey;
use crate::message::Host;
use crate::refusal::Refused;
use crate::time::Time;
use crate::units::Units;
use serde::{Deserialize, Serialize};

/// Everything that must survive a restart. Only [`super::Machine::step`] changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The only trust anchor.
    #[serde(with = "hex_key")]
    pub root: PublicKey,
    /// The product's sku; every grant is for it (`aud`).
    pub product: String,
    /// The product's version, as sent with every check.
    pub version: String,
    /// Salted hashes of parts of the machine, as sent with every check.
    pub fingerprint: Fingerprint,
    /// What is in use, as told by the product; sent with the next check.
    pub usage: Units,
    /// The installation, pinned when the first keyset is accepted.
    pub iss: Option<String>,
    /// The newest keyset accepted.
    pub keyset: Option<Bytes>,
    /// The last lease accepted, kept after a release to prove what was held.
    pub lease: Option<HeldLease>,
    /// The licence file imported last.
    pub license: Option<HeldLicense>,
    /// The message that waits for its answer; a retry sends these bytes again.
    pub pending: Option<Pending>,
    /// The licence request that waits for its licence file.
    pub request: Option<Bytes>,
    /// The return of the licence file, written again byte for byte when asked for.
    pub surrender: Option<Bytes>,
    /// The newest signed server time.
    pub mark: Option<Time>,
    /// When to send next: the moment drawn for the check, or the end of a pause before a retry.
    pub due: Option<Time>,
    /// Sends in a row without an acceptable answer.
    pub attempts: u32,
    /// The last signed refusal; cleared by the next lease.
    pub refusal: Option<Refusal>,
}

/// The last lease accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldLease {
    /// The signed lease.
    pub bytes: Bytes,
    /// The first moment it is good no more: its `exp`, or sooner where a newer keyset revoked its key.
    pub end: Time,
    /// Given back: never good again.
    pub unusable: bool,
    /// The keyset that proved it, where the newest one does not list its key any more.
    pub proved_by: Option<Bytes>,
}

/// The licence file imported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldLicense {
    /// The signed licence.
    pub bytes: Bytes,
    /// Given back: never good again.
    pub unusable: bool,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// What it asks for.
    pub kind: Kind,
    /// The nonce its answer must name.
    pub nonce: Nonce,
    /// The signed message.
    pub bytes: Bytes,
    /// How often it was sent.
    pub sent: u32,
    /// Resync rounds that led to it, at most [`super::RESYNC_ROUNDS_MAX`].
    pub rounds: u32,
}

/// The kinds of message that are answered over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Announce the device, and wait to be licensed.
    Register,
    /// Bind a key.
    Activate,
    /// Renew the lease.
    Check,
    /// Give the units back.
    Release,
}

impl Kind {
    /// Where it is posted to.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Kind::Register => "/v1/register",
            Kind::Activate => "/v1/activate",
            Kind::Check => "/v1/check",
            Kind::Release => "/v1/release",
        }
    }
}

/// A signed no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// What was refused.
    pub to: Kind,
    /// The rule's number; this build may not know it.
    pub number: u16,
    /// When, by the server's clock.
    pub at: Time,
}

impl Refusal {
    /// The rule, if this build knows it.
    #[must_use]
    pub fn refused(&self) -> Option<Refused> {
        Refused::from_number(self.number)
    }

    /// It is the server that is not ready for an answer, and will be: nothing stands against this console.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self.refused(), Some(Refused::Quarantine | Refused::ClockUntrusted | Refused::Resync))
    }

    /// The rule's stable name; `unknown` where this build is older than the rule.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.refused().map_or("unknown", Refused::code)
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.refused()
            .map_or("The server refused for a reason this version does not know. Update the product.", |refused| {
                refused.text()
            })
    }
}

impl State {
    /// A console that was never licensed.
    #[must_use]
    pub fn new(root: PublicKey, product: &str) -> Self {
        Self {
            root,
            product: product.to_owned(),
            version: "0".to_owned(),
            fingerprint: Fingerprint::new(),
            usage: Units::default(),
            iss: None,
            keyset: None,
            lease: None,
            license: None,
            pending: None,
            request: None,
            surrender: None,
            mark: None,
            due: None,
            attempts: 0,
            refusal: None,
        }
    }

    pub(super) fn host(&self) -> Host {
        Host { version: self.version.clone(), fingerprint: self.fingerprint.clone() }
    }

    /// The message on its way, if it is of `kind`.
    #[must_use]
    pub fn pending_of(&self, kind: Kind) -> Option<&Pending> {
        self.pending.as_ref().filter(|pending| pending.kind == kind)
    }
}
