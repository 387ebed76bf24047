//! The rules, one subject a file. Each reads a draft, decides, writes the draft and at most one Event, or refuses and
//! writes nothing.

pub mod account;
pub mod activate;
pub mod alarm;
pub mod check;
pub mod code;
pub mod event;
pub mod file;
pub mod housekeeping;
pub mod issue;
pub mod key;
pub mod lot;
pub mod once;
pub mod pool;
pub mod product;
pub mod quarantine;
pub mod refuse;
pub mod release;
pub mod resync;
pub mod rollback;
pub mod settled;
pub mod setup;
pub mod token;
pub mod transfer;
