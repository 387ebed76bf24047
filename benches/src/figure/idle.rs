//! S6: how long a lone check takes, against what it must wait for: one commit, V, S, and an echo. Medians of wall time; one
//! connection, one check at a time.

use super::answers::Sizes;
use super::{Bench, Figure, Installation};
use crate::herd::fleet::checks;
use crate::herd::wire::Target;
use crate::herd::{Keep, Plan, fleet, storm};
use crate::rounds::{Rounds, bounded};
use crate::seed::History;
use crate::server::Process;
use crate::world::FIRST_SEQ;
use crate::{Done, floor};
use std::collections::BTreeSet;

/// Checks in a round.
const CHECKS: u32 = 200;

/// Measures it.
///
/// # Errors
/// A server that does not start, a check that is not answered by a lease.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let sizes = Sizes::of(&mut installation)?;
    let echo = Process::echo(sizes.answer, None)?;
    let (server, echoes) = (installation.device()?.into(), echo.address("echo")?.into());
    let (file, rows) = (bench.folder.join("lone.redb"), bench.args.keys.to_string());
    let (file, count) = (file.to_string_lossy(), CHECKS.to_string());
    let commit = ["commit", "--file", &file, "--rows", &rows, "--batch", "1", "--commits", &count];
    let (mut rounds, mut notes) = (Rounds::default(), vec![]);
    for round in 0..=bench.args.rounds {
        let [verify, sign] = sizes.crypto()?;
        let [_, _, commit_ms]: [f64; 3] = floor::round(&commit)?;
        let messages = checks(&installation.consoles(CHECKS)?, FIRST_SEQ, Keep::Alive);
        let (echo_ms, check_ms) = (lone(&echoes, &messages)?, lone(&server, &messages)?);
        if round > 0 {
            rounds.ratio(check_ms, commit_ms + (verify + sign) / 1e3 + echo_ms);
            notes.push(format!("S6: check {check_ms:.2} ms; commit {commit_ms:.2}, echo {echo_ms:.3} ms"));
        } // the first one warms up
    }
    Ok(vec![Figure { line: bounded("S6", &rounds, [1.3, 1.1]), notes }])
}

/// Median milliseconds.
fn lone(target: &Target, messages: &[fleet::Message]) -> Done<f64> {
    let tally = storm(&Plan::closed(target.clone(), 1, Keep::Alive), messages)?;
    if tally.others(&[200]) > 0 {
        return Err(format!("not every message was answered 200: {tally}").into());
    }
    Ok(tally.latency().p50)
}
