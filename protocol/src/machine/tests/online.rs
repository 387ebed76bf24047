use super::vendor::{self, CODE, START, Vendor, units};
use super::*;
use crate::activate::Activate;
use crate::check::Check;
use crate::message::DeviceMessage;
use crate::refusal::Refused;

#[test]
fn a_lost_answer_is_asked_for_with_the_same_bytes() {
    let mut bench = Bench::new();
    bench.lose = 1;
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!(bench.phase(), Phase::Unlicensed);
    bench.restart();
    bench.pass(60);
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), 2);
    assert_eq!(bench.sent[0], bench.sent[1]);
    assert_eq!(bench.phase(), Phase::Licensed);
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(1), "recorded once");
    assert_eq!(bench.vendor.rewinds, 0);
}

#[test]
fn the_answer_to_a_late_retry_is_not_the_last_word() {
    let mut bench = Bench::leased();
    bench.pass(2 * DAY);
    bench.lose = 1;
    bench.step(Event::Check);
    bench.pass(3 * DAY);
    bench.vendor.units = units(20);
    bench.step(Event::Check);
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(3));
    assert_eq!(bench.machine.status(bench.now).units, units(20));
    assert_eq!(bench.vendor.rewinds, 0);
}

#[test]
fn a_check_goes_out_in_its_window() {
    let mut bench = Bench::leased();
    let due = bench.machine.state().due.expect("a moment was drawn");
    assert!(START.plus(DAY) <= due && due <= START.plus(DAY + 6 * 3600), "{due}");
    bench.pass(due.0 - START.0 - 1);
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), 1);
    bench.pass(1);
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), 2);
    assert_eq!(bench.end(), bench.now.wall.plus(14 * DAY));
}

#[test]
fn a_smaller_lease_is_acknowledged_at_once() {
    let mut bench = Bench::leased();
    bench.vendor.units = units(4);
    bench.step(Event::Check);
    assert_eq!(bench.vendor.answered, [Kind::Activate, Kind::Check, Kind::Check]);
    let acknowledged = Check::open(&bench.sent[2].1).expect("ours");
    assert_eq!(acknowledged.proof.held, Some(crate::Cti::derive(acknowledged.sub, 2)));
    bench.vendor.units = units(5);
    bench.step(Event::Check);
    assert_eq!(bench.sent.len(), 4, "a larger one is not");
}

#[test]
fn a_resync_repeats_the_intent_with_proof() {
    let mut bench = Bench::leased();
    let backup = bench.saved.clone();
    bench.step(Event::Check);
    bench.saved = backup;
    bench.restart();
    let held = bench.saved.lease.as_ref().map(|held| held.bytes.0.clone());
    bench.step(Event::Check);
    let last = Check::open(&bench.sent[3].1).expect("ours");
    let first = Check::open(&bench.sent[2].1).expect("ours");
    assert_eq!(last.proof.held_lease, held);
    assert!(last.proof.challenge.is_some() && last.sender.nonce != first.sender.nonce);
    assert_eq!(bench.vendor.rewinds, 1);
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(3));
    bench.step(Event::Check);
    assert_eq!(bench.vendor.rewinds, 1, "healed");
}

#[test]
fn a_console_that_lost_its_state_activates_by_resync() {
    let mut bench = Bench::leased();
    let (root, drawn) = (PublicKey::of(&bench.vendor.root), bench.drawn);
    bench.machine = Machine::new(vendor::key(9), State::new(root, vendor::PRODUCT), bench.now).expect("new");
    bench.drawn = drawn;
    bench.keyset();
    bench.step(Event::Activate(Order { device_name: Some("till 4".into()), ..Order::of(CODE, "9.1") }));
    let again = Activate::open(&bench.sent[2].1).expect("ours");
    assert_eq!(again.device_name.as_deref(), Some("till 4"));
    assert_eq!(bench.phase(), Phase::Licensed);
}

#[test]
fn endless_resyncs_end_in_a_pause() {
    let mut bench = Bench::leased();
    let before = bench.machine.lease().cloned();
    bench.vendor.refuse = Some(Refused::Resync);
    bench.step(Event::Check);
    assert_eq!(bench.sent.len(), 2, "a resync without a challenge cannot be followed");
    bench.vendor = Vendor { refuse: None, deaf: true, ..bench.vendor };
    bench.step(Event::Check);
    assert_eq!(bench.sent.len(), 3 + RESYNC_ROUNDS_MAX as usize);
    assert_eq!(bench.machine.lease().cloned(), before);
    assert!(bench.machine.state().due.is_some_and(|due| due > bench.now.wall));
    bench.vendor.deaf = false;
    bench.step(Event::Check);
    assert_eq!(bench.phase(), Phase::Licensed);
}

