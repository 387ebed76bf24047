//! Jumps while the server runs, and between two runs of it.

use crate::common::now;
use crate::{DAY, HOUR, MINUTE, Stage, YEAR};
use leasehold_protocol::machine::Kind;

/// Jumps that are no reason to distrust a clock.
const SMALL: [i64; 5] = [-4, -4 * MINUTE, 4, HOUR, 29 * DAY];
/// Jumps that are.
const LARGE: [i64; 8] = [-6 * MINUTE, -HOUR, -DAY, -40 * DAY, -10 * YEAR, 31 * DAY, YEAR, 60 * YEAR];

/// Nothing is signed or written; what can be looked at can be looked at.
fn signs_nothing(stage: &mut Stage, jump: i64) {
    let refused = Err((503, "clock_untrusted".to_owned()));
    assert_eq!(stage.checks_until(false), refused, "{jump} s");
    assert_eq!(stage.says(Kind::Release), refused, "{jump} s");
    let (status, text) = stage.page("/readyz");
    assert!(status == 503 && text.contains("leasehold clock accept"), "{jump} s: {text}");
    assert_eq!(stage.page("/livez").0, 200, "{jump} s");
    assert!(stage.page("/metrics").1.contains("leasehold_clock_trusted 0"), "{jump} s");
    assert!(stage.verb(&["account", "list"]).ok().contains("Quietname"), "{jump} s: reads go on");
    let account = stage.verb(&["account", "add", "Another"]);
    assert!(account.error(1)[0].contains("(clock_untrusted)"), "{jump} s: {}", account.stderr);
}

fn is_well(stage: &mut Stage, ahead: i64) {
    let iat = stage.checks_until(true).unwrap_or_else(|refused| panic!("{ahead} s: {refused:?}"));
    let off = iat - (now().0 + ahead);
    assert!(off.abs() <= 5, "signed {off} s beside the clock, {ahead} s ahead");
    assert_eq!(stage.page("/readyz").0, 200);
    assert!(stage.page("/metrics").1.contains("leasehold_clock_trusted 1"));
}

#[test]
fn r14_a_clock_that_jumps_under_a_running_server_signs_nothing_until_it_is_right_again() {
    let mut stage = Stage::set();
    for jump in LARGE {
        stage.clock.set(jump);
        signs_nothing(&mut stage, jump);
        stage.clock.set(0);
        is_well(&mut stage, 0);
    }
    for jump in SMALL {
        stage.clock.set(jump);
        is_well(&mut stage, jump);
    }
    println!("count clock jumps, running: {} large refused, {} small served", LARGE.len(), SMALL.len());
}

#[test]
fn r14_a_clock_that_went_wrong_between_two_runs_is_noticed_at_the_start() {
    let mut stage = Stage::set();
    for jump in LARGE {
        stage.clock.set(jump);
        stage.restart();
        signs_nothing(&mut stage, jump);
        stage.clock.set(0);
        is_well(&mut stage, 0);
    }
    for jump in SMALL {
        stage.clock.set(jump);
        stage.restart();
        is_well(&mut stage, jump);
    }
    println!("count clock jumps, between two runs: {} large refused, {} small served", LARGE.len(), SMALL.len());
}

#[test]
fn the_operators_word_makes_a_clock_right_and_stands_among_the_events() {
    let mut stage = Stage::set();
    stage.clock.set(20 * DAY);
    is_well(&mut stage, 20 * DAY);
    stage.clock.set(0); // it had been wrong, and was put right
    signs_nothing(&mut stage, 0);
    let accepted = stage.verb(&["clock", "accept", "--json"]).ok();
    let before: serde_json::Value = serde_json::from_str(&accepted).expect("JSON");
    assert!(before["before"].as_str() > before["now"].as_str(), "{accepted}");
    is_well(&mut stage, 0);
    let again = stage.verb(&["clock", "accept", "--json"]).ok();
    assert!(again.contains("null"), "nothing to accept: {again}");
    stage.restart();
    is_well(&mut stage, 0);
    let events = stage.verb(&["event", "list", "--json"]).ok();
    assert_eq!(events.matches("clock_accepted").count(), 1, "{events}");
}
