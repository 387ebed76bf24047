//! What the protocol promises, through its public face.

mod accept;
mod cases;
mod envelope;
mod messages;
mod properties;
mod raw;
mod samples;
mod spec;
mod strict;
mod vectors;
