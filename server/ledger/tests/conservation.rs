//! I1: minted less retired is what all holdings have, after any sequence of commands that touch units. After each command the
//! whole store is checked, which recomputes every balance from the Events. Histories come from the simulator's people, consoles and
//! devices, in random order and with nothing lost but what they lose.
//!
//! `LEASEHOLD_SOAK` multiplies the histories, `LEASEHOLD_SEED` replays a run.

#[allow(dead_code, reason = "another suite uses the rest")]
mod oversell {
    pub mod artefact;
    pub mod churn;
    pub mod console;
    pub mod count;
    pub mod deeds;
    pub mod fleet;
    pub mod ledger;
    pub mod live;
    pub mod measure;
    pub mod mutant;
    pub mod network;
    pub mod offline;
    pub mod random;
    pub mod snapshot;
    pub mod stories;
}

use leasehold_ledger::fsck::Finding;
use leasehold_ledger::record::FreeOn;
use leasehold_protocol::time::DAY;
use oversell::deeds::UNITS;
use oversell::fleet::Fleet;
use oversell::ledger::Ink;
use oversell::mutant::Wrong;
use std::collections::BTreeMap;

const SEED: u64 = 20_260_202;
/// Histories of each regime.
const HISTORIES: u64 = 24;
/// Steps of a history.
const STEPS: u32 = 150;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Somebody does something: people, a console, a device without a network, or time passes.
fn step(fleet: &mut Fleet) {
    let consoles: Vec<u64> = fleet.consoles.keys().copied().collect();
    let offline: Vec<u64> = fleet.offline.keys().copied().collect();
    match fleet.ledger.random.below(10) {
        0..4 => fleet.change(),
        4..8 => {
            let console = *fleet.ledger.random.any(&consoles).expect("some");
            fleet.exchange(console);
        }
        8 => fleet.ledger.random.any(&offline).copied().into_iter().for_each(|device| fleet.visit(device)),
        _ => {
            let hours = i64::from(fleet.ledger.random.below(7 * 24));
            fleet.at(fleet.time.plus(hours * DAY / 24));
            fleet.lapses();
        }
    }
}

/// One history, up to the first finding, and the commands that were carried out in it.
fn history(seed: u64, free_on: FreeOn, wrong: Option<Wrong>) -> (Vec<Finding>, BTreeMap<&'static str, u64>) {
    let mut fleet = Fleet::new(seed, free_on, wrong, Ink::Sampled);
    let mut findings = fleet.ledger.findings();
    for _ in 0..STEPS {
        if !findings.is_empty() {
            break;
        }
        step(&mut fleet);
        findings = fleet.ledger.findings();
    }
    (findings, fleet.ledger.done)
}

#[test]
fn i1_every_balance_follows_from_the_events_after_any_sequence_of_commands() {
    let (seed, histories) = (from_env("LEASEHOLD_SEED", SEED), HISTORIES * from_env("LEASEHOLD_SOAK", 1));
    let mut done: BTreeMap<&str, u64> = BTreeMap::new();
    for free_on in [FreeOn::Fetch, FreeOn::Expiry, FreeOn::AtOnce] {
        for number in 0..histories {
            let seed = seed.wrapping_add(number);
            let (findings, commands) = history(seed, free_on, None);
            assert!(findings.is_empty(), "{free_on:?}, LEASEHOLD_SEED={seed}: {findings:#?}");
            commands.into_iter().for_each(|(name, count)| *done.entry(name).or_default() += count);
        }
    }
    let told: Vec<String> = done.iter().map(|(name, count)| format!("{count} {name}")).collect();
    println!(
        "count conservation: {} histories of {STEPS} steps, seed {seed}, checked after each: {}",
        3 * histories,
        told.join(", ")
    );
    let never: Vec<&&str> = UNITS.iter().filter(|name| !done.contains_key(*name)).collect();
    assert!(never.is_empty(), "never carried out: {never:?}");
}

#[test]
fn i1_an_event_whose_moves_lie_is_found() {
    let seed = from_env("LEASEHOLD_SEED", SEED);
    let (findings, _) = history(seed, FreeOn::Fetch, Some(Wrong::LyingEvent));
    assert!(findings.iter().any(|finding| finding.invariant == "I1"), "seed {seed}: {findings:#?}");
}
