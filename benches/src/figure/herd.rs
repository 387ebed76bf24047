//! S11: everybody in the same minute, on one core. Every console has its own key, address and connection; what it gets until it
//! has a lease is 503 at worst. Then the same fleet at the moments its leases give, the day's six hours scaled to three minutes,
//! and nobody gets a 503.

use super::{Bench, Figure, Installation};
use crate::herd::cli::{in_a_minute, keyset, spread};
use crate::herd::curve::{self, Curve};
use crate::herd::fleet::checks;
use crate::herd::tally::Tally;
use crate::herd::{Arrivals, Keep, Plan, Retry, Windows, storm, verify};
use crate::seed::History;
use crate::server::root;
use crate::world::{Console, FIRST_SEQ};
use crate::{Done, proc};
use std::collections::BTreeSet;
use std::time::Duration;

/// Connections under way at the same time: what one process may open.
const CONNECTIONS: usize = 15_000;
/// However many have no lease by then.
const AT_MOST: Duration = Duration::from_secs(3600);
/// Leases verified.
const SAMPLE: usize = 10_000;
/// Checks a second at the moments the leases give: well below what one core takes.
const SPREAD_RATE: f64 = 6_000.0;
const MIB_MAX: f64 = 256.0;

/// Measures it.
///
/// # Errors
/// A server that does not start, a lease that is wrong.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let consoles = installation.consoles(bench.args.keys)?;
    let crowd = in_a_minute(consoles.len());
    let first = stage(&installation, &consoles, FIRST_SEQ, crowd, Windows::Read)?;
    let mib = installation.server.memory()?.peak * 1e6 / f64::from(1 << 20);
    let mut notes = vec![format!("S11: due in one minute: {first}"), waited(&first)];
    let everybody = |tally: &Tally| tally.fresh() == u64::from(bench.args.keys);
    let mut holds = everybody(&first) && first.others(&[200, 503]) == 0;
    let mut curves = vec![Curve::of("due in the same minute", &first)];
    if everybody(&first) {
        let arrivals = spread(&first.windows, f64::from(bench.args.keys) / SPREAD_RATE)?;
        let second = stage(&installation, &consoles, FIRST_SEQ + 1, arrivals, Windows::Ignored)?;
        notes.push(format!("S11: at the moments the leases give, scaled to {SPREAD_RATE:.0} a second: {second}"));
        notes.push(waited(&second));
        holds &= everybody(&second) && second.others(&[200]) == 0;
        curves.push(Curve::of("at the moments the leases give, six hours scaled", &second));
    }
    let svg = crate::seed::cache::folder()?.join("herd.svg");
    std::fs::write(&svg, curve::draw(&curves))?;
    notes.push(format!("S11: {mib:.0} MiB at most (then: {MIB_MAX}); arrivals in {}", svg.display()));
    let word = if holds { "holds" } else { "fails" };
    let line = format!("S11 {word} {:.1} {:.1} {mib:.0}", first.seconds, first.latency().p99);
    Ok(vec![Figure { line, notes }])
}

/// How long consoles waited, pauses after a 503 included, and for one of [`CONNECTIONS`].
fn waited(tally: &Tally) -> String {
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| tally.wait(share));
    format!("S11: from being due to a lease: p50 {p50:.2} s, p99 {p99:.2} s, at most {max:.2} s")
}

fn stage(at: &Installation, consoles: &[Console], held: u32, arrivals: Arrivals, windows: Windows) -> Done<Tally> {
    proc::pin(&[proc::SERVER_CORE, proc::LOAD_CORE])?; // nothing is measured while messages are signed
    let messages = checks(consoles, held, Keep::OnePerCheck);
    proc::pin(&[proc::LOAD_CORE])?;
    let target = at.device()?.into();
    let keys = keyset(&at.device()?.into(), &root(&at.data())?)?;
    let (connections, keep, retry) = (CONNECTIONS, Keep::OnePerCheck, Retry::AsConsoles);
    let plan = Plan { target, connections, keep, arrivals, retry, sample: SAMPLE, windows, limit: AT_MOST };
    let tally = storm(&plan, &messages)?;
    verify::samples(&tally, &messages, &keys)?;
    Ok(tally)
}
