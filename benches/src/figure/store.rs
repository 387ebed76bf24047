//! S4: what the store costs a plain renewal, in CPU and in bytes written, against one direct group commit of 256 rows. The
//! store's own transaction is measured alone, in a process of its own, for nobody can tell it from the rest of a server.

use super::{Bench, Figure};
use crate::rounds::{Rounds, bounded};
use crate::seed::{History, cache};
use crate::{Done, floor};
use std::collections::BTreeSet;

/// Rows in a commit.
const BATCH: &str = "256";
/// Commits in a round.
const COMMITS: &str = "200";

/// Measures it.
///
/// # Errors
/// The store's.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let copy = cache::store(bench.args.keys, History::Kept)?.copy()?;
    let (data, file) = (copy.data(), bench.folder.join("direct.redb"));
    let (data, file, rows) = (data.to_string_lossy(), file.to_string_lossy(), bench.args.keys.to_string());
    let common = ["--rows", &rows, "--batch", BATCH, "--commits", COMMITS];
    let (mut cpu, mut bytes, mut notes) = (Rounds::default(), Rounds::default(), vec![]);
    for round in 0..=bench.args.rounds {
        let direct: [f64; 3] = floor::round(&[&["commit", "--file", &file], &common[..]].concat())?;
        let store: [f64; 3] = floor::round(&[&["store", "--data", &data], &common[..]].concat())?;
        if round > 0 {
            cpu.ratio(store[0], direct[0]);
            bytes.ratio(store[1], direct[1]);
            let part = |[cpu, bytes, ms]: [f64; 3]| format!("{cpu:.2} us, {bytes:.0} B a row, {ms:.1} ms a commit");
            notes.push(format!("S4: direct {}; store {}", part(direct), part(store)));
        } // the first one makes the table and warms up
    }
    notes.push(format!("S4: CPU {:.3}, bytes {:.3} (medians)", cpu.median(), bytes.median()));
    let larger = if cpu.median() >= bytes.median() { cpu } else { bytes };
    Ok(vec![Figure { line: bounded("S4", &larger, [0.15, 0.06]), notes }])
}
