//! `kill -9` at random moments.

use crate::common::device::keyset;
use crate::common::http::Http;
use crate::common::program::words;
use crate::common::server::TestServer;
use crate::common::{Dice, instant};
use crate::load::{THREADS, behind, lost, storm};
use std::time::Duration;

/// Kills, times `LEASEHOLD_SOAK`.
const MOMENTS: u32 = 30;
/// Milliseconds of load before the kill, at most.
const MILLIS_MAX: u64 = 400;
/// Rounds after which rows and invariants are looked at, beside the end.
const LOOK_EVERY: u32 = 6;

#[test]
fn r1_nothing_acknowledged_is_lost_by_kill_9() {
    let moments = MOMENTS * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let started = instant();
    let mut dice = Dice::thrown("kill -9");
    let (mut server, seed) = TestServer::started(u32::try_from(THREADS).expect("few"));
    let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
    let (mut living, mut acknowledged, mut losses) = (Vec::new(), 0, Vec::new());
    for moment in 1..=moments {
        let at = server.device();
        let pause = Duration::from_millis(dice.below(MILLIS_MAX));
        let mut storm = storm(at, &keys, &seed, || {
            std::thread::sleep(pause);
            server.kill();
        });
        acknowledged += storm.acknowledged;
        if moment % LOOK_EVERY == 0 {
            losses.extend(behind(&server.data(), &storm.devices));
            fsck(&server);
        }
        server.start();
        losses.extend(lost(server.device(), &keys, &seed, &mut storm.devices));
        living.extend(storm.devices);
        assert!(losses.is_empty(), "after moment {moment}: {losses:#?}");
    }
    losses.extend(lost(server.device(), &keys, &seed, &mut living));
    server.kill();
    losses.extend(behind(&server.data(), &living));
    fsck(&server);
    assert!(losses.is_empty(), "{losses:#?}");
    assert!(acknowledged > 10 * u64::from(moments), "{acknowledged} answers are no load");
    println!("count kill -9: {moments} moments, {acknowledged} acknowledged answers, {} lost", losses.len());
    println!("{} devices, {} s", living.len(), started.elapsed().as_secs());
}

fn fsck(server: &TestServer) {
    let data = server.data().display().to_string();
    let report = words(&["store", "fsck", "--data", &data]).ok();
    assert!(report.ends_with(" 0 findings\n"), "{report}");
}
