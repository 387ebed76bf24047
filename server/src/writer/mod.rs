//! The writer: one thread that decides every command and makes it durable. Whatever arrived while the last commit was in
//! flight becomes the next batch; there is no timer.

pub mod batch;
pub mod desk;
pub mod queue;

pub use desk::Desk;
pub use queue::{NotWritten, Writer};
