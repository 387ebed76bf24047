//! Leasehold, the licence server: one binary on an embedded store.
//!
//! [`app::App`] is what every part is handed, [`server::Server`] puts it together and takes it down. The hot path is
//! [`check::handle`]; `FLOW.md` beside this crate maps each stage to its function.

pub mod admin;
pub mod app;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod demo;
pub mod identity;
pub mod init;
pub mod jobs;
pub mod keyring;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod net;
pub mod operator;
pub mod places;
pub mod process;
pub mod random;
pub mod server;
pub mod signals;
pub mod signing;
pub mod sockets;
pub mod store;
pub mod writer;
