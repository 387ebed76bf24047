//! The figures of `make bench`, one file each; [`run`] prints the table.
//!
//! Load runs on one core, everything measured on another. Stores are seeded once and copied before use.

mod answers;
mod checks;
mod growth;
mod herd;
mod idle;
mod installation;
mod memory;
mod overload;
mod restart;
mod results;
mod signing;
mod store;

use crate::seed::cache;
use crate::{Done, proc, tls};
use installation::Installation;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Measure the figures and print the table, one line a figure
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Figures to measure, by comma [default: all]
    #[arg(long, value_delimiter = ',', value_name = "S1,S2,...")]
    figures: Vec<String>,
    /// Keys in the store
    #[arg(long, default_value_t = 1_000_000)]
    keys: u32,
    /// Keys in the large store of S5
    #[arg(long, default_value_t = 10_000_000)]
    large: u32,
    /// Keys in the small store of S5
    #[arg(long, default_value_t = 10_000)]
    small: u32,
    /// Rounds
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Checks in a round
    #[arg(long, default_value_t = 20_000)]
    checks: u32,
    /// Requests in S9's batch
    #[arg(long, default_value_t = 10_000)]
    files: u32,
    /// Write machine, commit, command and table into this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What a figure came to.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// Its line.
    pub line: String,
    /// What is worth knowing besides.
    pub notes: Vec<String>,
}

/// What all figures share.
pub struct Bench<'a> {
    /// How much.
    pub args: &'a Args,
    /// A folder on the disk that is measured.
    pub folder: &'a Path,
    /// A certificate.
    pub tls: &'a tls::Files,
}

/// How often a figure is measured until it is steady.
const ATTEMPTS_MAX: u32 = 4;

/// Connections of a storm.
pub const CONNECTIONS: usize = 256;

type Measure = fn(&Bench<'_>, &BTreeSet<String>) -> Done<Vec<Figure>>;

/// Which figures a function measures.
const FIGURES: [(&[&str], Measure); 10] = [
    (&["S1", "S2"], checks::plain),
    (&["S3"], checks::over_tls),
    (&["S4"], store::run),
    (&["S5"], growth::run),
    (&["S6"], idle::run),
    (&["S7"], memory::run),
    (&["S8"], restart::run),
    (&["S9"], signing::run),
    (&["S11"], herd::run),
    (&["overload"], overload::run),
];

/// Measures and prints.
///
/// # Errors
/// What cannot be measured: a server that does not start, a lease that is wrong.
pub fn run(args: &Args) -> Done {
    proc::pin(&[proc::LOAD_CORE])?;
    cache::sweep()?;
    let folder = tempfile::Builder::new().prefix("run-").tempdir_in(cache::folder()?)?;
    let tls = tls::Files::make(folder.path())?;
    let bench = Bench { args, folder: folder.path(), tls: &tls };
    let all = FIGURES.iter().flat_map(|(names, _)| names.iter().map(|name| (*name).to_owned()));
    let wanted: BTreeSet<String> =
        if args.figures.is_empty() { all.collect() } else { args.figures.iter().cloned().collect() };
    let mut figures = Vec::new();
    for (names, measure) in FIGURES {
        let mine: BTreeSet<String> =
            names.iter().map(|name| (*name).to_owned()).filter(|name| wanted.contains(name)).collect();
        if mine.is_empty() {
            continue;
        }
        for figure in steadily(&bench, &mine, measure) {
            println!("{}", figure.line);
            figures.push(figure);
        }
    }
    println!();
    figures.iter().for_each(|figure| println!("{}", figure.line));
    args.write.as_ref().map_or(Ok(()), |file| results::write(file, &figures))?;
    match figures.iter().filter(|figure| figure.line.ends_with(" unmeasured")).count() {
        0 => Ok(()),
        count => Err(format!("{count} figures could not be measured").into()),
    }
}

/// Measures; again, a few times at most, while the machine has something else to do. Notes are printed as they come, and
/// those of every attempt are kept.
fn steadily(bench: &Bench<'_>, names: &BTreeSet<String>, measure: Measure) -> Vec<Figure> {
    let (mut before, mut attempts) = (Vec::<Vec<String>>::new(), 0);
    loop {
        attempts += 1;
        // One figure that cannot be measured must not cost the others their table.
        let mut figures = measure(bench, names).unwrap_or_else(|error| unmeasured(names, error.as_ref()));
        figures.iter().flat_map(|figure| &figure.notes).for_each(|note| println!("  {note}"));
        let is_steady = !figures.iter().any(|figure| figure.line.ends_with(" unsteady"));
        before.resize_with(figures.len(), Vec::new);
        for (figure, earlier) in figures.iter_mut().zip(&mut before) {
            earlier.append(&mut figure.notes);
        }
        if is_steady || attempts == ATTEMPTS_MAX {
            figures.iter_mut().zip(before).for_each(|(figure, notes)| figure.notes = notes);
            return figures;
        }
        println!("  {}: unsteady, once more", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    }
}

fn unmeasured(names: &BTreeSet<String>, error: &dyn std::error::Error) -> Vec<Figure> {
    let figure = |name: &String| Figure { line: format!("{name} unmeasured"), notes: vec![format!("{name}: {error}")] };
    names.iter().map(figure).collect()
}
