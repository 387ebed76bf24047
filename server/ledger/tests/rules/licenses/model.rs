//! Random histories of licences: whatever is made, upgraded, exchanged, extended, deleted and run on, every unit is somewhere or was
//! burnt (I1), nothing is promised twice (I16, I17), and a licence has what was paid for. What devices have is read from their
//! leases, never from the ledger's tables.

mod step;
mod wire;

use super::{PRO, STD, Shop, TRIAL, YEAR, YEAR_PRO};
use crate::rules::console::Console;
use crate::rules::world::units;
use leasehold_ledger::record::*;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::{Refused, Time};
use proptest::prelude::*;
use std::collections::BTreeMap;
use step::{Step, step};

const SKUS: [&str; 5] = [STD, PRO, YEAR, YEAR_PRO, TRIAL];
const DEVICES: u8 = 3;
const BOUGHT: u32 = 12;

/// A licence as those see it who paid for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Paid {
    id: HoldingId,
    sku: usize,
    units: u32,
    ends: Option<Time>,
}

struct Bench {
    shop: Shop,
    /// Bought and not burnt, by product.
    have: [u32; 5],
    licenses: Vec<Option<Paid>>,
    consoles: BTreeMap<(u8, usize), Console>,
    /// Leases that may be alive, with the licence each stems from.
    out: BTreeMap<(u8, usize), Vec<(Lease, HoldingId)>>,
}

impl Bench {
    fn new() -> Self {
        let mut shop = Shop::new(BOUGHT);
        for sku in [STD, YEAR] {
            let pool = shop.world.try_pool(shop.account, sku, sku).expect("the name is free");
            shop.world.pool_quota(pool, units(BOUGHT, 0));
            shop.pools.insert(sku, pool);
        }
        let consoles = (0..DEVICES).flat_map(|device| (0..SKUS.len()).map(move |sku| (device, sku)));
        let consoles = consoles.map(|(device, sku)| ((device, sku), shop.console(device + 1, SKUS[sku]))).collect();
        Self { shop, have: [BOUGHT; 5], licenses: vec![], consoles, out: BTreeMap::new() }
    }

    fn paid(&self, at: usize) -> Option<Paid> {
        self.licenses.get(at).cloned().flatten()
    }

    /// Credits of a product that are in no licence.
    fn unspent(&self, sku: usize) -> u32 {
        self.have[sku] - self.licenses.iter().flatten().filter(|one| one.sku == sku).map(|one| one.units).sum::<u32>()
    }

