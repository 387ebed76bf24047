//! Leasehold, the licence server: one binary on an embedded store.
//!
//! [`app::App`] is the composition root: store, writer, keys, clock and metrics, handed to everything that serves. The hot path is
//! [`check::handle`]; `FLOW.md` beside this crate maps each stage to its function.

pub mod app;
pub mod check;
pub mod clock;
pub mod keyring;
pub mod metrics;
pub mod net;
pub mod random;
pub mod store;
pub mod writer;
