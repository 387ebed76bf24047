//! The offline path of Leasehold: key files, the key ceremony, and answering request files with signed licence files.
//!
//! Library and program (`leasehold-signer`) in one: the program runs on a machine without a network; the server links the
//! library for its key files ([`keyfile`]), its `keys.request` ([`ceremony`]) and its own offline answers ([`answer`]). Time and
//! randomness are passed in; durable writes go through [`disk`].

pub mod allotment;
pub mod answer;
pub mod batch;
pub mod ceremony;
pub mod cli;
pub mod describe;
pub mod disk;
pub mod journal;
pub mod keyfile;
mod moment;
pub mod opening;
pub mod signer;
#[cfg(test)]
mod testing;
pub mod verify;

pub use answer::{Answer, AnswerError, Record, Returned, Returns};
pub use signer::FileSigner;
