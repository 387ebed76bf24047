//! What Leasehold costs, against what its parts cost on the same machine in the same minute.
//!
//! | verb | does |
//! |---|---|
//! | `bench` | every figure, and the table |
//! | `seed` | makes a store with any number of keys |
//! | `herd` | a fleet of consoles that check |
//! | `echo` | the cheapest server there is, for the floor of a connection |
//! | `crypto`, `commit`, `store`, `files` | one round of another floor, in a process of its own |
//! | `leasehold` | the server itself, with its own verbs |

mod figure;
mod floor;
mod herd;
mod proc;
mod progress;
mod rounds;
mod seed;
mod server;
mod tls;
mod world;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What went wrong, in words.
pub type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Floors, figures and load for Leasehold.
#[derive(Parser)]
#[command(name = "leasehold-benches", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Bench(figure::Args),
    /// Make an installation with a store of this many keys
    Seed {
        /// The data folder to make
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Keys, each activated by a console
        #[arg(long, value_name = "N")]
        keys: u32,
        /// Whether the Events are written too
        #[arg(long, value_enum, default_value = "kept")]
        history: seed::History,
    },
    Herd(herd::cli::Args),
    #[command(flatten)]
    Floor(floor::Verb),
    /// The server itself: the same as the program leasehold
    #[command(disable_help_flag = true)]
    Leasehold {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Leasehold { words } => leasehold_program(words),
        verb => match run(verb) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn run(verb: Verb) -> Done {
    proc::raise_descriptors();
    match verb {
        Verb::Bench(args) => figure::run(&args),
        Verb::Seed { data, keys, history } => {
            let made = seed::seed(&data, keys, history)?;
            let per_key = made.bytes as f64 / f64::from(keys);
            let rate = f64::from(keys) / made.seconds;
            println!("{keys} keys in {:.1} s ({rate:.0} a second), {per_key:.0} bytes a key", made.seconds);
            Ok(())
        }
        Verb::Herd(args) => herd::cli::run(&args),
        Verb::Floor(verb) => floor::run(verb),
        Verb::Leasehold { .. } => Ok(()), // runs before the others: it has its own exit codes
    }
}

/// As the program does it.
fn leasehold_program(words: Vec<String>) -> ExitCode {
    leasehold::process::harden();
    let cli = leasehold::cli::Cli::parse_from(std::iter::once("leasehold".to_owned()).chain(words));
    leasehold::log::start();
    leasehold::cli::main(cli)
}
