//! A device that is announced, and licensed by somebody else.

use super::vendor::{CODE, ENROLMENT, START};
use super::*;
use crate::message::{DeviceMessage, Host};
use crate::refusal::Refused;
use crate::register::Register;

/// An enrolment of the till.
pub fn enrolment(code: &str) -> Enrolment {
    let host = Host { version: "9.1".into(), ..Host::default() };
    Enrolment { code: code.into(), device_name: Some("till 4".into()), host }
}

/// A console that was announced and waits.
fn waiting() -> Bench {
    let mut bench = Bench::new();
    bench.step(Event::Register(enrolment(ENROLMENT)));
    assert_eq!(bench.phase(), Phase::Waiting, "{:?}", bench.shown);
    bench
}

fn due(bench: &Bench) -> i64 {
    bench.machine.state().due.expect("it asks again").0 - bench.now.wall.0
}

#[test]
fn a_waiting_console_is_licensed_without_being_touched() {
    let mut bench = waiting();
    let said = Register::open(&bench.sent[0].1).expect("signed by the device");
    assert_eq!((said.code.as_str(), said.device_name.as_deref()), (ENROLMENT, Some("till 4")));
    assert!(matches!(bench.news()[..], [.., Notice::Waiting { .. }]));
    bench.pass(due(&bench));
    bench.step(Event::Tick);
    assert_eq!((bench.phase(), bench.sent.len()), (Phase::Waiting, 2), "asked again, and nobody has licensed it");
    bench.vendor.licensed = true;
    bench.pass(due(&bench));
    bench.step(Event::Tick);
    assert_eq!(bench.phase(), Phase::Licensed);
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(1));
    bench.pass(DAY);
    bench.step(Event::Check);
    assert_eq!(bench.vendor.answered.last(), Some(&Kind::Check), "from then on it is a console like any other");
}

#[test]
fn a_waiting_console_repeats_its_bytes_also_after_a_restart() {
    let mut bench = waiting();
    bench.restart();
    assert_eq!(bench.phase(), Phase::Waiting);
    bench.pass(due(&bench));
    bench.step(Event::Tick);
    bench.step(Event::Check);
    bench.step(Event::Register(enrolment(ENROLMENT)));
    assert_eq!(bench.sent.len(), 4);
    assert!(bench.sent.iter().all(|sent| *sent == bench.sent[0]), "so that a lost lease comes again");
    bench.step(Event::Register(Enrolment { device_name: None, ..enrolment(ENROLMENT) }));
    assert_ne!(bench.sent[4], bench.sent[0], "another order is another message");
}

#[test]
fn a_lease_that_was_lost_on_its_way_to_a_waiting_console_comes_again() {
    let mut bench = waiting();
    (bench.vendor.licensed, bench.lose) = (true, 1);
    bench.step(Event::Check);
    assert_eq!(bench.phase(), Phase::Waiting);
    bench.step(Event::Check);
    assert_eq!(bench.phase(), Phase::Licensed);
    assert_eq!((bench.machine.lease().map(|lease| lease.grant.seq), bench.vendor.rewinds), (Some(1), 0));
}

#[test]
fn a_waiting_console_asks_again_with_jitter_and_not_when_a_proxy_says_never() {
    let mut seen = std::collections::BTreeSet::new();
    for drawn in 0..40 {
        let mut bench = Bench::new();
        bench.drawn = drawn * 1000;
        bench.step(Event::Register(enrolment(ENROLMENT)));
        assert!((300..600).contains(&due(&bench)), "{}", due(&bench));
        seen.insert(due(&bench));
    }
    assert!(seen.len() > 20, "{seen:?}");
    let mut bench = waiting();
    bench.step(Event::Answer { status: 202, body: vec![], retry_after: Some(u32::MAX) });
    assert!(due(&bench) < 7 * 3600, "nobody waits for ever because an unsigned answer said so");
}

#[test]
fn a_code_that_is_not_good_ends_the_waiting_and_what_people_can_change_does_not() {
    let mut bench = Bench::new();
    bench.step(Event::Register(enrolment("AAAA-AAAA-AAAA-AAAA")));
    assert_eq!(bench.phase(), Phase::Unlicensed);
    assert_eq!(bench.machine.status(bench.now).refusal, Some("enrolment_invalid"));
    let sent = bench.sent.len();
    bench.pass(DAY);
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), sent, "it does not go on asking");

    let mut bench = waiting();
    bench.vendor.refuse = Some(Refused::InsufficientUnits);
    bench.step(Event::Check);
    assert_eq!((bench.phase(), bench.machine.status(bench.now).refusal), (Phase::Waiting, Some("insufficient_units")));
    (bench.vendor.refuse, bench.vendor.licensed) = (None, true);
    bench.pass(due(&bench));
    bench.step(Event::Tick);
    assert_eq!((bench.phase(), bench.machine.status(bench.now).refusal), (Phase::Licensed, None));
}

#[test]
fn only_an_unlicensed_console_is_announced() {
    let mut bench = Bench::leased();
    bench.step(Event::Register(enrolment(ENROLMENT)));
    assert!(matches!(bench.news()[..], [.., Notice::Cannot(Cannot::AlreadyLicensed)]));
    let mut bench = Bench::new();
    bench.step(Event::Register(enrolment("AAAA\n")));
    assert!(matches!(bench.news()[..], [.., Notice::Cannot(Cannot::Order { what: "enrolment code", .. })]));
    let mut bench = waiting();
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!((bench.phase(), bench.now.wall), (Phase::Licensed, START), "a key typed in meanwhile is as good");
}

#[test]
fn an_unsigned_202_changes_nothing_for_anything_but_an_announcement() {
    let mut bench = Bench::leased();
    let before = bench.machine.lease().cloned();
    bench.vendor.refuse = Some(Refused::Quarantine);
    bench.step(Event::Check);
    bench.step(Event::Answer { status: 202, body: vec![], retry_after: None });
    assert_eq!(bench.machine.lease().cloned(), before);
    assert!(matches!(bench.news()[..], [.., Notice::Unanswered { status: Some(202), .. }]));
}
