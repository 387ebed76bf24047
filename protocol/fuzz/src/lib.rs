//! The plain functions of the tests, for cargo-fuzz. They live beside the tests, which throw changed inputs at them on any
//! compiler; here libFuzzer does, guided by coverage. See README.md.

#![forbid(unsafe_code)]
#![allow(dead_code, reason = "shared with the tests, which use more of it")]

#[path = "../../../server/tests/malformed/api.rs"]
pub mod api;
#[path = "../../../server/tests/api/build.rs"]
mod build;
#[path = "../../../server/tests/malformed/console.rs"]
pub mod console;
#[path = "../../../server/tests/api/device.rs"]
mod device;
#[path = "../../tests/malformed/targets.rs"]
pub mod protocol;
#[path = "../../../server/tests/malformed/targets.rs"]
pub mod server;
#[path = "../../../signer/tests/malformed/targets.rs"]
pub mod signer;
#[path = "../../tests/malformed/storm/mod.rs"]
mod storm;
#[path = "../../../server/tests/api/world.rs"]
mod world;