    /// Credits were refused: they are not there, or a device has them still.
    fn lacks(&self, sku: usize, wanted: u32) {
        let pool = self.shop.world.holding(self.shop.pool(SKUS[sku]));
        let is_so = wanted > self.unspent(sku) || wanted > pool.free().count("OBM") && !pool.encumbered.is_none();
        assert!(is_so, "{wanted} of {} were refused: {pool:?}", SKUS[sku]);
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Buy(sku, count) => {
                self.shop.buy(SKUS[sku], count);
                self.have[sku] += count;
                if let Some(pool) = self.shop.pools.get(SKUS[sku]).copied() {
                    let quota = self.shop.world.holding(pool).quota();
                    self.shop.world.pool_quota(pool, quota.checked_add(&units(count, 0)).expect("few"));
                }
            }
            Step::Make(sku, count) => match self.shop.try_make(SKUS[sku], count, (SKUS[sku] == TRIAL).then_some(9)) {
                Ok(id) => {
                    assert!(count <= self.unspent(sku));
                    let ends = self.shop.world.holding(id).ends;
                    self.licenses.push(Some(Paid { id, sku, units: count, ends }));
                }
                Err(Refused::InsufficientUnits) => self.lacks(sku, count),
                Err(other) => panic!("{other}"),
            },
            Step::Resize(at, count) => self.resize(at, count),
            Step::Exchange(at, sku, count) => self.exchange(at, sku, count),
            Step::Extend(at) => self.extend(at),
            Step::Delete(at) => self.delete(at),
            Step::Activate(device, sku) => self.activate(device, sku),
            Step::Check(device, sku, lost) => self.check(device, sku, lost),
            Step::Release(device, sku) => self.release(device, sku),
            Step::Days(days) => self.shop.world.days(days),
        }
    }

    fn resize(&mut self, at: usize, count: u32) {
        let Some(paid) = self.paid(at) else { return };
        let is_over = paid.ends.is_some_and(|end| end <= self.shop.world.now);
        match self.shop.resize(paid.id, count) {
            Ok(()) => {
                assert!(count > 0 && (!is_over || count == paid.units), "{paid:?}");
                assert!(count.saturating_sub(paid.units) <= self.unspent(paid.sku));
                self.licenses[at] = Some(Paid { units: count, ..paid });
            }
            Err(Refused::BadQuantity) => assert_eq!(count, 0),
            Err(Refused::InsufficientUnits) => self.lacks(paid.sku, count - paid.units),
            Err(Refused::LicenceLapsed) => assert!(is_over),
            Err(Refused::Irreversible) => assert!(count < paid.units && [YEAR, YEAR_PRO].contains(&SKUS[paid.sku])),
            Err(other) => panic!("{other}"),
        }
    }

    fn exchange(&mut self, at: usize, sku: usize, count: u32) {
        let Some(paid) = self.paid(at) else { return };
        if paid.sku == sku {
            return self.resize(at, count);
        }
        let lasts = |sku: usize| [STD, PRO].contains(&SKUS[sku]);
        let goes = SKUS[paid.sku] == TRIAL || (SKUS[sku] != TRIAL && lasts(paid.sku) == lasts(sku));
        match self.shop.exchange(paid.id, SKUS[sku], count) {
            Ok(id) => {
                assert!(goes && count <= self.unspent(sku));
                let ends = self.shop.world.holding(id).ends;
                assert!(ends == paid.ends || SKUS[paid.sku] == TRIAL, "the end stays");
                self.licenses[at] = Some(Paid { id, sku, units: count, ends });
            }
            Err(Refused::InsufficientUnits) => self.lacks(sku, count),
            Err(Refused::TermMismatch) => assert!(!goes),
            Err(Refused::LicenceLapsed) => assert!(paid.ends.is_some_and(|end| end <= self.shop.world.now)),
            Err(other) => panic!("{other}"),
        }
    }

    fn extend(&mut self, at: usize) {
        let Some(paid) = self.paid(at) else { return };
        match self.shop.extend(paid.id) {
            Ok(()) => {
                assert!([YEAR, YEAR_PRO].contains(&SKUS[paid.sku]) && paid.units <= self.unspent(paid.sku));
                self.have[paid.sku] -= paid.units;
                self.licenses[at] = Some(Paid { ends: paid.ends.map(Time::a_year_later), ..paid });
            }
            Err(Refused::InsufficientUnits) => self.lacks(paid.sku, paid.units),
            Err(Refused::FieldNotEditable) => assert!(![YEAR, YEAR_PRO].contains(&SKUS[paid.sku])),
            Err(other) => panic!("{other}"),
        }
    }

    fn delete(&mut self, at: usize) {
        let Some(paid) = self.paid(at) else { return };
        let told = self.shop.world.events().len();
        match self.shop.delete(paid.id) {
            Ok(()) => {
                assert!(!self.alive().any(|(_, _, from)| from == paid.id), "a device runs on what was deleted");
                self.licenses[at] = None;
                let event = self.shop.world.events().split_off(told).remove(0);
                if event.fact("credits") == Some("used") {
                    assert!([YEAR, YEAR_PRO].contains(&SKUS[paid.sku]));
                    self.have[paid.sku] -= paid.units;
                }
            }
            Err(Refused::LicenceActivated) => {}
            Err(other) => panic!("{other}"),
        }
    }

    /// Nothing is lost, made up or promised twice.
    fn is_sound(&self, after: &Step) {
        for (at, sku) in SKUS.iter().enumerate() {
            let pool = self.shop.world.holding(self.shop.pool(sku));
            let stock = self.shop.world.stock(self.shop.account, sku);
            assert_eq!(stock.quota().count("OBM"), self.have[at], "{sku} after {after:?}");
            assert_eq!(pool.units.count("OBM"), self.unspent(at), "{sku} after {after:?}");
            let mut most: BTreeMap<u8, u32> = BTreeMap::new();
            for ((device, _), count, _) in self.alive().filter(|((_, of), ..)| *of == at) {
                let most = most.entry(device).or_default();
                *most = count.max(*most);
            }
            let out: u32 = most.values().sum();
            assert!(out <= self.have[at], "{out} of {sku} are out after {after:?}, {} were bought", self.have[at]);
        }
        for paid in self.licenses.iter().flatten() {
            let license = self.shop.world.holding(paid.id);
            assert_eq!((license.units.count("OBM"), license.ends), (paid.units, paid.ends), "after {after:?}");
        }
    }
}

/// Histories; `LEASEHOLD_SOAK` multiplies them.
fn cases() -> u32 {
    64 * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_i16_whatever_becomes_of_licences_no_credit_is_lost_and_none_is_spent_twice(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.run(step);
            bench.is_sound(step);
        }
        // Everything comes home: once no device holds anything, what was not burnt is free again.
        bench.shop.world.days(400);
        for at in 0..bench.licenses.len() {
            bench.run(&Step::Delete(at));
        }
        for (at, sku) in SKUS.iter().enumerate() {
            let all = bench.have[at];
            prop_assert_eq!(bench.unspent(at), all);
            if all > 0 {
                bench.shop.try_make(sku, all, (*sku == TRIAL).then_some(1)).expect("every credit is there and free");
            }
        }
    }
}
