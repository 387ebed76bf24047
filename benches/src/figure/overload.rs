//! Overload: far more connections than the server's queue takes, each asking again as soon as it was answered. How much of its
//! peak does the server still answer, and do the people behind the other two listeners notice?

use super::{Bench, CONNECTIONS, Figure, Installation};
use crate::Done;
use crate::herd::fleet::checks;
use crate::herd::{Keep, Plan, Retry, storm};
use crate::seed::History;
use crate::world::FIRST_SEQ;
use leasehold::clock;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Connections with which the peak is looked for.
const PEAKS: [usize; 3] = [CONNECTIONS, 1_000, 4_000];
/// Far more.
const CROWD: usize = 10_000;
/// Seconds of overload.
const SECONDS: u32 = 10;
/// Rest between two probes.
const REST: Duration = Duration::from_millis(20);

/// Measures it.
///
/// # Errors
/// A server that does not start or does not answer.
pub fn run(bench: &Bench<'_>, _: &BTreeSet<String>) -> Done<Vec<Figure>> {
    let mut installation = Installation::start(bench.args.keys, History::Kept, None)?;
    let mut peak = 0f64;
    for connections in PEAKS {
        let messages = checks(&installation.consoles(bench.args.checks)?, FIRST_SEQ, Keep::Alive);
        peak =
            peak.max(storm(&Plan::closed(installation.device()?.into(), connections, Keep::Alive), &messages)?.rate());
    }
    let idle = [probe(&installation, "operator", "/livez", 50)?, probe(&installation, "portal", "/", 50)?];
    let count = installation.left().min(SECONDS * 100_000);
    let messages = checks(&installation.consoles(count)?, FIRST_SEQ, Keep::Alive);
    let mut plan = Plan::closed(installation.device()?.into(), CROWD, Keep::Alive);
    (plan.retry, plan.limit) = (Retry::Never, Duration::from_secs(SECONDS.into()));
    let over = AtomicBool::new(false);
    let (tally, latencies) = thread::scope(|scope| -> Done<_> {
        let watch = |name: &str| installation.server.address(name);
        let (operator, portal) = (watch("operator")?, watch("portal")?);
        let probes = [(operator, "/livez"), (portal, "/")].map(|(address, path)| {
            let over = &over;
            scope.spawn(move || until(over, address, path))
        });
        let tally = storm(&plan, &messages);
        over.store(true, Ordering::Release);
        let latencies = probes.map(|probe| probe.join().map_or(f64::NAN, p99));
        Ok((tally?, latencies))
    })?;
    let (goodput, offered) = (tally.rate() / peak, tally.sent() as f64 / tally.seconds / peak);
    let line = format!(
        "overload goodput {goodput:.2} of peak at {offered:.1} times peak, operator p99 {:.1} ms, portal p99 {:.1} ms",
        latencies[0], latencies[1]
    );
    let notes = vec![
        format!("overload: peak {peak:.0} a second with one of {PEAKS:?} connections; with {CROWD}: {tally}"),
        format!("overload: idle: operator p99 {:.1} ms, portal p99 {:.1} ms", idle[0], idle[1]),
    ];
    Ok(vec![Figure { line, notes }])
}

fn probe(installation: &Installation, name: &str, path: &str, times: u32) -> Done<f64> {
    let address = installation.server.address(name)?;
    Ok(p99((0..times).map(|_| once(address, path)).collect::<Result<Vec<f64>, _>>()?))
}

fn until(over: &AtomicBool, address: SocketAddr, path: &str) -> Vec<f64> {
    let mut millis = vec![];
    while !over.load(Ordering::Acquire) {
        millis.push(once(address, path).unwrap_or(f64::INFINITY));
        thread::sleep(REST);
    }
    millis
}

/// Milliseconds of one request on a connection of its own.
fn once(address: SocketAddr, path: &str) -> std::io::Result<f64> {
    let started = clock::instant();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = vec![];
    stream.read_to_end(&mut answer)?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

fn p99(mut millis: Vec<f64>) -> f64 {
    millis.sort_by(f64::total_cmp);
    millis.get(millis.len() * 99 / 100).copied().unwrap_or(f64::NAN)
}
