//! Random histories of dead devices, stops, rehosts and lines that change hands, counted in signed bytes: at no moment do the
//! leases that devices can run on carry more than was bought, the reserves included, and whoever waits gets its own. A ledger
//! that forgets what a reserve stands in for is caught.

use bench::Bench;
use leasehold_ledger::record::FreeOn;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

mod bench;
mod mutant;

const DEVICES: usize = 12;
const KEYS: usize = 4;

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Step {
    Activate(usize, usize),
    /// A check of a device; its answer may be lost.
    Check(usize, bool),
    Release(usize),
    Stop(usize),
    Resume(usize),
    Rehost(usize),
    /// The first is dead, and the second goes on under its key.
    Replace(usize, usize),
    Reserve(u32),
    KeyQuota(usize, u32),
    /// Units of the partner's line go to the customer's, or back; or to a line of their own.
    Transfer(bool, bool, u32),
    Hours(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..DEVICES, 0..KEYS).prop_map(|(device, key)| Step::Activate(device, key)),
        6 => (0..DEVICES, prop::bool::weighted(0.3)).prop_map(|(device, lost)| Step::Check(device, lost)),
        1 => (0..DEVICES).prop_map(Step::Release),
        2 => (0..DEVICES).prop_map(Step::Stop),
        1 => (0..DEVICES).prop_map(Step::Resume),
        1 => (0..DEVICES).prop_map(Step::Rehost),
        9 => (0..DEVICES, 0..DEVICES).prop_map(|(dead, next)| Step::Replace(dead, next)),
        1 => (1..2_u32).prop_map(Step::Reserve),
        2 => (0..2_usize, 0..6_u32).prop_map(|(key, quota)| Step::KeyQuota(key, quota)),
        3 => (any::<bool>(), any::<bool>(), 1..6_u32).prop_map(|(back, new, count)| Step::Transfer(back, new, count)),
        4 => (1..60_i64).prop_map(Step::Hours),
    ]
}

fn cases() -> u32 {
    64 * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

fn is_sold_once(steps: &[Step], free_on: FreeOn) {
    let mut bench = Bench::new(free_on, false);
    for (at, step) in steps.iter().enumerate() {
        bench.run(step);
        assert!(!bench.is_oversold(), "step {at}, {step:?}: {} live", bench.living());
    }
    bench.serves();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i16_whatever_is_stopped_rehosted_and_transferred_no_lease_is_sold_twice(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        is_sold_once(&steps, FreeOn::Fetch);
    }

    #[test]
    fn i16_nor_to_devices_that_keep_every_lease_under_expiry(steps in prop::collection::vec(step(), 1..120)) {
        is_sold_once(&steps, FreeOn::Expiry);
    }
}

#[test]
fn i16_a_ledger_that_forgets_what_a_reserve_stands_in_for_is_caught() {
    let seed = std::env::var("LEASEHOLD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7_u8);
    println!("seed {seed}");
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), random);
    let histories = prop::collection::vec(step(), 120);
    let mut caught = 0;
    for _ in 0..40 {
        let steps = histories.new_tree(&mut runner).expect("steps").current();
        let mut bench = Bench::new(FreeOn::Fetch, true);
        caught += u32::from(steps.iter().any(|step| {
            bench.run(step);
            bench.is_oversold()
        }));
    }
    assert!(caught > 0, "none of 40 histories, seed {seed}");
    println!(
        "count rehost: {} histories sound; without what stands in for the dead, {caught} of 40 oversell",
        2 * cases()
    );
}
