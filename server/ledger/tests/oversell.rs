//! The rule that must never break, measured from outside: a fleet of consoles, a network that loses messages, people who change
//! everything they can, and the units in the signed bytes that are out, summed at every instant against what was bought.
//!
//! Under `fetch` consoles are honest: they run on the last lease they accepted, and one that was restored from a backup runs on
//! nothing before it has been answered (a lease that it had shown to be replaced has ended). Under `expiry` devices keep
//! every lease that was ever signed for them, lost or not, and run on the largest. A pool-day is one pool of ten consoles for a
//! day. `LEASEHOLD_SOAK` multiplies the days, `LEASEHOLD_SEED` replays a run.

mod oversell {
    pub mod churn;
    pub mod console;
    pub mod fleet;
    pub mod ledger;
    pub mod mutant;
    pub mod network;
    pub mod random;
}

use leasehold_ledger::record::FreeOn;
use oversell::fleet::{Fleet, Tally};

const SEED: u64 = 20_240_318;
/// Days of one world; two pools of ten consoles each.
const DAYS: u32 = 120;
const POOLS: u32 = 2;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Runs worlds until `pool_days` have passed; prints what was found.
fn simulate(free_on: FreeOn, mutant: bool, pool_days: u64) -> Tally {
    let seed = from_env("LEASEHOLD_SEED", SEED);
    let worlds = pool_days.div_ceil(u64::from(DAYS * POOLS));
    let mut all = Tally::default();
    for world in 0..worlds {
        let mut fleet = Fleet::new(seed.wrapping_add(world), free_on, mutant);
        fleet.live(DAYS);
        all.add(&fleet.tally);
    }
    let n = worlds * u64::from(DAYS * POOLS);
    let rule = if mutant { "obvious rule" } else { "rule" };
    println!(
        "count oversell {free_on:?} {rule}: {n} pool-days, seed {seed}, {} leases, {} instants, oversold {}, starved {}",
        all.leases, all.instants, all.oversold, all.starved
    );
    for told in &all.told {
        println!("  {told}");
    }
    all
}

fn sound(free_on: FreeOn, pool_days: u64) {
    let tally = simulate(free_on, false, pool_days * from_env("LEASEHOLD_SOAK", 1));
    assert_eq!((tally.oversold, tally.starved), (0, 0), "{:#?}", tally.told);
    assert!(tally.leases > pool_days, "consoles were served");
}

#[test]
fn i16_honest_consoles_on_a_lossy_network_are_never_oversold_under_fetch() {
    sound(FreeOn::Fetch, 5_040);
}

#[test]
fn i16_consoles_that_keep_every_lease_are_never_oversold_under_expiry() {
    sound(FreeOn::Expiry, 5_040);
}

/// The obvious rule: the sum of quotas is at most what was bought, and what a quota gives up is free at once.
#[test]
fn the_obvious_rule_is_caught_in_both_regimes() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry] {
        let tally = simulate(free_on, true, 480);
        assert!(tally.oversold > 0, "{free_on:?}: the simulator would not notice");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || simulate(FreeOn::Fetch, false, 240);
    assert_eq!(run(), run());
}
