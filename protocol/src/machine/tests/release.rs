use super::vendor::CODE;
use super::*;
use crate::activate::Activate;
use crate::message::{DeviceMessage, Proof};
use crate::release::Release;

#[test]
fn a_release_is_repeated_until_the_receipt_and_final() {
    let mut bench = Bench::leased();
    bench.lose = 2;
    bench.step(Event::Release);
    assert_eq!(bench.phase(), Phase::Unlicensed);
    assert!(bench.saved.lease.as_ref().is_some_and(|held| held.unusable), "on disk before it is sent");
    bench.step(Event::Check);
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!(bench.vendor.answered, [Kind::Activate, Kind::Release], "nothing goes before the receipt");
    bench.restart();
    bench.pass(60);
    bench.step(Event::Tick);
    bench.step(Event::Release);
    assert_eq!(bench.sent[1..], [bench.sent[1].clone(), bench.sent[1].clone(), bench.sent[1].clone()]);
    assert!(matches!(bench.news()[..], [.., Notice::Released]));
    bench.step(Event::Release);
    bench.step(Event::Check);
    let news = bench.news();
    assert!(news.iter().all(|notice| *notice == Notice::Cannot(Cannot::NoLease)) && news.len() == 2, "{news:?}");
    assert_eq!(bench.phase(), Phase::Unlicensed);
}

#[test]
fn a_release_the_server_cannot_read_is_repeated_all_the_same() {
    let mut bench = Bench::leased();
    bench.lose = 1;
    bench.step(Event::Release);
    let random = bench.random();
    bench.machine.step(Event::Answer { status: 400, body: vec![], retry_after: None }, bench.now, random);
    bench.step(Event::Release);
    assert_eq!(bench.sent[1], bench.sent[2]);
}

#[test]
fn a_release_after_a_lost_lease_goes_through_a_resync() {
    let mut bench = Bench::leased();
    bench.lose = 1;
    bench.step(Event::Check);
    bench.step(Event::Release);
    let last = Release::open(&bench.sent[3].1).expect("ours");
    assert!(last.proof.challenge.is_some() && last.proof.held_lease.is_some());
    assert!(matches!(bench.news()[..], [.., Notice::Released]));
}

#[test]
fn a_refused_release_stays_unusable_and_may_be_asked_for_again() {
    let mut bench = Bench::leased();
    let records = std::mem::take(&mut bench.vendor.records);
    bench.step(Event::Release);
    assert!(matches!(bench.news()[..], [.., Notice::Refused(_)]));
    assert_eq!(bench.phase(), Phase::Unlicensed);
    bench.vendor.records = records;
    bench.step(Event::Release);
    assert!(matches!(bench.news()[..], [.., Notice::Released]));
}

#[test]
fn a_key_can_be_activated_again_after_a_release() {
    let mut bench = Bench::leased();
    bench.step(Event::Release);
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!((bench.phase(), bench.vendor.rewinds), (Phase::Licensed, 0));
}

#[test]
fn what_was_given_back_is_not_shown_as_held() {
    let mut bench = Bench::leased();
    bench.step(Event::Release);
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    let shown: Vec<Proof> =
        bench.sent[2..].iter().map(|(_, bytes)| Activate::open(bytes).expect("ours").proof).collect();
    assert!(shown.len() == 2 && shown[1].challenge.is_some(), "asked once more: {shown:?}");
    assert!(shown.iter().all(|proof| proof.held.is_none() && proof.held_lease.is_none()), "{shown:?}");
}
