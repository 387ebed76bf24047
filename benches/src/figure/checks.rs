//! S1, S2, S3: what a durable, strictly verified, signed check costs the server, against V + S + E over the same kind of
//! connection. One round of each kind after the other.

use super::answers::Sizes;
use super::{Bench, CONNECTIONS, Figure, Installation};
use crate::herd::fleet::{Message, checks};
use crate::herd::wire::Target;
use crate::herd::{Keep, Plan, cli::keyset, storm, verify};
use crate::proc::own_cpu_us;
use crate::rounds::{Rounds, bounded};
use crate::seed::History;
use crate::server::{Process, root};
use crate::world::FIRST_SEQ;
use crate::{Done, floor, tls};
use std::collections::BTreeSet;

/// Leases verified of each run.
const SAMPLE: usize = 200;

/// A kind of connection, its server and its echo.
struct Kind {
    name: &'static str,
    bounds: [f64; 2],
    keep: Keep,
    server: Target,
    echo: (Process, Target),
    rounds: Rounds,
    /// Microseconds a check, the floors, and what the load itself costs, round by round.
    parts: Vec<[f64; 5]>,
}

/// Measures S1 and S2, as far as they are wanted.
///
/// # Errors
/// A server that does not start, a lease that is wrong.
pub fn plain(bench: &Bench<'_>, wanted: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let sizes = Sizes::of(&mut installation)?;
    let mut kinds = Vec::new();
    for (name, bounds, keep) in [("S1", [1.15, 1.0], Keep::Alive), ("S2", [1.05, 0.97], Keep::OnePerCheck)] {
        if wanted.contains(name) {
            let echo = Process::echo(sizes.answer, None)?;
            let target = echo.address("echo")?.into();
            kinds.push(Kind::new(name, bounds, keep, installation.device()?.into(), (echo, target)));
        }
    }
    measure(bench, &mut installation, &sizes, &mut kinds)?;
    Ok(kinds.iter().map(Kind::figure).collect())
}

/// Measures S3.
///
/// # Errors
/// As [`plain`].
pub fn over_tls(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, Some(bench.tls))?;
    let client = Some(tls::client(&bench.tls.certificate)?);
    let target = |address| Target { address, tls: client.clone() };
    let server = target(installation.device()?);
    let sizes = Sizes::over(&mut installation, &server)?;
    let echo = Process::echo(sizes.answer, Some(bench.tls))?;
    let echoes = target(echo.address("echo")?);
    let mut kinds = [Kind::new("S3", [1.05, 0.98], Keep::OnePerCheck, server, (echo, echoes))];
    measure(bench, &mut installation, &sizes, &mut kinds)?;
    Ok(kinds.iter().map(Kind::figure).collect())
}

fn measure(bench: &Bench<'_>, at: &mut Installation, sizes: &Sizes, kinds: &mut [Kind]) -> Done {
    let root = root(&at.data())?;
    for round in 0..=bench.args.rounds {
        let [verify, sign] = sizes.crypto()?;
        for kind in &mut *kinds {
            let messages = checks(&at.consoles(bench.args.checks)?, FIRST_SEQ, kind.keep);
            let [echo, _] = cpu(&kind.echo.0, &kind.echo.1, kind.keep, &messages, None)?;
            let [check, load] = cpu(&at.server, &kind.server, kind.keep, &messages, Some(&root))?;
            if round > 0 {
                kind.rounds.ratio(check, verify + sign + echo);
                kind.parts.push([check, verify, sign, echo, load]);
            } // the first one warms up
        }
    }
    Ok(())
}

/// Microseconds of CPU a process spends on each message, and this one; with a root key, what it answers is verified.
fn cpu(
    process: &Process,
    target: &Target,
    keep: Keep,
    messages: &[Message],
    root: Option<&leasehold_protocol::PublicKey>,
) -> Done<[f64; 2]> {
    let mut plan = Plan::closed(target.clone(), CONNECTIONS, keep);
    plan.sample = if root.is_some() { SAMPLE } else { 0 };
    let before = [process.cpu_us()?, own_cpu_us()];
    let tally = storm(&plan, messages)?;
    let cost = [process.cpu_us()? - before[0], own_cpu_us() - before[1]].map(|us| us / messages.len() as f64);
    if tally.others(&[200]) > 0 {
        return Err(format!("not every message was answered 200: {tally}").into());
    }
    if let Some(root) = root {
        verify::samples(&tally, messages, &keyset(target, root)?)?;
    }
    Ok(cost)
}

impl Kind {
    fn new(name: &'static str, bounds: [f64; 2], keep: Keep, server: Target, echo: (Process, Target)) -> Self {
        Self { name, bounds, keep, server, echo, rounds: Rounds::default(), parts: vec![] }
    }

    fn figure(&self) -> Figure {
        let parts = self.parts.iter().map(|[check, verify, sign, echo, load]| {
            format!("check {check:.1} us of CPU; V {verify:.1}, S {sign:.1}, E {echo:.1}; the load {load:.1}")
        });
        let spread = format!("the reference spreads {:.0} %", 100.0 * self.rounds.spread());
        let notes = parts.chain([spread]).map(|note| format!("{}: {note}", self.name)).collect();
        Figure { line: bounded(self.name, &self.rounds, self.bounds), notes }
    }
}

impl Sizes {
    /// V and S at these sizes.
    ///
    /// # Errors
    /// The round's.
    pub fn crypto(&self) -> Done<[f64; 2]> {
        let (message, answer) = (self.message.to_string(), self.answer.to_string());
        floor::round(&["crypto", "--message", &message, "--answer", &answer])
    }
}
