//! What can be wrong with bytes from outside, and where.

use crate::typ::Typ;
use thiserror::Error;

/// The bytes are not a message of this protocol. Nothing was believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// Longer than any message may be.
    #[error("{len} bytes, at most {max} are allowed")]
    TooLarge {
        /// Bytes received.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not CBOR, or a kind of CBOR that is not used here.
    #[error("not acceptable CBOR at byte {offset}: {reason}")]
    Cbor {
        /// Where reading stopped, in bytes from the start of the item.
        offset: u64,
        /// What was met there.
        reason: String,
    },
    /// Correct CBOR, but not the one deterministic encoding of its content (RFC 8949, section 4.2.1).
    #[error("not deterministic CBOR: byte {offset} differs from the shortest encoding of the same content")]
    NotDeterministic {
        /// The first byte that differs.
        offset: usize,
    },
    /// The COSE_Sign1 structure is not as section 4.2 of RFC 9052 and this protocol want it.
    #[error("not a COSE_Sign1 of this protocol: {0}")]
    Envelope(&'static str),
    /// The type header names no type of this protocol.
    #[error("unknown type {0:?}")]
    UnknownTyp(String),
    /// A message of another type was expected: one purpose, one type.
    #[error("expected {expected}, got {found}")]
    WrongTyp {
        /// What the caller asked for.
        expected: Typ,
        /// What the header says.
        found: Typ,
    },
    /// A claim is missing, has the wrong shape or is not known.
    #[error("claim {label} of {typ}: {problem}")]
    Claim {
        /// The message's type.
        typ: Typ,
        /// The claim's label.
        label: i64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not a Leasehold file.
    #[error("not an armoured Leasehold file: {0}")]
    Armour(&'static str),
    /// An armoured file of another kind.
    #[error("this is a {found} file, a {expected} file was expected")]
    WrongLabel {
        /// The label expected.
        expected: &'static str,
        /// The label found.
        found: String,
    },
}

/// The signature, or the key that should have made it, is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The strict Ed25519 check failed.
    #[error("the signature does not belong to these bytes and this key")]
    Invalid,
    /// The key id in the header is not the key's own.
    #[error("the key id names another key")]
    WrongKey,
    /// A small-order or undecodable public key: many messages would fit one signature.
    #[error("weak or undecodable public key")]
    WeakKey,
}

/// Either the bytes or the signature are not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// See [`FormatError`].
    #[error(transparent)]
    Format(#[from] FormatError),
    /// See [`SignatureError`].
    #[error(transparent)]
    Signature(#[from] SignatureError),
}
