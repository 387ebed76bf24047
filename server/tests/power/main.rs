//! The store against its disk, in memory and under the real engine: power cuts (R1), failing operations (R3), bytes that changed
//! while nobody looked (R4).
//!
//! `LEASEHOLD_SOAK=n` runs n times as many cases; `LEASEHOLD_SEED=s` starts at another seed, so a run goes on where
//! the last one ended: each line of progress names the seed to continue from.

mod books;
mod cuts;
mod damage;
mod disk;
mod faults;
mod ledger;
mod orders;
mod outage;
mod random;
mod script;

use cuts::{Tally, live};
use damage::{Closed, HEADER_LEN, Met, flip};
use random::Random;
use std::io::Write;

const SEED: u64 = 20_240_318;
const CUTS: usize = 20_000;
/// Cuts one store lives through.
const CUTS_OF_A_LIFE: usize = 40;
/// Stores under each fault that a disk hides.
const MUTANTS: u64 = 60;
const OPERATIONS: usize = 5_000;
const DAMAGES: usize = 10_000;
/// Damages of one store.
const DAMAGES_OF_A_STORE: usize = 1_000;
/// Commits in a store before it is damaged.
const COMMITS: usize = 12;

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    from_env("LEASEHOLD_SEED", SEED)
}

fn soak() -> usize {
    usize::try_from(from_env("LEASEHOLD_SOAK", 1)).expect("a factor")
}

/// A line for people who wait, past the harness that keeps what tests print.
fn progress(what: &str, done: usize, of: usize, seed: u64) {
    if soak() > 1 {
        let percent = 100 * done / of;
        writeln!(std::io::stderr(), "{what}: {done} of {of} ({percent} %), continue with LEASEHOLD_SEED={seed}").ok();
    }
}

#[test]
fn r1_no_power_cut_loses_an_acknowledged_command_or_leaves_half_of_one() {
    let (seed, n) = (seed(), CUTS * soak());
    let mut all = Tally::default();
    for life in (seed..).take(n.div_ceil(CUTS_OF_A_LIFE)) {
        let (tally, end) = live(life, CUTS_OF_A_LIFE, 0);
        all.add(&tally);
        if let Err(loss) = end {
            panic!("cut {} of LEASEHOLD_SEED={life}: {loss:?}", tally.cuts);
        }
        if (life - seed) % 25 == 24 {
            progress("power cuts", all.cuts, n, life + 1);
        }
    }
    assert!(all.cuts >= n, "{all:?}");
    let parts = [all.in_creation, all.in_opening, all.whole, all.nothing];
    assert!(parts.iter().all(|part| *part > n / 200), "every kind of cut was met often: {all:?}");
    println!("count power cuts: {} cuts, 0 lost, 0 half-applied, seed {seed}", all.cuts);
    println!("{all:?}");
}

#[test]
fn r1_a_disk_that_skips_syncs_is_caught() {
    for percent in [100, 20, 5] {
        let lives =
            (SEED..).take(usize::try_from(MUTANTS).expect("few")).map(|life| live(life, CUTS_OF_A_LIFE, percent));
        let (tallies, ends): (Vec<_>, Vec<_>) = lives.unzip();
        let cuts: usize = tallies.iter().map(|tally| tally.cuts).sum();
        let broken: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
        println!("{percent} % of syncs skipped: {} of {MUTANTS} stores broken in {cuts} cuts", broken.len());
        broken.iter().take(3).for_each(|loss| println!("  {loss:?}"));
        assert!(broken.len() > 3, "{percent} % of syncs skipped went unnoticed");
    }
}

#[test]
fn r3_each_of_the_first_operations_fails_in_every_way_it_can() {
    let (seed, n) = (seed(), OPERATIONS * soak());
    let mut told = |done: usize| {
        if done.is_multiple_of(500) {
            progress("I/O faults", done, n, seed);
        }
    };
    let (tally, end) = faults::sweep(seed, n, &mut told);
    if let Err((operation, failure, loss)) = end {
        panic!("{failure:?} in operation {operation} of LEASEHOLD_SEED={seed}: {loss:?}");
    }
    println!(
        "count I/O faults: {} operations, {} failures (EIO, ENOSPC, short write), 0 wrong, 0 that do not start again, seed {seed}",
        tally.operations, tally.runs
    );
    println!("{tally:?}");
}

#[test]
fn r4_damage_in_a_closed_store_is_refused_or_does_no_harm() {
    let (seed, n) = (seed(), DAMAGES * soak());
    let (mut refused, mut unharmed) = (0, 0);
    for store in (seed..).take(n / DAMAGES_OF_A_STORE) {
        let (closed, mut random) = (Closed::new(store, COMMITS, false), Random::new(store));
        for _ in 0..DAMAGES_OF_A_STORE {
            let (damage, image) = closed.damaged(&mut random);
            match closed.meet(image) {
                Met::Refused => refused += 1,
                Met::Unharmed => unharmed += 1,
                Met::Broken(told) => panic!("{damage} with LEASEHOLD_SEED={store}: {told}"),
            }
        }
        progress("corruptions", refused + unharmed, n, store + 1);
    }
    println!(
        "count corruptions: {n} corruptions, {refused} refused, {unharmed} without effect, 0 silent, 0 panics, seed {seed}"
    );
    assert!(refused > n / 4 && unharmed > n / 20, "{refused} refused, {unharmed} unharmed");
}

/// The engine's header says in one unchecked bit which of two commits is the newer one. A store that was closed has the same
/// rows in both; after a crash the bit is what tells a finished commit from one that was cut off, so only what stands
/// outside the file can notice that it flipped.
#[test]
fn r4_of_all_bits_of_the_header_one_goes_unnoticed_and_only_after_a_crash() {
    for (is_killed, unnoticed) in [(false, vec![]), (true, vec!["bit 0 of byte 9"])] {
        let closed = Closed::new(SEED, COMMITS, is_killed);
        let mut broken = vec![];
        for bit in 0..HEADER_LEN * 8 {
            let mut image = closed.image.clone();
            let damage = flip(&mut image, bit / 8, bit % 8);
            if let Met::Broken(told) = closed.meet(image) {
                assert_eq!(told, "opened, and has other rows", "{damage}");
                broken.push(damage);
            }
        }
        assert_eq!(broken, unnoticed);
    }
}