#[test]
fn a_refusal_is_shown_and_the_lease_runs_to_its_end() {
    let mut bench = Bench::leased();
    let end = bench.end();
    bench.vendor.refuse = Some(Refused::KeyStopped);
    bench.pass(DAY);
    bench.step(Event::Check);
    assert_eq!((bench.phase(), bench.end()), (Phase::Stopped, end));
    assert_eq!(bench.machine.status(bench.now).refusal, Some("key_stopped"));
    assert!(bench.machine.grant(bench.now).is_some());
    bench.pass(13 * DAY);
    assert_eq!(bench.phase(), Phase::Expired);
    assert!(bench.machine.grant(bench.now).is_none());
    bench.vendor.refuse = None;
    bench.step(Event::Tick);
    assert_eq!(bench.phase(), Phase::Licensed, "a resumed key is noticed");
}

#[test]
fn a_server_in_quarantine_does_not_show_as_stopped() {
    for refused in [Refused::Quarantine, Refused::ClockUntrusted] {
        let mut bench = Bench::leased();
        let end = bench.end();
        bench.vendor.refuse = Some(refused);
        bench.pass(3600);
        bench.step(Event::Check);
        assert_eq!((bench.phase(), bench.end()), (Phase::Licensed, end), "{refused}");
        assert_eq!(bench.machine.status(bench.now).refusal, Some(refused.code()), "it is told all the same");
        bench.vendor.refuse = None;
        bench.pass(3600);
        bench.step(Event::Check);
        assert_eq!(bench.machine.status(bench.now).refusal, None);
        assert_ne!(bench.end(), end, "renewed");
    }
}

#[test]
fn an_outage_changes_nothing_until_the_end() {
    let mut bench = Bench::leased();
    bench.lose = u32::MAX;
    for day in 0..13 {
        bench.pass(DAY);
        bench.step(Event::Tick);
        let expected = if day == 0 { Phase::Licensed } else { Phase::Overdue };
        assert_eq!(bench.phase(), expected, "day {day}");
    }
    let distinct: std::collections::HashSet<_> = bench.sent[1..].iter().collect();
    assert_eq!(distinct.len(), 1, "one message, sent {} times", bench.sent.len() - 1);
    bench.pass(DAY);
    bench.news();
    bench.step(Event::Tick);
    bench.step(Event::Tick);
    let ends = bench.news().iter().filter(|notice| matches!(notice, Notice::Ended(_))).count();
    assert_eq!((bench.phase(), ends), (Phase::Expired, 1));
}

#[test]
fn pauses_grow_to_a_cap_and_heed_the_server() {
    let mut bench = Bench::leased();
    bench.lose = 1;
    bench.step(Event::Check);
    let mut longest = 0;
    for tries in 0..40 {
        let random = bench.random();
        bench.machine.step(Event::NoAnswer, bench.now, random);
        let pause = bench.machine.state().due.map_or(0, |due| due.0 - bench.now.wall.0);
        assert!((1..=2 * 3600).contains(&pause), "try {tries}: {pause} s");
        longest = longest.max(pause);
    }
    assert!(longest > 3600, "{longest}");
    let random = bench.random();
    let busy = Event::Answer { status: 503, body: vec![], retry_after: Some(9_000) };
    bench.machine.step(busy, bench.now, random);
    assert!(bench.machine.state().due.is_some_and(|due| due > bench.now.wall.plus(9_000)));
}

#[test]
fn an_activation_is_refused_while_something_is_in_hand() {
    let mut bench = Bench::leased();
    bench.news();
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!(bench.news(), [Notice::Cannot(Cannot::AlreadyLicensed)]);
    bench.step(Event::Activate(Order { replaces: true, ..Order::of(CODE, "9.2") }));
    let sent = Activate::open(&bench.sent[1].1).expect("ours");
    assert_eq!(sent.replaces, Some(crate::Cti::derive(crate::ActivationId([sent.sender.device.0[0]; 16]), 1)));
}

#[test]
fn bytes_the_server_cannot_read_are_not_sent_again() {
    let mut bench = Bench::leased();
    bench.lose = 1;
    bench.step(Event::Check);
    let random = bench.random();
    bench.machine.step(Event::Answer { status: 400, body: vec![], retry_after: None }, bench.now, random);
    assert_eq!(bench.machine.state().pending, None);
    assert!(bench.machine.state().due.is_some_and(|due| due > bench.now.wall));
}

#[test]
fn texts_that_do_not_travel_are_named() {
    let mut bench = Bench::new();
    bench.news();
    bench.step(Event::Activate(Order::of("AAAA\n", "9.1")));
    assert_eq!(bench.news()[0].to_string(), "the key holds a control character");
    let fresh = State::new(PublicKey::of(&Vendor::new().root), vendor::PRODUCT);
    bench.machine = Machine::new(vendor::key(9), fresh, bench.now).expect("new");
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!(bench.news(), [Notice::Cannot(Cannot::NoKeyset)]);
}

#[test]
fn an_older_lease_of_the_same_activation_is_not_accepted() {
    let mut bench = Bench::leased();
    bench.step(Event::Check);
    bench.vendor.records.clear(); // the server's store, lost: it begins at 1 again
    bench.news();
    bench.step(Event::Activate(Order { replaces: true, ..Order::of(CODE, "9.1") }));
    let news = bench.news();
    assert_eq!(news[0], Notice::NotAccepted(NotAccepted::Other("sequence number")), "{news:?}");
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(2));
}
