use super::vendor::{CODE, START};
use super::*;
use crate::refusal::Refused;

#[test]
fn a_wrong_signer_is_not_believed() {
    let mut bench = Bench::leased();
    let before = bench.machine.lease().cloned();
    bench.vendor.lease_key = vendor::key(66);
    let signed_by_a_stranger = bench.vendor.keyset_version;
    bench.vendor.root = vendor::key(67);
    bench.step(Event::Check);
    assert_eq!(bench.vendor.keyset_version, signed_by_a_stranger);
    assert_eq!(bench.machine.lease().cloned(), before);
    let news = bench.news();
    assert!(news.iter().any(|notice| matches!(notice, Notice::NotAccepted(NotAccepted::UnknownKey(_)))), "{news:?}");
    assert!(bench.machine.state().pending.is_some(), "the question stands");
}

#[test]
fn a_lost_key_ends_its_long_leases_once() {
    let mut bench = Bench::new();
    bench.vendor.term = 40 * DAY;
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    assert_eq!(bench.end(), START.plus(40 * DAY));
    bench.pass(5 * DAY);
    bench.vendor.revoke_lease_key(5);
    bench.keyset();
    assert_eq!(bench.end(), START.plus(19 * DAY), "14 days after the keyset that says so");
    bench.pass(DAY);
    bench.vendor.keyset_version += 1;
    bench.keyset();
    bench.restart();
    assert_eq!(bench.end(), START.plus(19 * DAY), "a later keyset does not put it off");
    bench.news();
    bench.keyset();
    assert_eq!(bench.news(), [], "the same keyset again is no news");
}

#[test]
fn a_newer_keyset_is_fetched() {
    let mut bench = Bench::leased();
    bench.vendor.revoke_lease_key(5);
    bench.vendor.refuse = Some(Refused::KeyStopped);
    bench.step(Event::Check);
    assert_eq!(bench.machine.keyset().map(|keyset| keyset.version), Some(2));
    assert_eq!(bench.end(), START.plus(14 * DAY));
    bench.vendor.refuse = None;
    bench.pass(DAY);
    bench.step(Event::Check);
    assert_eq!((bench.phase(), bench.end()), (Phase::Licensed, START.plus(15 * DAY)));
}

#[test]
fn an_answer_by_a_key_revoked_since_is_asked_for_anew() {
    let mut bench = Bench::leased();
    bench.lose = 1;
    bench.step(Event::Check);
    bench.vendor.revoke_lease_key(5);
    bench.keyset();
    bench.step(Event::Check);
    assert_eq!(bench.sent[1], bench.sent[2], "the record of the server has the old key's answer");
    bench.step(Event::Check);
    assert_eq!((bench.phase(), bench.vendor.rewinds), (Phase::Licensed, 1));
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(3));
}

#[test]
fn a_lease_outlives_the_keyset_that_proved_it() {
    let mut bench = Bench::leased();
    bench.vendor.lease_key = vendor::key(5);
    bench.vendor.keyset_version = 2;
    bench.keyset();
    bench.restart();
    assert_eq!((bench.phase(), bench.end()), (Phase::Licensed, START.plus(14 * DAY)));
    bench.vendor.keyset_version = 1;
    bench.keyset();
    assert!(matches!(bench.news()[..], [.., Notice::NotAccepted(NotAccepted::KeysetRolledBack { .. })]));
}
