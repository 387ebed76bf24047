//! The command line: verbs, and what they say when it does not work.
//!
//! Exit codes: 0 done, 1 failed, 2 usage, 3 refused (the code is printed), 4 signature or format not valid, 5 expired. Secrets
//! are never on the command line: a file, the environment or standard input has them.

mod clock;
pub mod failure;
mod init;
mod key;
mod offline;
mod passphrase;
mod serve;
mod store;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Licence server: leases for consoles, licence files for endpoints, one binary on an embedded store.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 refused (the code is printed), 4 signature or format not valid, 5 expired.
#[derive(Debug, Parser)]
#[command(name = "leasehold", version, arg_required_else_help = true)]
pub struct Cli {
    /// The data folder [default: leasehold-data; of the demonstration: target/demo]
    #[arg(long, global = true, env = "LEASEHOLD_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(crate::demo::Args),
    Init(init::Args),
    Serve(serve::Args),
    #[command(subcommand)]
    Config(offline::ConfigVerb),
    #[command(subcommand)]
    Key(key::KeyVerb),
    #[command(subcommand)]
    Store(store::StoreVerb),
    #[command(subcommand)]
    Clock(clock::ClockVerb),
    #[command(subcommand)]
    Job(offline::JobVerb),
    #[command(flatten)]
    Resource(crate::admin::cli::Resource),
    /// The reference console: the same as leasehold-console
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Console(Rest),
    /// The offline signer: the same as leasehold-signer
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Signer(Rest),
}

/// Words for another program.
#[derive(Debug, clap::Args)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    words: Vec<std::ffi::OsString>,
}

/// Runs the program.
#[must_use]
pub fn main(cli: Cli) -> ExitCode {
    let (given, json) = (cli.data, cli.json);
    let data = given.as_deref().unwrap_or(Path::new("leasehold-data"));
    let done = match cli.verb {
        Verb::Demo(args) => crate::demo::run(&args, given.as_deref()),
        Verb::Init(args) => init::run(&args, data, json),
        Verb::Serve(args) => serve::run(&args, data),
        Verb::Config(verb) => offline::run_config(&verb, json),
        Verb::Key(verb) => key::run(&verb, data, json),
        Verb::Store(verb) => return store::run(&verb, data, json).unwrap_or_else(|failure| failure.report(json)),
        Verb::Clock(verb) => return clock::run(&verb, data, json),
        Verb::Job(verb) => return offline::run_job(&verb, data, json),
        Verb::Resource(resource) => return crate::admin::cli::run(resource, data, json),
        Verb::Console(rest) => return leasehold_console::cli::main_from(named("leasehold console", rest)),
        Verb::Signer(rest) => {
            return leasehold_signer::cli::run(leasehold_signer::cli::Cli::parse_from(named("leasehold signer", rest)));
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}

fn named(name: &str, rest: Rest) -> impl Iterator<Item = std::ffi::OsString> {
    std::iter::once(name.into()).chain(rest.words)
}
