//! The program `leasehold`.

use clap::Parser;
use leasehold::cli::{self, Cli};
use std::process::ExitCode;

/// A check allocates on one thread and frees on another; glibc pays for that with a tenth of its cost. Without huge pages,
/// which would make a million keys' memory half as large again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leasehold::process::harden();
    let cli = Cli::parse();
    leasehold::log::start();
    cli::main(cli)
}
