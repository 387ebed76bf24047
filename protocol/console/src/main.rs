//! The program `leasehold-console`.

use std::process::ExitCode;

fn main() -> ExitCode {
    leasehold_console::cli::main_from(std::env::args_os())
}
