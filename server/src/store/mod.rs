//! The store on disk: one redb file in the data folder.

pub mod backup;
pub mod engine;
pub mod kept;
pub mod open;

pub use engine::RedbStore;
pub use kept::KeptStore;
pub use open::{OpenError, create, open};
