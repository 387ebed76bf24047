//! The program `leasehold` as an operator meets it: demonstration, first steps, key ceremony, and what it says when something is
//! in the way.

mod ceremony;
#[path = "../common/mod.rs"]
mod common;
mod demo;
mod errors;
mod keys;
mod orders;
mod secrets;
