//! The reference console of Leasehold: [`Client`] drives the state machine of `leasehold-protocol` with a folder and a server,
//! [`cli`] is the program around it.
//!
//! Layers, each usable alone: `leasehold_protocol::machine` decides and does no I/O (simulators drive that one), [`Client`]
//! adds disk, clock, randomness and HTTP, [`cli::run`] adds words and exit codes.
//!
//! A state folder holds `device.key` (PKCS#8 PEM, mode 0600), `state.json` (replaced atomically, mode 0600) and `lock`
//! (held by the one process that may change the others; the kernel gives it back).

#![forbid(unsafe_code)]

pub mod cli;
mod client;
mod clock;
mod failure;
mod folder;
mod http;
mod key_file;
mod stop;
mod trust;

pub use client::{Client, Settings};
pub use failure::Failure;
pub use leasehold_protocol::machine::{Enrolment, Order};
pub use stop::Stop;
pub use trust::root_key;
