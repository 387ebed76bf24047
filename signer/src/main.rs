//! The program: `leasehold-signer`.

use clap::Parser;
use leasehold_signer::cli::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => cli::run(cli),
        Err(error) => {
            error.print().ok(); // a closed pipe is the reader's choice
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}
