//! The command line, one file a verb. `leasehold signer ...` is the same code.
//!
//! | verb | does |
//! |---|---|
//! | keygen | a key file and its public half |
//! | certify | `keys.request` + root key -> keyset |
//! | sign | requests + grant -> licence files |
//! | return | takes licence files back |
//! | verify | checks an artefact from the root key |
//! | inspect | shows an artefact, unchecked |
//!
//! Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 signature or format not valid, 5 expired. Errors are two lines: what
//! happened, what to do. This module alone reads the clock, the environment and the system's randomness.

mod certify;
pub mod failure;
mod inspect;
mod keygen;
pub mod passphrase;
mod returns;
mod sign;
mod streams;
mod verify;

use clap::{Parser, Subcommand};
use failure::Failure;
use leasehold_protocol::Time;
use serde_json::Value;
use std::io::Write;
use std::process::ExitCode;

/// Keys, keysets and licence files, on a machine without a network
#[derive(Debug, Parser)]
#[command(name = "leasehold-signer", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Print the result as one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Keygen(keygen::Args),
    Certify(certify::Args),
    Sign(sign::Args),
    Return(returns::Args),
    Verify(verify::Args),
    Inspect(inspect::Args),
}

/// Whom the result is for. A batch of thousands builds one of the two only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// People.
    Text,
    /// Programs: `--json`.
    Json,
}

/// What a verb has to say.
struct Report {
    /// For people.
    text: String,
    /// For programs.
    json: Value,
    /// Files that failed while others went well, each with its name.
    failures: Vec<(String, Failure)>,
    /// Standard output is taken by the file itself.
    quiet: bool,
}

impl Report {
    fn new(text: String, json: Value) -> Self {
        Self { text, json, failures: Vec::new(), quiet: false }
    }
}

/// Does what the command line says.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let form = if cli.json { Form::Json } else { Form::Text };
    let result = match cli.verb {
        Verb::Keygen(args) => keygen::run(&args),
        Verb::Certify(args) => certify::run(&args),
        Verb::Sign(args) => sign::run(&args, form),
        Verb::Return(args) => returns::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Inspect(args) => inspect::run(&args),
    };
    match result {
        Ok(report) => finish(&report, form),
        Err(failure) => {
            if form == Form::Json {
                print(&failure.json().to_string());
            }
            failure.print(None);
            failure.exit.into()
        }
    }
}

fn finish(report: &Report, form: Form) -> ExitCode {
    match (report.quiet, form) {
        (true, _) => {}
        (false, Form::Json) => print(&report.json.to_string()),
        (false, Form::Text) => print(report.text.trim_end()),
    }
    for (file, failure) in &report.failures {
        failure.print(Some(file));
    }
    report.failures.first().map_or(ExitCode::SUCCESS, |(_, failure)| failure.exit.into())
}

fn print(text: &str) {
    if !text.is_empty() {
        writeln!(std::io::stdout(), "{text}").ok(); // a closed pipe is the reader's choice
    }
}

/// The time given on the command line, or the machine's.
fn now(given: Option<Time>) -> Time {
    #[allow(clippy::disallowed_methods, reason = "this module is the program's clock")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    given.unwrap_or_else(|| Time(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))))
}

/// 32 bytes from the system.
fn random() -> Result<zeroize::Zeroizing<[u8; 32]>, Failure> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    let drawn = getrandom::fill(bytes.as_mut());
    drawn.map_err(|error| Failure::failed(format!("the system gives no randomness: {error}"), "try again later"))?;
    Ok(bytes)
}
