//! `leasehold clock ...`: the machine's clock, as the running server sees it.

use crate::admin::cli::control;
use std::path::Path;
use std::process::ExitCode;

/// The clock of a running server
#[derive(Debug, clap::Subcommand)]
pub enum ClockVerb {
    /// Take the machine's clock for right although it jumped
    ///
    /// A server whose clock went back by more than five minutes, or forward by more than thirty days, signs nothing until
    /// the clock is right again, or until this says that it is.
    #[command(after_help = "Example: leasehold clock accept --data /srv/leasehold")]
    Accept,
}

pub(super) fn run(verb: &ClockVerb, data: &Path, json: bool) -> ExitCode {
    match verb {
        ClockVerb::Accept => control(data, "POST", "/api/v1/local/clock/accept", json),
    }
}
