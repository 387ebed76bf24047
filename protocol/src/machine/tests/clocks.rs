use super::vendor::START;
use super::*;

#[test]
fn a_clock_set_back_is_suspect_until_a_signed_answer() {
    let mut bench = Bench::leased();
    bench.now.wall = START.plus(-2 * DAY);
    assert_eq!(bench.phase(), Phase::ClockSuspect);
    bench.lose = 1;
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), 2, "an immediate check");
    assert!(bench.machine.grant(bench.now).is_some(), "the lease runs on");
    bench.step(Event::Tick);
    assert_eq!(bench.sent.len(), 2, "one");
    bench.step(Event::Check);
    assert_eq!(bench.phase(), Phase::Licensed, "healed");
    bench.now.wall = START.plus(-4 * DAY);
    assert_eq!(bench.phase(), Phase::ClockSuspect, "set back further");
}

#[test]
fn setting_the_clock_back_wins_no_time_while_the_process_runs() {
    let mut bench = Bench::leased();
    bench.now = Now { wall: START.plus(-DAY / 2), monotonic: 14 * DAY };
    assert_eq!(bench.phase(), Phase::Expired);
}

#[test]
fn a_server_whose_clock_was_ahead_is_forgiven() {
    let mut bench = Bench::leased();
    bench.vendor.clock = START.plus(20 * DAY);
    bench.step(Event::Check);
    bench.vendor.clock = START;
    assert_eq!(bench.phase(), Phase::Licensed, "the last answer vouched for the clock");
    bench.restart();
    assert_eq!(bench.phase(), Phase::ClockSuspect);
    bench.step(Event::Tick);
    assert_eq!((bench.phase(), bench.machine.time(bench.now)), (Phase::Licensed, START));
}

#[test]
fn a_fast_clock_does_not_lose_the_thread() {
    let mut bench = Bench::leased();
    bench.now.wall = START.plus(100 * DAY);
    bench.step(Event::Check);
    bench.step(Event::Check);
    assert_eq!((bench.phase(), bench.vendor.rewinds), (Phase::Expired, 0));
    bench.now.wall = START;
    assert_eq!(bench.phase(), Phase::Licensed);
    assert_eq!(bench.machine.lease().map(|lease| lease.grant.seq), Some(3));
}
