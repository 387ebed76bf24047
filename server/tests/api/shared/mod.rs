//! What an organisation shares: permission keys, seats of named users, seats that float. Facts G1-G13, G15, G20, G27-G36.

mod facts_flex;
mod facts_keys;
mod facts_seats;
mod precedence;
mod races;
pub mod rows;
mod stage;
