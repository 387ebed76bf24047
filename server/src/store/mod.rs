//! The store on disk: one redb file in the data folder.

pub mod engine;
pub mod image;
pub mod open;
pub mod renewals;

pub use engine::RedbStore;
pub use open::{OpenError, create, open};
