//! R14: thirteen days without a server.

use crate::common::fake_clock::{Console, FakeClock};
use crate::common::server::{TestServer, serve};
use crate::{DAY, HOUR};

#[test]
fn r14_consoles_run_on_through_thirteen_days_of_outage_and_then_renew() {
    let (mut server, seed) = TestServer::made(1);
    let clock = FakeClock::at(server.beside("clock"));
    server.start_as(clock.over(serve(&server.data())));
    let console = Console(&clock, server.beside("console"));
    console.activated(&server, &seed.pool[0]).ok();
    server.stop();
    let mut days = 0;
    for day in 1..=13 {
        clock.set(day * DAY + HOUR);
        assert_eq!(console.does(&["check"]).code, Some(1), "day {day}: nobody can have answered");
        let status = console.status();
        assert!(status.contains("overdue") || status.contains("licensed"), "day {day}: {status}");
        days += 1;
    }
    server.start_as(clock.over(serve(&server.data())));
    console.checks(&server).ok();
    let status = console.status();
    assert!(status.contains("licensed"), "{status}");
    clock.set(13 * DAY + 2 * HOUR + 13 * DAY);
    assert!(!console.status().contains("expired"), "a whole new term: {}", console.status());
    println!("count outage: {days} days without a server, 1 console licensed on each and renewed after");
}
