//! The program: verbs, words and exit codes. `leasehold console ...` runs the same code.

mod report;
mod verbs;

use crate::client::Settings;
use crate::failure::Failure;
use clap::{Args, Parser, Subcommand};
use leasehold_protocol::machine::Order;
use leasehold_protocol::message::Host;
use leasehold_protocol::{Time, Units};
use std::collections::BTreeMap;
use std::io::Read;
use std::{ffi::OsString, path::PathBuf, process::ExitCode};

/// The reference console of Leasehold.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 refused (the code is printed), 4 signature or format not valid, 5 expired.
#[derive(Debug, Parser)]
#[command(name = "leasehold-console", version)]
pub struct Cli {
    /// Folder of this console: device key, state, lock.
    #[arg(long, global = true, env = "LEASEHOLD_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// The server; remembered.
    #[arg(long, global = true, value_name = "URL")]
    server: Option<String>,
    /// Proxy, as http://HOST:PORT, or none; remembered. Without it the environment decides.
    #[arg(long, global = true, value_name = "URL")]
    proxy: Option<String>,
    /// Certificates (PEM) of the authorities to believe instead of the public ones; remembered.
    #[arg(long, global = true, value_name = "PEM")]
    ca: Option<PathBuf>,
    /// Another time than the system's: 2026-11-21T08:00:00Z, or seconds since 1970.
    #[arg(long, global = true, value_name = "T", value_parser = time)]
    now: Option<Time>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a console: a device key of its own, and the root key it will ever trust.
    #[command(
        after_help = "Example: leasehold-console --state con init --trust ROOT.pub --product suite --server https://licences.example"
    )]
    Init {
        /// The vendor's root key: 64 hexadecimal digits, or PUBLIC KEY in PEM.
        #[arg(long, value_name = "ROOT.pub")]
        trust: PathBuf,
        /// The product's sku.
        #[arg(long, value_name = "SKU")]
        product: String,
    },
    /// Announce this device under an account's enrolment code; it waits until it is licensed from the portal.
    #[command(
        after_help = "Example: leasehold-console --state con register --code - --name 'till 4' < code.txt; then run, or check"
    )]
    Register {
        /// The enrolment code, XXXX-XXXX-XXXX-XXXX; - reads it from standard input.
        #[arg(long, env = "LEASEHOLD_ENROLMENT", hide_env_values = true, value_name = "CODE")]
        code: String,
        /// What people call the device.
        #[arg(long, value_name = "N")]
        name: Option<String>,
        /// The product's version.
        #[arg(long, default_value = "1.0", value_name = "V")]
        product_version: String,
    },
    /// Bind a key to this device and take the first lease.
    #[command(
        after_help = "Example: leasehold-console --state con activate --key - --name 'till 4' --units OBM=10 < key.txt"
    )]
    Activate(OrderArgs),
    /// Update now: take a new lease.
    #[command(after_help = "Example: leasehold-console --state con check --usage OBM=7")]
    Check {
        /// What is in use.
        #[arg(long, value_name = "KIND=N,...", value_parser = units)]
        usage: Option<Units>,
    },
    /// Keep the lease fresh until SIGTERM or Ctrl-C: one line an event.
    #[command(after_help = "Example: leasehold-console --state con run")]
    Run,
    /// Say what is in hand; exit code 5 when it has ended.
    #[command(after_help = "Example: leasehold-console --state con status --json")]
    Status,
    /// Write a request for a licence file, for a device without a network.
    #[command(after_help = "Example: leasehold-console --state con request --key AAAA-BBBB-CCCC-DDDD --out till4.lreq")]
    Request {
        #[command(flatten)]
        order: OrderArgs,
        /// Where to: a file, or - for standard output.
        #[arg(long, default_value = "-", value_name = "FILE")]
        out: PathBuf,
    },
    /// Take the licence file that answers the request; or a keyset file (.lks).
    #[command(after_help = "Example: leasehold-console --state con import till4.lic")]
    Import {
        /// A .lic or .lks file, or - for standard input.
        file: PathBuf,
    },
    /// Give the licence file back: it is unusable from now on. The same file is written every time.
    #[command(after_help = "Example: leasehold-console --state con return --out till4.lret")]
    Return {
        /// Where to: a file, or - for standard output.
        #[arg(long, default_value = "-", value_name = "FILE")]
        out: PathBuf,
    },
    /// Give the lease back: it is unusable from now on. Call again until the server has confirmed it.
    #[command(after_help = "Example: leasehold-console --state con release")]
    Release,
}

#[derive(Debug, Args)]
struct OrderArgs {
    /// The key, XXXX-XXXX-XXXX-XXXX; - reads it from standard input.
    #[arg(long, env = "LEASEHOLD_KEY", hide_env_values = true, value_name = "CODE")]
    key: String,
    /// What people call the device.
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// Units wanted; without it all the key gives.
    #[arg(long, value_name = "KIND=N,...", value_parser = units)]
    units: Option<Units>,
    /// The product's version.
    #[arg(long, default_value = "1.0", value_name = "V")]
    product_version: String,
    /// It takes the place of what is in hand.
    #[arg(long)]
    replaces: bool,
}

impl OrderArgs {
    fn order(self) -> Result<Order, Failure> {
        let code = typed(self.key)?;
        let host = Host { version: self.product_version, ..Host::default() };
        Ok(Order { code, device_name: self.name, wanted: self.units, replaces: self.replaces, host })
    }
}

impl Cli {
    fn settings(&self) -> Settings {
        Settings { server: self.server.clone(), proxy: self.proxy.clone(), ca: self.ca.clone() }
    }

    fn folder(&self) -> Result<PathBuf, Failure> {
        let hint = "add --state DIR, or set LEASEHOLD_STATE";
        self.state.clone().ok_or_else(|| Failure::Usage { what: "no state folder is given".into(), hint })
    }
}

/// Reads the arguments, the program's name first, and runs.
pub fn main_from(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => run(cli),
        Err(error) => {
            let _ = error.print(); // nobody is left to be told
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// Runs the verb and says how it went.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let json = cli.json;
    match verbs::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::failure(&failure, json);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn time(text: &str) -> Result<Time, String> {
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => Some(seconds),
        Err(_) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
    };
    let seconds = seconds.filter(|seconds| (0..=Time::MAX.0).contains(seconds));
    seconds.map(Time).ok_or_else(|| "write 2026-11-21T08:00:00Z or seconds since 1970".into())
}

fn units(text: &str) -> Result<Units, String> {
    let counts = text.split(',').map(|part| {
        let (kind, count) = part.split_once('=').ok_or_else(|| format!("{part:?} is not KIND=N"))?;
        let count = count.parse().map_err(|_| format!("{count:?} is not a count"))?;
        Ok((kind.to_owned(), count))
    });
    let counts: BTreeMap<String, u32> = counts.collect::<Result<_, String>>()?;
    Units::try_from(counts).map_err(|error| error.to_string())
}

/// A code as it is given, or from standard input for `-`.
fn typed(code: String) -> Result<String, Failure> {
    if code == "-" { first_line(std::io::stdin()) } else { Ok(code) }
}

fn first_line(mut from: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    from.by_ref().take(4096).read_to_string(&mut text).map_err(Failure::disk("standard input"))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
