//! R1: what was acknowledged is there. A server under load is killed, told to stop, or loses its disk; the consoles then prove on
//! the wire that nothing they were told is forgotten.

#[path = "../common/mod.rs"]
mod common;
mod disk_full;
mod kill;
mod load;
mod steady;
mod terminate;
