//! Clients that take their time: a head or a body that does not arrive, a connection that says nothing. Five seconds, then it is
//! closed, and nobody else has waited.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::{COSE, Http, head};
use crate::common::{instant, wait_for};
use leasehold_protocol::machine::Kind;
use std::time::Duration;

/// Each kind of slow client, this many at once.
const EACH: usize = 4;
/// The server's limit is 5 s; a machine under load may be late.
const CLOSED_WITHIN: std::ops::Range<Duration> = Duration::from_millis(4500)..Duration::from_secs(12);

#[test]
fn slow_heads_slow_bodies_and_idle_connections_are_closed_after_five_seconds() {
    let stage = Stage::set();
    let begun = instant();
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    let whole = head("POST", "/v1/activate", &[("content-type", COSE)], Some(message.len()));
    let openings = [vec![], whole[..20].to_vec(), [&whole[..], &message[..30]].concat()];
    let mut waiting = Vec::new();
    for opening in &openings {
        for _ in 0..EACH {
            let (mut http, opening) = (stage.http(), opening.clone());
            waiting.push(std::thread::spawn(move || {
                http.write(&opening).expect("sent");
                let reply = if opening.len() > 100 { http.reply().ok() } else { None };
                let rest = http.rest().expect("it closes");
                (reply, rest, begun.elapsed())
            }));
        }
    }
    let mut used = stage.http();
    used.get("/livez").expect("an answer");
    let used = std::thread::spawn(move || (used.rest().expect("it closes"), begun.elapsed()));

    let mut slowest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(3) {
        let (asked, mut device) = (instant(), Device::modest(&stage.seed.lot));
        device.takes(&mut stage.http(), &stage.keys, Kind::Activate);
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "an honest device waited {slowest:?}");

    let mut slow_bodies = 0;
    for client in waiting {
        let (reply, rest, after) = client.join().expect("a client");
        assert!(CLOSED_WITHIN.contains(&after), "closed after {after:?}");
        if let Some(reply) = reply {
            assert_eq!((reply.status, reply.code()), (408, "too_slow".into()));
            slow_bodies += 1;
        }
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
    assert_eq!(slow_bodies, EACH, "every slow body is told");
    let (rest, after) = used.join().expect("a client");
    assert!(rest.is_empty() && CLOSED_WITHIN.contains(&after), "a connection that was used is closed after {after:?}");
    let all_closed = wait_for(Duration::from_secs(5), || (connections(&stage) == 0).then_some(()));
    assert!(all_closed.is_some(), "{} connections are still open", connections(&stage));
    println!("count slow clients: {} closed after 5 s, an honest device waited {slowest:?} at most", 3 * EACH + 1);
}

fn connections(stage: &Stage) -> u64 {
    let mut http = Http::connect(stage.server.operator()).expect("it listens");
    let page = http.get("/metrics").expect("an answer").text();
    let line = page.lines().find_map(|line| line.strip_prefix("leasehold_connections{listener=\"device\"} "));
    line.expect("the series is there").parse().expect("a number")
}
