use super::vendor::{self, CODE, START};
use super::*;
use crate::armour::Label;

const YEAR: i64 = 365 * DAY;

/// A console that asked for a licence file.
fn asking() -> (Bench, Vec<u8>) {
    let mut bench = Bench::new();
    bench.step(Event::Request(Order::of(CODE, "9.1")));
    let (label, request) = bench.written[0].clone();
    assert_eq!(label, Label::Request);
    (bench, request)
}

#[test]
fn the_same_order_writes_the_same_request() {
    let (mut bench, request) = asking();
    bench.restart();
    bench.pass(DAY);
    bench.step(Event::Request(Order::of(CODE, "9.1")));
    assert_eq!(bench.written[1].1, request);
    bench.step(Event::Request(Order { device_name: Some("till 4".into()), ..Order::of(CODE, "9.1") }));
    assert_ne!(bench.written[2].1, request);
}

#[test]
fn the_answer_to_the_request_is_imported_once() {
    let (mut bench, request) = asking();
    let license = bench.vendor.license(&request, Some(YEAR));
    bench.step(Event::License(license.clone()));
    assert_eq!((bench.phase(), bench.end()), (Phase::Licensed, START.plus(YEAR)));
    bench.restart();
    assert_eq!(bench.machine.status(bench.now).licensee.as_deref(), Some("Example-Licensee"));
    bench.news();
    bench.step(Event::License(license));
    assert_eq!(bench.news(), [Notice::Cannot(Cannot::NoRequest)]);
    bench.pass(YEAR);
    assert_eq!(bench.phase(), Phase::Expired);
}

#[test]
fn a_perpetual_licence_never_ends() {
    let (mut bench, request) = asking();
    let license = bench.vendor.license(&request, None);
    bench.step(Event::License(license));
    bench.pass(3000 * DAY);
    bench.restart();
    bench.step(Event::Tick);
    assert_eq!((bench.phase(), bench.machine.end()), (Phase::Licensed, None));
}

#[test]
fn only_the_answer_to_the_pending_request_is_imported() {
    let (mut bench, request) = asking();
    let (mut other, _) = asking();
    other.step(Event::Request(Order { device_name: Some("till 4".into()), ..Order::of(CODE, "9.1") }));
    let another = other.written[1].1.clone();
    let refused = |bench: &mut Bench, license: Vec<u8>| {
        bench.news();
        bench.step(Event::License(license));
        assert_eq!(bench.phase(), Phase::Unlicensed);
        match bench.news().pop() {
            Some(Notice::NotAccepted(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    let license = bench.vendor.license(&another, Some(YEAR));
    assert_eq!(refused(&mut bench, license), NotAccepted::Other("request"));
    let good = bench.vendor.license(&request, Some(YEAR));
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    assert!(matches!(refused(&mut bench, bad), NotAccepted::Verify(_)));
    bench.vendor.root = vendor::key(8);
    let license = bench.vendor.license(&request, Some(YEAR));
    assert!(matches!(refused(&mut bench, license), NotAccepted::Verify(_)));
    bench.step(Event::License(good));
    assert_eq!(bench.phase(), Phase::Licensed);
}

#[test]
fn a_return_is_written_again_byte_for_byte() {
    let (mut bench, request) = asking();
    let license = bench.vendor.license(&request, Some(YEAR));
    bench.step(Event::License(license));
    bench.step(Event::Return);
    assert_eq!(bench.phase(), Phase::Unlicensed);
    assert!(bench.saved.license.as_ref().is_some_and(|held| held.unusable), "on disk before the file exists");
    bench.restart();
    bench.pass(DAY);
    bench.step(Event::Return);
    let [.., first, again] = &bench.written[..] else { panic!("two files") };
    assert_eq!(first, again);
    assert_eq!(first.0, Label::Return);
}

#[test]
fn a_licence_file_that_replaces_the_lease_ends_it() {
    let mut bench = Bench::leased();
    bench.step(Event::Request(Order { replaces: true, ..Order::of(CODE, "9.1") }));
    let license = bench.vendor.license(&bench.written[0].1, Some(YEAR));
    bench.step(Event::License(license));
    assert!(bench.saved.lease.as_ref().is_some_and(|held| held.unusable));
    assert_eq!((bench.phase(), bench.end()), (Phase::Licensed, START.plus(YEAR)));
}

#[test]
fn of_a_lease_and_a_licence_file_the_longer_counts() {
    let (mut bench, request) = asking();
    bench.step(Event::Activate(Order::of(CODE, "9.1")));
    let license = bench.vendor.license(&request, Some(YEAR));
    bench.step(Event::License(license));
    assert_eq!(bench.end(), START.plus(YEAR));
    bench.pass(15 * DAY);
    assert_eq!(bench.phase(), Phase::Licensed);
    bench.step(Event::Return);
    assert_eq!(bench.phase(), Phase::Expired, "the lease is what is left");
}
