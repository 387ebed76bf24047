//! The pure core of Leasehold: what is recorded, what may happen to it, and what must never break.
//!
//! A [`command::Command`] goes through [`apply::apply`]: a rule reads a [`store::Read`] view, decides, and yields
//! [`draft::Changes`] or a refusal; the caller writes the changes and commits. Nothing here reads a clock, draws a random number or
//! does I/O: time, ids and codes come with the command. One rule a file stands in [`rule`], one record a file in [`record`].
//! [`fsck`] checks every invariant over a whole store.
//!
//! The rule that must never break: at every instant, for every kind of unit, the units in all living signed artefacts never
//! exceed the units purchased. [`charge`] keeps it.

pub mod actor;
pub mod apply;
pub mod charge;
pub mod command;
pub mod draft;
pub mod fsck;
pub mod memory;
pub mod people;
pub mod record;
pub mod renewal;
pub mod row;
pub mod rule;
pub mod scan;
pub mod shelf;
pub mod store;
pub mod view;

pub use apply::{Context, Outcome, apply};
pub use command::Command;
pub use draft::{Changes, Fault};
pub use shelf::Shelf;
