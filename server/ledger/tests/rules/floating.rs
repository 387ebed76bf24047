//! Floating seats (G6, G7, G11): never more out than were bought, whatever consoles and people do.

use super::console::Console;
use super::sharing::{Club, FLOAT, NAMED, TERM, obm};
use super::world::units;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_protocol::{Refused, Units};
use proptest::prelude::*;

#[test]
fn g6_many_devices_share_the_seats_and_the_next_waits_until_one_lets_go() {
    let mut club = Club::new();
    let lot = club.lot(FLOAT, 3);
    let code = club.flex(lot).code;
    let mut consoles: Vec<Console> = (1..=5).map(|number| Club::console(number, FLOAT)).collect();
    for console in &mut consoles[..3] {
        let lease = club.world.activate(console, &code).expect("a seat");
        assert_eq!((lease.grant.units, lease.exp.0 - lease.grant.iat.0), (obm(1), TERM));
    }
    assert_eq!(club.world.activate(&mut consoles[3], &code), Err(Refused::InsufficientUnits));
    club.world.release(&mut consoles[0]).expect("a receipt");
    club.world.activate(&mut consoles[3], &code).expect("at once");
    club.world.pass(TERM / 2);
    club.world.check_in(&mut consoles[3]).expect("it renews after half of its term");
    club.world.check_in(&mut consoles[2]).expect("so does this one");
    assert_eq!(club.world.activate(&mut consoles[4], &code), Err(Refused::InsufficientUnits));
    club.world.pass(TERM / 2);
    club.world.activate(&mut consoles[4], &code).expect("one was silent for ten minutes");
    assert_eq!(club.world.check_in(&mut consoles[1]), Err(Refused::LicenceLapsed), "its seat is somebody else's");
}

#[test]
fn g6_a_device_has_one_unit_of_each_kind_unless_it_asks_for_more() {
    let mut club = Club::new();
    let line = club.world.line(FLOAT, units(4, 2));
    let lot = club.world.mint_line(club.account, line).id;
    let code = club.flex(lot).code;
    let (mut one, mut two, mut three) = (Club::console(1, FLOAT), Club::console(2, FLOAT), Club::console(3, FLOAT));
    assert_eq!(club.world.activate(&mut one, &code).expect("a seat").grant.units, units(1, 1));
    assert_eq!(club.wants(&mut two, &code, 3).expect("three").grant.units, obm(3));
    assert_eq!(club.world.activate(&mut three, &code), Err(Refused::InsufficientUnits));
    assert_eq!(club.wants(&mut three, &code, 1), Err(Refused::InsufficientUnits));
}

#[test]
fn g7_floating_seats_are_the_owner_s_alone_to_open_change_and_close() {
    let mut club = Club::new();
    let lot = club.lot(FLOAT, 3);
    let (first, second) = (club.first, club.second);
    let co_admin = club.named_co_admin(first);
    let admin = club.world.user(club.account, "admin", Role::Admin);
    let others = [
        co_admin,
        club.world.person(second, club.account),
        club.world.person(admin, club.account),
        club.world.member(club.account, Role::Admin),
        club.world.root(),
    ];
    for actor in others.clone() {
        assert_eq!(club.try_flex(actor, lot, None).map(drop), Err(Refused::AdminOnly));
    }
    let key = club.try_flex(club.as_owner(), lot, Some(obm(2))).expect("the owner's").id;
    let changes = [Command::SetKeyQuota { key, quota: obm(3) }, Command::DeleteKey { key }];
    for change in changes {
        for actor in others.clone().into_iter().skip(2) {
            assert_eq!(club.world.run(actor, change.clone()), Err(Refused::AdminOnly));
        }
        club.world.done(club.as_owner(), change);
    }
    assert_eq!(club.world.holding(lot).free(), obm(3), "closed");
}

#[test]
fn g7_what_does_not_float_is_not_opened_and_no_device_activates_what_floats_without_it() {
    let mut club = Club::new();
    let named = club.lot(NAMED, 2);
    assert_eq!(club.try_flex(club.as_owner(), named, None).map(drop), Err(Refused::ProductNotAllowed));
    let line = club.world.line(FLOAT, obm(2));
    let lot = club.world.mint_line(club.account, line);
    assert_eq!(club.world.activate(&mut Club::console(1, FLOAT), &lot.code), Err(Refused::KeyInvalid));
    assert_eq!(club.try_flex(club.as_owner(), lot.id, Some(obm(3))).map(drop), Err(Refused::InsufficientUnits));
    assert_eq!(club.try_flex(club.as_owner(), lot.id, Some(obm(0))).map(drop), Err(Refused::BadQuantity));
    club.flex(lot.id);
    assert_eq!(club.try_flex(club.as_owner(), lot.id, None).map(drop), Err(Refused::InsufficientUnits), "all are open");
    let (ada, own) = club.world.personal("ada");
    let line = club.world.line(FLOAT, obm(2));
    let lot = club.world.mint_line(own, line).id;
    let ada = club.world.person(ada, own);
    assert_eq!(club.try_flex(ada, lot, None).map(drop), Err(Refused::OrgRequired), "G2");
}

