//! SIGTERM under load.

use crate::common::device::{Device, keyset};
use crate::common::http::{COSE, Http, head};
use crate::common::program::words;
use crate::common::server::TestServer;
use crate::common::{Dice, instant};
use crate::load::{THREADS, behind, lost, storm};
use leasehold_protocol::machine::Kind;
use std::time::Duration;

const TIMES: u32 = 5;
/// With nothing slow on its connections a server goes down at once.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn sigterm_under_load_loses_no_accepted_check_and_exits_0() {
    let mut dice = Dice::thrown("SIGTERM");
    let (mut server, seed) = TestServer::started(u32::try_from(THREADS).expect("few"));
    let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
    let (mut acknowledged, mut shed) = (0, 0);
    for _ in 0..TIMES {
        let (at, pause) = (server.device(), Duration::from_millis(50 + dice.below(300)));
        let mut storm = storm(at, &keys, &seed, || {
            std::thread::sleep(pause);
            let started = instant();
            let ended = server.stop();
            assert_eq!(ended.status.code(), Some(0), "{}", ended.output);
            assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        });
        assert!(storm.devices.iter().any(|device| device.pending.is_some()), "nobody was in the middle of anything");
        assert_eq!(behind(&server.data(), &storm.devices), Vec::<String>::new());
        server.start();
        assert_eq!(lost(server.device(), &keys, &seed, &mut storm.devices), Vec::<String>::new());
        acknowledged += storm.acknowledged;
        shed += storm.shed;
    }
    assert_eq!(server.stop().status.code(), Some(0));
    words(&["store", "fsck", "--data", &server.data().display().to_string()]).ok();
    println!(
        "count SIGTERM: {TIMES} times under load, {acknowledged} acknowledged answers, 0 lost, {shed} answered 503"
    );
}

#[test]
fn a_message_half_sent_at_sigterm_is_answered_or_the_connection_closes() {
    let (mut server, seed) = TestServer::started(1);
    let device = Device::modest(&seed.lot);
    let message = device.message(Kind::Activate);
    let mut half = Http::connect(server.device()).expect("it listens");
    half.write(&head("POST", Kind::Activate.path(), &[("content-type", COSE)], Some(message.len()))).expect("sent");
    half.write(&message[..40]).expect("sent");
    let idle = Http::connect(server.device()).expect("it listens");
    std::thread::sleep(Duration::from_millis(200));
    let stopping = std::thread::spawn(move || (server.stop(), server));
    std::thread::sleep(Duration::from_millis(200));
    half.write(&message[40..]).expect("the connection is still open");
    let reply = half.reply().expect("the request was accepted before the signal, so it is answered");
    assert!(matches!(reply.status, 200 | 503), "{}", reply.text());
    let (ended, server) = stopping.join().expect("it stops");
    assert_eq!(ended.status.code(), Some(0), "{}", ended.output);
    assert!(idle.rest().expect("an idle connection is closed").is_empty());
    let there = crate::common::seed::on_disk(&server.data(), |operator| {
        let view = operator.store.read().expect("the store reads");
        let id = device.public().device_id();
        let rows = view.scan(
            leasehold_ledger::store::Table::DeviceActivations,
            &id.0,
            &leasehold_ledger::store::after(&id.0),
            9,
        );
        rows.expect("the table reads").len()
    });
    assert_eq!(there, usize::from(reply.status == 200), "stored if and only if it was acknowledged");
}
