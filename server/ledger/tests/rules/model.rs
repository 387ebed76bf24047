//! Random histories against a model that knows nothing of bookings: each unit is a token that lies in one holding and may be carried
//! by one activation. The ledger must accept and refuse the same commands, and book the same units.

use super::console::Console;
use super::world::{PoolKey, World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Refused};
use proptest::prelude::*;
use tokens::Tokens;

mod tokens;

/// Keys, each with its own quota; key `k` draws on pool `k % 2`.
const KEYS: usize = 3;
const DEVICES: usize = 4;
const BOUGHT: u32 = 12;

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Step {
    KeyQuota(usize, u32),
    PoolQuota(usize, u32),
    Activate(usize, usize),
    /// A check of a device; its answer may be lost.
    Check(usize, bool),
    Release(usize),
    Stop(usize, bool),
    Delete(usize),
    Buy(u32),
    Restore(usize),
    Hours(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..KEYS, 0..10_u32).prop_map(|(key, quota)| Step::KeyQuota(key, quota)),
        2 => (0..2_usize, 0..12_u32).prop_map(|(pool, quota)| Step::PoolQuota(pool, quota)),
        3 => (0..DEVICES, 0..KEYS).prop_map(|(device, key)| Step::Activate(device, key)),
        8 => (0..DEVICES, prop::bool::weighted(0.3)).prop_map(|(device, lost)| Step::Check(device, lost)),
        1 => (0..DEVICES).prop_map(Step::Release),
        1 => (0..KEYS, any::<bool>()).prop_map(|(key, stopped)| Step::Stop(key, stopped)),
        1 => (0..KEYS).prop_map(Step::Delete),
        1 => (1..4_u32).prop_map(Step::Buy),
        1 => (0..DEVICES).prop_map(Step::Restore),
        4 => (1..100_i64).prop_map(Step::Hours),
    ]
}

struct Bench {
    world: World,
    customer: AccountId,
    holdings: Vec<HoldingId>,
    keys: Vec<PoolKey>,
    consoles: Vec<Console>,
    backups: Vec<Console>,
    activations: Vec<ActivationId>,
}

impl Bench {
    fn new(free_on: FreeOn) -> Self {
        let mut world = World::with(free_on);
        let customer = world.customer("Customer");
        let stock = world.pooled(customer, units(BOUGHT, 0));
        let pools = [world.pool(customer, "A", units(5, 0)), world.pool(customer, "B", units(5, 0))];
        let keys: Vec<_> = (0..KEYS).map(|k| world.pool_key(pools[k % 2], &format!("K{k}"), units(2, 0))).collect();
        let allotments = keys.iter().map(|key| key.allotment);
        let holdings = [stock].into_iter().chain(pools).chain(allotments).collect();
        let consoles: Vec<_> = (1..).take(DEVICES).map(Console::new).collect();
        Self { world, customer, holdings, keys, backups: consoles.clone(), consoles, activations: vec![] }
    }

    fn run(&mut self, step: &Step) -> Result<u32, Refused> {
        let world = &mut self.world;
        match *step {
            Step::KeyQuota(key, quota) => world.try_key_quota(self.keys[key].id, units(quota, 0)).map(|()| 0),
            Step::PoolQuota(pool, quota) => world.try_pool_quota(self.holdings[1 + pool], units(quota, 0)).map(|()| 0),
            Step::Activate(device, key) => self.activate(device, key),
            Step::Check(device, lost) => self.check(device, lost),
            Step::Release(device) => self.release(device),
            Step::Stop(key, stopped) => {
                let key = self.keys[key].id;
                let command = if stopped { Command::StopKey { key } } else { Command::ResumeKey { key } };
                world.run(world.root(), command).map(|_| 0)
            }
            Step::Delete(key) => world.delete_key(self.keys[key].id).map(|()| 0),
            Step::Buy(count) => {
                world.pooled(self.customer, units(count, 0));
                Ok(0)
            }
            Step::Restore(device) => {
                let nonces = self.consoles[device].clone();
                self.consoles[device] = nonces.restored(&self.backups[device]);
                Ok(0)
            }
            Step::Hours(hours) => {
                world.pass(hours * DAY / 24);
                Ok(0)
            }
        }
    }

