//! The store on disk: one redb file in the data folder.

pub mod anchor;
pub mod backup;
pub mod command;
pub mod engine;
pub mod held;
pub mod image;
pub mod kept;
pub mod open;
pub mod renewals;
pub mod restore;

pub use engine::RedbStore;
pub use kept::KeptStore;
pub use open::{OpenError, create, open};
