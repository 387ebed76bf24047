//! Verbs that speak to a running server over its control socket.

use std::path::Path;
use std::process::ExitCode;

/// What a running server has.
#[derive(Debug, clap::Subcommand)]
pub enum Resource {}

/// Runs a verb.
pub fn run(resource: Resource, _: &Path, _: bool) -> ExitCode {
    match resource {}
}

/// Sends one request and prints the answer.
pub fn control(_: &Path, _: &str, _: &str, _: bool) -> ExitCode {
    ExitCode::FAILURE
}
