//! Listeners and connections: limits, timeouts, graceful end. What is served comes in as a service.

pub mod body;
pub mod connection;
pub mod limit;
pub mod listen;
pub mod patient;
pub mod shutdown;
