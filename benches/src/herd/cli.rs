//! `herd`: the fleet against any server whose store was made by `seed`.

use super::fleet::{Message, checks, pick};
use super::tally::Tally;
use super::wire::{Connection, Target, source};
use super::{Arrivals, Keep, Plan, Retry, Windows, curve, fleet, storm, verify};
use crate::world::FIRST_SEQ;
use crate::{Done, tls};
use leasehold_protocol::keyset::Keyset;
use leasehold_signer::keyfile;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Consoles of a seeded store check, and what they hear is verified
///
/// Each console has its own key and calls from its own address in 127.0.0.0/8. Every message is signed before the clock starts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: leasehold-benches herd --server http://127.0.0.1:8460 --trust data/keys/root.pub \
                        --consoles 100000 --at-once --spread --svg herd.svg")]
pub struct Args {
    /// The server's device port, as http://ADDR or https://ADDR
    #[arg(long, value_name = "URL")]
    server: String,
    /// The root key's public half: what the leases are verified with
    #[arg(long, value_name = "ROOT.pub")]
    trust: PathBuf,
    /// Consoles that check
    #[arg(long, value_name = "N")]
    consoles: u32,
    /// Keys in the store [default: as many as consoles]
    #[arg(long, value_name = "N")]
    keys: Option<u32>,
    /// The number of the lease they hold; 1 in a store that was just made
    #[arg(long, value_name = "SEQ", default_value_t = FIRST_SEQ)]
    held: u32,
    /// All are due in the same minute, instead of one after the other
    #[arg(long)]
    at_once: bool,
    /// With --at-once: a minute of so many seconds, so that fewer consoles make the same rush
    #[arg(long, value_name = "S", default_value_t = AT_ONCE)]
    within: f64,
    /// Check once more, at the moments their leases give, with six hours scaled to --seconds
    #[arg(long)]
    spread: bool,
    /// Connections at the same time
    #[arg(long, value_name = "C", default_value_t = 256)]
    connections: usize,
    /// The authority of the server's certificate (PEM); for https
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// Close the connection after every check
    #[arg(long)]
    one_connection_per_check: bool,
    /// The run ends after so many seconds at most, and those who have no lease by then are counted as missing
    #[arg(long, default_value_t = 3600, value_name = "S")]
    at_most: u64,
    /// Seconds a spread run takes
    #[arg(long, value_name = "S", default_value_t = 60.0)]
    seconds: f64,
    /// Leases to verify
    #[arg(long, value_name = "N", default_value_t = 1000)]
    sample: usize,
    /// Where the curve of arrivals goes
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// A minute: what "at once" means.
const AT_ONCE: f64 = 60.0;

/// Moments in one minute, the same in every run.
#[must_use]
pub fn in_a_minute(count: usize) -> Arrivals {
    within(count, AT_ONCE)
}

fn within(count: usize, seconds: f64) -> Arrivals {
    Arrivals::At((0..count as u64).map(|at| seconds * fleet::draw(at)).collect())
}

/// A moment of each console's own window, the whole day's windows scaled to `seconds`.
///
/// # Errors
/// A lease without a window.
pub fn spread(windows: &[Option<(u32, u32)>], seconds: f64) -> Done<Arrivals> {
    let windows: Option<Vec<(u32, u32)>> = windows.iter().copied().collect();
    let windows = windows.ok_or("a lease was not heard, or gives no window")?;
    // One lease was signed before the day's window opened, the next after: only the time of day counts.
    let of_day = |time: u32| f64::from(time % 86_400);
    let moments = windows
        .iter()
        .zip(0u64..)
        .map(|((from, to), at)| of_day(*from) + f64::from(to - from) * fleet::draw(at | 1 << 63));
    let moments: Vec<f64> = moments.collect();
    let first = moments.iter().copied().fold(f64::INFINITY, f64::min);
    let last = moments.iter().copied().fold(0.0, f64::max);
    let scale = seconds / (last - first).max(1.0);
    Ok(Arrivals::At(moments.into_iter().map(|moment| (moment - first) * scale).collect()))
}

/// Runs the verb.
///
/// # Errors
/// A console without a fresh lease, or a lease that is not what it must be.
pub fn run(args: &Args) -> Done {
    let target = target(args)?;
    let keys = keyset(&target, &keyfile::read_public(&args.trust)?)?;
    let keep = if args.one_connection_per_check { Keep::OnePerCheck } else { Keep::Alive };
    let consoles = pick(args.keys.unwrap_or(args.consoles), 0, args.consoles);
    let arrivals = if args.at_once { within(consoles.len(), args.within) } else { Arrivals::Closed };
    let windows = if args.spread { Windows::Read } else { Windows::Ignored };
    let (connections, sample) = (args.connections, args.sample);
    let (retry, limit) = (Retry::AsConsoles, Duration::from_secs(args.at_most));
    let plan = Plan { target, connections, keep, arrivals, retry, sample, windows, limit };
    let first = one(&plan, &checks(&consoles, args.held, keep), &keys)?;
    let mut curves = vec![curve::Curve::of("as they come", &first)];
    if args.spread {
        let arrivals = spread(&first.windows, args.seconds)?;
        let plan = Plan { arrivals, windows: Windows::Ignored, ..plan };
        let second = one(&plan, &checks(&consoles, args.held + 1, keep), &keys)?;
        curves.push(curve::Curve::of("at the moments their leases give, six hours scaled", &second));
    }
    if let Some(svg) = &args.svg {
        std::fs::write(svg, curve::draw(&curves))?;
    }
    Ok(())
}

fn one(plan: &Plan, messages: &[Message], keys: &Keyset) -> Done<Tally> {
    let tally = storm(plan, messages)?;
    println!("{tally}");
    let verified = verify::samples(&tally, messages, keys)?;
    println!("  {verified} leases verified");
    match tally.fresh() as usize == messages.len() {
        true => Ok(tally),
        false => Err(format!("{} consoles have no fresh lease", messages.len() - tally.fresh() as usize).into()),
    }
}

fn target(args: &Args) -> Done<Target> {
    let authority = |url: &str| -> Done<SocketAddr> { Ok(url.trim_end_matches('/').parse()?) };
    match (args.server.strip_prefix("http://"), args.server.strip_prefix("https://"), &args.tls_ca) {
        (Some(address), None, None) => Ok(Target { address: authority(address)?, tls: None }),
        (None, Some(address), Some(ca)) => Ok(Target { address: authority(address)?, tls: Some(tls::client(ca)?) }),
        _ => Err("give --server http://ADDR, or https://ADDR and --tls-ca".into()),
    }
}

/// The server's keys, certified by `root`.
///
/// # Errors
/// They are not.
pub fn keyset(target: &Target, root: &leasehold_protocol::PublicKey) -> Done<Keyset> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let body = runtime.block_on(async {
        let get = b"GET /v1/keyset HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut connection =
            tokio::time::timeout(Duration::from_secs(10), Connection::open(target, source(0))).await??;
        let answer = connection.exchange(get).await?;
        Done::Ok(connection.body(&answer).to_vec())
    })?;
    Ok(Keyset::accept(&body, root, 1)?)
}