    fn activate(&mut self, device: usize, key: usize) -> Result<u32, Refused> {
        let (world, console) = (&mut self.world, &mut self.consoles[device]);
        self.backups[device] = console.clone();
        let code = &self.keys[key].code;
        let lease = match world.activate(console, code) {
            Err(Refused::Resync) => world.activate_again(console, code, self.keys[key].id),
            answer => answer,
        }?;
        if !self.activations.contains(&lease.grant.sub) {
            self.activations.push(lease.grant.sub);
        }
        Ok(lease.grant.units.count("OBM"))
    }

    fn check(&mut self, device: usize, lost: bool) -> Result<u32, Refused> {
        let (world, console) = (&mut self.world, &mut self.consoles[device]);
        if console.held.is_none() {
            return Ok(0);
        }
        let before = console.clone();
        let lease = match world.check_in(console) {
            Err(Refused::Resync) => world.resync(console),
            answer => answer,
        };
        if lost {
            *console = console.restored(&before);
        }
        lease.map(|lease| lease.grant.units.count("OBM"))
    }

    fn release(&mut self, device: usize) -> Result<u32, Refused> {
        let (world, console) = (&mut self.world, &mut self.consoles[device]);
        if console.held.is_none() {
            return Ok(0);
        }
        let receipt = match world.release(console) {
            Err(Refused::Resync) => world.release_again(console),
            answer => answer,
        };
        receipt.map(|_| 0)
    }

    /// Looks at every activation, as the model does after each step.
    fn settle(&self) {
        for activation in &self.activations {
            let lapse = Command::Lapse { activation: *activation };
            self.world.attempt(Actor::system("job lapse"), &lapse).expect("it is there");
        }
    }

    /// Units, charged and encumbered of every holding.
    fn books(&self) -> Vec<[u32; 3]> {
        let count = |id: &HoldingId| {
            let holding = self.world.holding(*id);
            [holding.units, holding.charged, holding.encumbered].map(|units| units.count("OBM"))
        };
        self.holdings.iter().map(count).collect()
    }
}

fn agree(steps: &[Step], free_on: FreeOn) {
    let (mut bench, mut model) = (Bench::new(free_on), Tokens::new(free_on));
    for (at, step) in steps.iter().enumerate() {
        let (expected, answer) = (model.run(step), bench.run(step));
        bench.settle();
        bench.world.check("a step");
        assert_eq!(answer, expected, "step {at}: {step:?}");
        assert_eq!(bench.books(), model.books(), "step {at}: {step:?}");
    }
}

/// Histories of each kind; `LEASEHOLD_SOAK` multiplies them.
fn cases() -> u32 {
    96 * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i16_under_fetch_the_ledger_agrees_with_the_tokens(steps in prop::collection::vec(step(), 1..60)) {
        agree(&steps, FreeOn::Fetch);
    }

    #[test]
    fn i16_under_expiry_the_ledger_agrees_with_the_tokens(steps in prop::collection::vec(step(), 1..60)) {
        agree(&steps, FreeOn::Expiry);
    }

    /// Nobody settles in between: the ledger looks at what may have ended when it needs to, and stays sound.
    #[test]
    fn i1_i17_a_store_stays_sound_whatever_is_done_to_it(steps in prop::collection::vec(step(), 1..60)) {
        for free_on in [FreeOn::Fetch, FreeOn::Expiry, FreeOn::AtOnce] {
            let mut bench = Bench::new(free_on);
            let mut bought = BOUGHT;
            for step in &steps {
                let before = bench.world.events().len();
                let _refused_or_not = bench.run(step);
                bought += if let Step::Buy(count) = step { *count } else { 0 };
                let books = bench.books();
                prop_assert_eq!(books.iter().map(|[units, _, _]| units).sum::<u32>(), bought);
                let most = if let Step::Buy(_) = step { 2 } else { 1 };
                prop_assert!(bench.world.events().len() - before <= most, "I13: {:?}", step);
            }
        }
    }
}
