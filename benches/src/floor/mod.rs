//! What the parts of a figure cost: each floor runs in a process of its own on the server's core, and prints what it measured.

pub mod commit;
pub mod crypto;
pub mod echo;
pub mod files;
pub mod table;

use crate::Done;
use crate::proc::SERVER_CORE;
use clap::Subcommand;
use std::path::PathBuf;
use std::process::Command;

/// One round of a floor.
#[derive(Subcommand)]
pub enum Verb {
    /// Answer every request with as many bytes as a lease has
    Echo {
        /// Bytes of an answer
        #[arg(long)]
        answer: usize,
        /// The certificate; with it, TLS
        #[arg(long, requires = "key")]
        certificate: Option<PathBuf>,
        /// Its key
        #[arg(long)]
        key: Option<PathBuf>,
    },
    /// V and S: parse a key and verify, sign; microseconds of CPU each
    Crypto {
        /// Bytes verified
        #[arg(long)]
        message: usize,
        /// Bytes signed
        #[arg(long)]
        answer: usize,
        /// How often
        #[arg(long, default_value_t = 10_000)]
        times: u32,
    },
    /// Commits of rows written directly into a table of redb: CPU and bytes for a row, milliseconds for a commit
    Commit {
        /// A file to make or go on with
        #[arg(long)]
        file: PathBuf,
        /// Rows in it
        #[arg(long)]
        rows: u32,
        /// Rows in a commit
        #[arg(long)]
        batch: u32,
        /// Commits
        #[arg(long)]
        commits: u32,
    },
    /// The same through the store: what a batch of plain renewals costs there
    Store {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        /// Keys in it
        #[arg(long)]
        rows: u32,
        /// Renewals in a commit
        #[arg(long)]
        batch: u32,
        /// Commits
        #[arg(long)]
        commits: u32,
    },
    /// Create, write, rename: microseconds of CPU a file
    Files {
        /// A folder to make them in
        #[arg(long)]
        folder: PathBuf,
        /// Bytes of a file
        #[arg(long)]
        bytes: usize,
        /// Files
        #[arg(long)]
        count: u32,
    },
}

/// Runs one round and prints its numbers on one line.
///
/// # Errors
/// The round's.
pub fn run(verb: Verb) -> Done {
    let numbers = match verb {
        Verb::Echo { answer, certificate, key } => {
            return echo::serve(answer, certificate.as_deref().zip(key.as_deref()));
        }
        Verb::Crypto { message, answer, times } => crypto::measure(message, answer, times).to_vec(),
        Verb::Commit { file, rows, batch, commits } => commit::direct(&file, rows, batch, commits)?.to_vec(),
        Verb::Store { data, rows, batch, commits } => table::through_store(&data, rows, batch, commits)?.to_vec(),
        Verb::Files { folder, bytes, count } => files::measure(&folder, bytes, count)?.to_vec(),
    };
    let words: Vec<String> = numbers.iter().map(f64::to_string).collect();
    println!("{}", words.join(" "));
    Ok(())
}

/// Runs one round in a process of its own on the server's core; its numbers.
///
/// # Errors
/// It failed.
pub fn round<const N: usize>(words: &[&str]) -> Done<[f64; N]> {
    let mut command = Command::new("taskset");
    command.args(["-c", &SERVER_CORE.to_string()]).arg(std::env::current_exe()?).args(words);
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|_| format!("{} printed {text:?}", words[0]).into())
}
