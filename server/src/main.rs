//! The program `leasehold`.

use clap::Parser;
use leasehold::cli::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    leasehold::process::harden();
    let cli = Cli::parse();
    leasehold::log::start();
    cli::main(cli)
}
