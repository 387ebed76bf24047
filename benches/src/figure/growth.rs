//! S5: what a check costs with many keys, against few: the same checks, a round here, a round there.

use super::{Bench, CONNECTIONS, Figure, Installation};
use crate::Done;
use crate::herd::fleet::{checks, pick};
use crate::herd::{Keep, Plan, storm};
use crate::rounds::{Rounds, bounded};
use crate::seed::History;
use crate::server::Process;
use crate::world::{Console, FIRST_SEQ};
use std::collections::BTreeSet;

/// Measures it.
///
/// # Errors
/// A server that does not start, a check that is not answered by a lease.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let args = bench.args;
    let mut large = Installation::in_place(args.large, History::LeftOut)?;
    let small = Installation::start(args.small, History::LeftOut, None)?;
    let everybody = pick(args.small, 0, args.small);
    let (mut rounds, mut notes) = (Rounds::default(), vec![]);
    for round in 0..=args.rounds {
        // In the small store everybody checks every round, in the large one others each time.
        let few = cost(&small.server, &everybody, FIRST_SEQ + round)?;
        let others = large.consoles(args.small)?;
        let many = cost(&large.server, &others, FIRST_SEQ)?;
        if round > 0 {
            rounds.ratio(many, few);
            notes.push(format!("S5: {many:.1} us with {} keys, {few:.1} us with {}", args.large, args.small));
        } // the first one warms up
    }
    let memory = large.server.memory()?;
    notes.push(format!("S5: {:.0} MB resident with {} keys", memory.now, args.large));
    Ok(vec![Figure { line: bounded("S5", &rounds, [1.3, 1.15]), notes }])
}

/// Microseconds of CPU a check of these consoles, each of which holds lease number `held`.
fn cost(server: &Process, consoles: &[Console], held: u32) -> Done<f64> {
    let messages = checks(consoles, held, Keep::Alive);
    let before = server.cpu_us()?;
    let tally = storm(&Plan::closed(server.address("device")?.into(), CONNECTIONS, Keep::Alive), &messages)?;
    let cost = (server.cpu_us()? - before) / messages.len() as f64;
    if tally.others(&[200]) > 0 { Err(format!("not every check was answered 200: {tally}").into()) } else { Ok(cost) }
}
