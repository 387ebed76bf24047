//! What the protocol promises, through its public face.

mod accept;
mod cases;
mod envelope;
mod flips;
mod matrix;
mod messages;
mod properties;
mod raw;
mod samples;
mod secrets;
mod spec;
mod strict;
mod vectors;
