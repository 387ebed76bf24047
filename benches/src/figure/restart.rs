//! S8: `kill -9` under load, then from the start of the process to the first lease. The page cache is warm, the engine checks
//! the whole file.

use super::{Bench, CONNECTIONS, Figure, Installation};
use crate::Done;
use crate::herd::fleet::checks;
use crate::herd::{Keep, Plan, Retry, storm};
use crate::rounds::{Rounds, Verdict, line};
use crate::seed::{History, cache};
use crate::world::FIRST_SEQ;
use leasehold::store::open::bytes_on_disk;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

/// The longest a load runs before the server is killed.
const LOAD: Duration = Duration::from_secs(3);
/// The shortest, for a load of few checks.
const LOAD_MIN: Duration = Duration::from_millis(200);
/// Less than a check takes.
const CHECK: Duration = Duration::from_micros(40);
const FIRST_SECONDS: f64 = 3.0;
const THEN_SECONDS_PER_GB: f64 = 1.6;
const THEN_BYTES_PER_KEY: f64 = 1100.0;

/// Measures it.
///
/// # Errors
/// A server that does not start again.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let mut rounds = Rounds::default();
    for _ in 0..bench.args.rounds {
        under_load(&mut installation, bench.args.checks)?;
        installation = installation.restart()?;
        let message = checks(&installation.consoles(1)?, FIRST_SEQ, Keep::Alive);
        let tally = storm(&Plan::closed(installation.device()?.into(), 1, Keep::Alive), &message)?;
        if tally.fresh() != 1 {
            return Err(format!("no lease after a restart: {tally}").into());
        }
        rounds.plain(installation.server.started.elapsed().as_secs_f64());
    }
    let gb = bytes_on_disk(&installation.data()) as f64 / 1e9;
    let per_key = cache::store(bench.args.keys, History::Kept)?.bytes_per_key();
    let per_gb = rounds.median() / gb;
    let verdicts = [
        Verdict { bound: FIRST_SECONDS, met: rounds.median() <= FIRST_SECONDS },
        Verdict { bound: THEN_SECONDS_PER_GB, met: per_gb <= THEN_SECONDS_PER_GB && per_key <= THEN_BYTES_PER_KEY },
    ];
    let notes = vec![format!("S8: {per_gb:.2} s a GB, store {gb:.2} GB, as seeded {per_key:.0} bytes a key")];
    Ok(vec![Figure { line: line("S8", &rounds, verdicts), notes }])
}

/// Kills the server while consoles check.
fn under_load(installation: &mut Installation, count: u32) -> Done {
    let messages = checks(&installation.consoles(count)?, FIRST_SEQ, Keep::Alive);
    let mut plan = Plan::closed(installation.device()?.into(), CONNECTIONS, Keep::Alive);
    (plan.retry, plan.limit) = (Retry::Never, LOAD + LOAD);
    let server = i32::try_from(installation.server.id()).ok().and_then(Pid::from_raw).ok_or("no id")?;
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep((CHECK * count).clamp(LOAD_MIN, LOAD));
            kill_process(server, Signal::KILL).ok(); // its own child, which is not waited for yet
        });
        let tally = storm(&plan, &messages)?;
        if tally.fresh() == 0 { Err("nothing was answered before the kill".into()) } else { Ok(()) }
    })
}
