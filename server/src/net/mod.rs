//! Listeners and connections: TLS, caps, timeouts, graceful end. What is served comes in as a service.

pub mod body;
pub mod certificate;
pub mod connection;
pub mod count;
pub mod limit;
pub mod listen;
pub mod patient;
pub mod pause;
pub mod peer;
pub mod proxy;
pub mod room;
pub mod shape;
pub mod shutdown;
pub mod tls;
pub mod turn;
