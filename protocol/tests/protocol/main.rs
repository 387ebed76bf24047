//! What the protocol promises, through its public face.

mod accept;
mod envelope;
mod messages;
mod properties;
mod raw;
mod samples;
