//! Wire types, signed artefacts and rules of acceptance of Leasehold.
//!
//! Everything that travels is a standard COSE_Sign1 (RFC 9052) around CWT claims (RFC 8392), in deterministic CBOR
//! (RFC 8949, section 4.2.1), signed with Ed25519 (RFC 8032). This crate is what a vendor links into a product and audits: it
//! does no I/O, reads no clock, starts no thread and compiles no C. Time and randomness are passed in.
//!
//! From the bytes up: [`cbor`] reads and writes deterministic CBOR, [`cose`] checks and makes signatures, [`claims`] names
//! the claims, and one module a message gives them types: [`register`], [`activate`], [`check`], [`release`],
//! [`request`] and [`surrender`] are signed by a device, [`lease`], [`refusal`], [`receipt`], [`license`] and [`keyset`] by the vendor.
//! [`armour`] is the text form of files. `SPEC.md` beside this crate is the contract in words.

pub mod accept;
pub mod activate;
pub mod armour;
pub mod cbor;
pub mod check;
pub mod claims;
pub mod cose;
pub mod error;
pub mod ids;
pub mod keys;
pub mod keyset;
pub mod label;
pub mod lease;
pub mod license;
pub mod machine;
pub mod message;
pub mod receipt;
pub mod refusal;
pub mod register;
pub mod release;
pub mod request;
pub mod surrender;
pub mod time;
pub mod typ;
pub mod units;
pub mod writer;

pub use error::{FormatError, SignatureError, VerifyError};
pub use ids::{ActivationId, Challenge, Cti, DeviceId, Digest, Kid, Nonce};
pub use keys::PublicKey;
pub use refusal::Refused;
pub use time::{Day, Time};
pub use typ::Typ;
pub use units::Units;

pub use ed25519_dalek::SigningKey;

/// Keeps the example in README.md compiling and running.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
