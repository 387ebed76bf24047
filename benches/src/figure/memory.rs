//! S7: memory after a full day of checks: every key of the store has checked once.

use super::{Bench, CONNECTIONS, Figure, Installation};
use crate::Done;
use crate::herd::fleet::checks;
use crate::herd::{Keep, Plan, storm};
use crate::rounds::{Rounds, bounded};
use crate::seed::History;
use crate::world::FIRST_SEQ;
use std::collections::BTreeSet;

/// Messages in memory at a time.
const PART: u32 = 100_000;

/// Measures it.
///
/// # Errors
/// A server that does not start, a check that is not answered by a lease.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let begun = installation.server.memory()?;
    let target = installation.device()?.into();
    let plan = Plan::closed(target, CONNECTIONS, Keep::Alive);
    let mut seconds = 0.0;
    while installation.left() > 0 {
        let consoles = installation.consoles(PART.min(installation.left()))?;
        let tally = storm(&plan, &checks(&consoles, FIRST_SEQ, Keep::Alive))?;
        seconds += tally.seconds;
        if tally.others(&[200]) > 0 {
            return Err(format!("not every check was answered 200: {tally}").into());
        }
    }
    let memory = installation.server.memory()?;
    let mut rounds = Rounds::default();
    rounds.plain(memory.now);
    let rate = f64::from(bench.args.keys) / seconds;
    let notes = vec![
        format!(
            "S7: {:.0} MB after the start, {:.0} MB after the day, {:.0} MB at most",
            begun.now, memory.now, memory.peak
        ),
        format!("S7: {rate:.0} checks a second on one core, {CONNECTIONS} connections"),
    ];
    Ok(vec![Figure { line: bounded("S7", &rounds, [160.0, 100.0]), notes }])
}
