//! What the server signs with, as the API shows it.

use crate::admin::auth::Caller;
use crate::admin::value::When;
use crate::signing::WARNING;
use leasehold_protocol::keyset::{KeyEntry, KeyUse};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Kid, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// What the server signs with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SigningView {
    /// The installation the keyset is for.
    pub iss: String,
    /// The keyset's version, which only rises.
    pub version: u32,
    /// The root key signed it at.
    pub issued: When,
    /// From this moment it vouches for nothing new.
    pub expires: When,
    /// When the first of the keyset and the keys in use ends.
    pub first_end: When,
    /// That is 180 days away or less: hold the key ceremony.
    pub expires_soon: bool,
    /// What to do about it.
    pub warning: Option<String>,
    /// Every key of the keyset, in its order.
    pub keys: Vec<SigningKeyView>,
}

/// What a key may sign.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SigningUse {
    /// Leases, refusals and receipts.
    Lease,
    /// Licence files.
    File,
}

/// A key that the root certified.
#[derive(Debug, Serialize, ToSchema)]
pub struct SigningKeyView {
    /// Its id: 16 hexadecimal digits.
    #[schema(value_type = String, pattern = "^[0-9a-f]{16}$")]
    pub kid: Kid,
    /// What it may sign.
    pub r#use: SigningUse,
    /// Its public half, 64 hexadecimal digits.
    pub public: String,
    /// It signs from this moment...
    pub from: When,
    /// ...and no more from this one.
    pub until: When,
    /// The longest time it may grant, in seconds; null for no limit.
    pub max_term: Option<i64>,
    /// It was lost: nothing it signs is accepted any more.
    pub revoked: bool,
    /// The server signs with it now.
    pub in_use: bool,
    /// Its private half is on the server's machine.
    pub has_private_key: bool,
}

/// The keyset in force and its keys.
#[must_use]
pub fn view(caller: &Caller) -> SigningView {
    let keyring = caller.app.keyring.load();
    let (keyset, in_use) = (keyring.keyset(), keyring.in_use());
    let (first_end, now) = (keyring.expires(), caller.now());
    let key = |key: &KeyEntry| {
        let kid = key.public.kid();
        let (used, usage) = match key.usage {
            KeyUse::Lease => (in_use.0, SigningUse::Lease),
            KeyUse::File => (in_use.1, SigningUse::File),
        };
        SigningKeyView {
            kid,
            r#use: usage,
            public: key.public.to_string(),
            from: key.nbf.into(),
            until: key.exp.into(),
            max_term: key.max_term,
            revoked: key.revoked,
            in_use: kid == used,
            has_private_key: keyring.vault().holds(key),
        }
    };
    SigningView {
        iss: keyset.iss.clone(),
        version: keyset.version,
        issued: keyset.iat.into(),
        expires: keyset.exp.into(),
        first_end: first_end.into(),
        expires_soon: soon(first_end, now),
        warning: soon(first_end, now).then(|| warning(first_end, now)),
        keys: keyset.keys.iter().map(key).collect(),
    }
}

fn soon(end: Time, now: Time) -> bool {
    end <= now.plus(WARNING)
}

fn warning(end: Time, now: Time) -> String {
    let days = (end.0 - now.0).max(0) / DAY;
    format!(
        "the server signs for {days} days more: run `leasehold key rotate`, have keys.request certified, then import the keyset"
    )
}