#[test]
fn floating_seats_that_are_in_use_are_closed_when_the_last_lease_has_ended() {
    let mut club = Club::new();
    let lot = club.lot(FLOAT, 3);
    let flex = club.flex(lot);
    let mut console = Club::console(1, FLOAT);
    club.world.activate(&mut console, &flex.code).expect("a seat");
    let close = Command::DeleteKey { key: flex.id };
    assert_eq!(club.world.run(club.as_owner(), close.clone()), Err(Refused::KeyInUse));
    club.world.done(club.as_owner(), Command::SetKeyQuota { key: flex.id, quota: obm(0) });
    assert_eq!(club.world.holding(lot).free(), obm(2), "the third arrives");
    club.world.pass(TERM);
    club.world.done(club.as_owner(), close);
    assert_eq!(club.world.holding(lot).free(), obm(3));
}

impl Club {
    fn named_co_admin(&mut self, user: UserId) -> leasehold_ledger::actor::Actor {
        let name =
            leasehold_ledger::command::people::People::NameCoAdmin { account: self.account, user, replace: false };
        self.world.did(self.as_owner(), name);
        self.world.person(user, self.account)
    }
}

const DEVICES: usize = 6;
const BOUGHT: u32 = 4;

/// What somebody does: devices, by number, and the owner.
#[derive(Debug, Clone)]
enum Step {
    /// Activates the first key, or the newest one; asks for so many, or does not say.
    Activate(usize, bool, Option<u32>),
    /// A check; its answer may be lost.
    Check(usize, bool),
    Release(usize),
    /// Opens another key over the lot, if anything is free there.
    Open,
    /// Takes everything away from the newest key.
    Empty,
    /// Changes what the first key has.
    Quota(u32),
    Minutes(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..DEVICES, any::<bool>(), prop::option::of(1..3_u32)).prop_map(|(a, b, c)| Step::Activate(a, b, c)),
        8 => (0..DEVICES, prop::bool::weighted(0.3)).prop_map(|(device, lost)| Step::Check(device, lost)),
        2 => (0..DEVICES).prop_map(Step::Release),
        2 => Just(Step::Open),
        2 => Just(Step::Empty),
        2 => (0..=BOUGHT).prop_map(Step::Quota),
        5 => (1..9_i64).prop_map(Step::Minutes),
    ]
}

/// A lot whose seats float under one key, and under more that come and go.
struct Bench {
    club: Club,
    lot: HoldingId,
    first: Key,
    more: Vec<Key>,
    consoles: Vec<Console>,
}

impl Bench {
    fn new() -> Self {
        let mut club = Club::new();
        let lot = club.lot(FLOAT, BOUGHT);
        let first = club.try_flex(club.as_owner(), lot, Some(obm(2))).expect("it floats");
        let consoles = (1..=DEVICES).map(|number| Club::console(u8::try_from(number).expect("few"), FLOAT));
        Self { consoles: consoles.collect(), club, lot, first, more: vec![] }
    }

    fn does(&mut self, step: &Step) {
        let club = &mut self.club;
        match step {
            Step::Activate(device, floats, wanted) => {
                let key = if *floats { Some(&self.first) } else { self.more.last() };
                let console = &mut self.consoles[*device];
                let Some(key) = key.filter(|_| console.held.is_none()) else { return };
                let done = match wanted {
                    Some(count) => club.wants(console, &key.code, *count),
                    None => club.world.activate(console, &key.code),
                };
                if done == Err(Refused::Resync) {
                    club.world.activate_again(console, &key.code, key.id).ok(); // it was here before
                }
            }
            Step::Check(device, lost) => {
                let console = &mut self.consoles[*device];
                if console.held.is_some() {
                    let done = if *lost { club.world.lost_check(console) } else { club.world.check_in(console) };
                    if done == Err(Refused::Resync) {
                        club.world.resync(console).ok();
                    }
                }
            }
            Step::Release(device) => {
                let console = &mut self.consoles[*device];
                if console.held.is_some() && club.world.release(console).is_ok() {
                    console.held = None;
                }
            }
            Step::Open => self.more.extend(club.try_flex(club.as_owner(), self.lot, Some(obm(1))).ok()),
            Step::Empty => {
                if let Some(key) = self.more.pop() {
                    club.world.done(club.as_owner(), Command::SetKeyQuota { key: key.id, quota: obm(0) });
                }
            }
            Step::Quota(count) => {
                let quota = Command::SetKeyQuota { key: self.first.id, quota: obm(*count) };
                club.world.run(club.as_owner(), quota).ok();
            }
            Step::Minutes(minutes) => club.world.pass(60 * minutes),
        }
    }

    /// What consoles may run on now.
    fn out(&self) -> Units {
        let held = self.consoles.iter().filter_map(|console| console.held.as_ref());
        let living = held.filter(|lease| lease.exp > self.club.world.now);
        living.fold(Units::default(), |all, lease| all.checked_add(&lease.grant.units).expect("few"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn g6_whatever_happens_no_more_floating_seats_are_out_than_were_bought(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.does(step);
            let out = bench.out();
            prop_assert!(obm(BOUGHT).covers(&out), "{out} are out of {BOUGHT} after {step:?}");
        }
    }
}
