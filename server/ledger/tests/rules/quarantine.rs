//! After a rollback (R11): what is proved, what is renewed, what has to wait.

use super::console::{Console, receipt};
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::quarantine::{REST, WATCH};
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::release::Release;
use leasehold_protocol::{Refused, Units};

const HOUR: i64 = 3600;

/// A console on a key of 4 + 4, and its store as a backup has it.
struct Stage {
    world: World,
    console: Console,
    pool: HoldingId,
    key: KeyId,
    backup: Vec<(Table, Vec<u8>, Vec<u8>)>,
}

impl Stage {
    fn set() -> Self {
        let mut world = World::new();
        let (_, pool) = world.customer_with_pool(units(20, 20));
        let key = world.pool_key(pool, "Key", units(4, 4));
        let mut console = Console::new(1);
        world.activate(&mut console, &key.code).expect("a lease");
        world.days(1);
        let backup = world.rows();
        Self { world, console, pool, key: key.id, backup }
    }

    /// The key's quota changes, and the console hears of it.
    fn quota(&mut self, quota: Units) -> Lease {
        let root = self.world.root();
        self.world.done(root, Command::SetKeyQuota { key: self.key, quota });
        self.world.check_in(&mut self.console).expect("a lease");
        self.world.check_in(&mut self.console).expect("a lease, and the one before has ended")
    }

    fn put_back(&mut self) {
        self.world.store = MemoryStore::new();
        let rows = &self.backup;
        let put = |tx: &mut dyn leasehold_ledger::store::Write| {
            rows.iter().try_for_each(|(table, key, value)| tx.put(*table, key, value))
        };
        self.world.store.write(&mut { put }).expect("memory");
    }

    /// The backup is put in place, as `store restore` does.
    fn restore(&mut self) {
        self.put_back();
        let root = self.world.root();
        self.world.done(root, Command::Restored { epoch: 2 });
    }

    fn check(&mut self) -> Result<Lease, Refused> {
        self.world.check_in(&mut self.console)
    }

    /// A check as a console makes it: it shows its lease when it is asked to.
    fn checks(&mut self) -> Result<Lease, Refused> {
        for _ in 0..3 {
            match self.check() {
                Err(Refused::Resync) => {}
                answered => return answered,
            }
            match self.world.resync(&mut self.console) {
                Err(Refused::Resync) => {}
                answered => return answered,
            }
        }
        Err(Refused::Resync)
    }

    fn verbs(&mut self, run: impl FnOnce(&mut Self)) -> Vec<Verb> {
        let before = self.world.events().len();
        run(self);
        self.world.events().split_off(before).iter().map(|event| event.verb).collect()
    }

    fn quarantine(&self) -> Option<Quarantine> {
        let view = self.world.store.read().expect("memory");
        view::find(view.as_ref(), Quarantine::KEY).expect("sound")
    }
}

#[test]
fn r11_for_48_hours_nothing_is_renewed_and_the_newest_lease_that_is_shown_is_booked() {
    let mut stage = Stage::set();
    let lost = stage.quota(units(8, 4));
    stage.restore();
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::LeaseProved]);
    let (activation, slot) = stage.world.activation(stage.console.sub());
    assert_eq!((slot.seq, slot.iat, slot.exp), (lost.grant.seq, lost.grant.iat, lost.exp));
    assert_eq!(activation.units, units(4, 4), "no more than its key has in the backup");
    stage.world.pass(WATCH - 1);
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [], "it is known already");
    stage.world.pass(1);
    let lease = stage.checks().expect("a lease");
    assert_eq!((lease.grant.seq, lease.epoch), (lost.grant.seq + 1, 2));
    assert_eq!(lease.grant.units, units(4, 4));
    stage.world.days(1);
    stage.check().expect("proved once, it goes on as ever");
}

#[test]
fn r11_what_shrank_in_the_lost_history_stays_small_until_its_leases_have_ended() {
    let mut stage = Stage::set();
    stage.quota(units(1, 0));
    stage.restore();
    assert_eq!(stage.checks(), Err(Refused::Quarantine));
    stage.world.pass(WATCH);
    for _ in 0..11 {
        assert_eq!(stage.checks().expect("a lease").grant.units, units(1, 0));
        stage.world.days(1);
    }
    stage.world.days(1);
    assert_eq!(stage.checks().expect("a lease").grant.units, units(4, 4));
}

#[test]
fn r11_a_lease_from_before_the_backup_is_renewed_once_it_is_shown_even_where_it_ended_meanwhile() {
    let mut stage = Stage::set();
    stage.world.days(12); // a day before its end
    stage.restore();
    stage.world.pass(WATCH);
    assert_eq!(stage.check(), Err(Refused::Resync));
    let lease = stage.checks().expect("it was alive when the history broke off");
    assert_eq!(lease.grant.units, units(4, 4));
}

#[test]
fn r11_a_device_that_shows_an_older_lease_gets_what_that_one_had() {
    let mut stage = Stage::set();
    stage.quota(units(1, 1));
    let old = stage.console.clone();
    stage.quota(units(4, 4));
    stage.backup = stage.world.rows();
    stage.restore();
    stage.console = stage.console.restored(&old);
    assert_eq!(stage.checks(), Err(Refused::Quarantine));
    stage.world.pass(WATCH);
    assert_eq!(stage.checks().expect("a lease").grant.units, units(1, 1));
}

#[test]
fn r11_who_has_no_lease_begins_nothing_before_the_lost_ones_have_ended() {
    let mut stage = Stage::set();
    let other = stage.world.pool_key(stage.pool, "Other", units(4, 4));
    stage.backup = stage.world.rows();
    stage.restore();
    let mut stranger = Console { held: stage.console.held.clone(), ..Console::new(2) };
    assert_eq!(stage.world.check_in(&mut stranger), Err(Refused::Quarantine), "it may be of the lost history");
    stranger.held = None;
    assert_eq!(stage.world.activate(&mut stranger, "AAAA-BBBB-9999-9999"), Err(Refused::KeyInvalid));
    for _ in 0..13 {
        assert_eq!(stage.world.activate(&mut stranger, &other.code), Err(Refused::Quarantine));
        stage.world.days(1);
    }
    stage.console.held = None;
    let code = stage.world.key(stage.key).code.clone();
    assert_eq!(stage.world.activate_again(&mut stage.console, &code, stage.key), Err(Refused::Quarantine));
    stage.world.days(1);
    stage.world.activate(&mut stranger, &other.code).expect("a lease");
}

#[test]
fn a_release_goes_through_at_once_whatever_it_shows() {
    for lost in [false, true] {
        let mut stage = Stage::set();
        if lost {
            stage.quota(units(8, 4));
        }
        stage.restore();
        if lost {
            let release = stage.console.release(&stage.world);
            let proof = stage.console.proved(&stage.world, release.sub);
            let shown = stage.world.send_release(&Release { proof, ..release }, stage.console.held.as_ref());
            assert_eq!(receipt(shown), Err(Refused::Resync), "first it is booked");
        }
        stage.world.release(&mut stage.console).expect("a receipt");
        assert!(stage.world.activation(stage.console.sub()).0.charged.is_none());
    }
}

#[test]
fn while_it_rests_people_move_nothing_and_do_everything_else() {
    let mut stage = Stage::set();
    stage.restore();
    let (root, key, pool) = (stage.world.root(), stage.key, stage.pool);
    let refused = [
        Command::SetKeyQuota { key, quota: units(1, 1) },
        Command::SetPoolQuota { pool, quota: units(1, 1) },
        Command::DeleteKey { key },
        Command::Retire { lot: pool, units: units(1, 0) },
        Command::Convert { lot: pool, stock: pool, force: true },
    ];
    stage.world.days(13);
    for command in refused {
        assert_eq!(stage.world.run(root.clone(), command.clone()), Err(Refused::Quarantine), "{command:?}");
    }
    stage.world.done(root.clone(), Command::StopKey { key });
    stage.world.done(root.clone(), Command::ResumeKey { key });
    stage.world.done(root.clone(), Command::CreateProduct(product("NEW", "NEW")));
    stage.world.pass(REST - 13 * 24 * HOUR);
    stage.world.done(root, Command::SetKeyQuota { key, quota: units(1, 1) });
}

#[test]
fn r11_a_later_lease_begins_a_quarantine_where_nobody_knew_of_a_rollback() {
    let mut stage = Stage::set();
    stage.quota(units(8, 4));
    stage.put_back();
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::QuarantineBegan]);
    let began = stage.quarantine().expect("one");
    assert_eq!((began.since, began.doubt), (stage.world.now, Doubt::LaterLease));
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::LeaseProved], "now it is booked");
}

#[test]
fn r11_a_lease_of_a_later_epoch_begins_the_quarantine_anew_with_one_that_nobody_has_seen() {
    let mut stage = Stage::set();
    stage.restore();
    stage.world.pass(WATCH);
    stage.checks().expect("a lease of epoch 2");
    stage.put_back(); // the store of epoch 1, with its anchor
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::QuarantineBegan]);
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::LeaseProved]);
    stage.world.pass(WATCH);
    assert_eq!(stage.checks().expect("a lease").epoch, 3);
}

#[test]
fn the_operator_ends_a_quarantine_once() {
    let mut stage = Stage::set();
    stage.restore();
    let root = stage.world.root();
    let told = stage.verbs(|stage| stage.world.done(root.clone(), Command::EndQuarantine));
    assert_eq!(told, [Verb::QuarantineEnded]);
    assert_eq!(stage.world.run(root, Command::EndQuarantine), Err(Refused::Irreversible));
    stage.check().expect("a lease");
}

#[test]
fn a_clock_that_is_accepted_begins_a_running_quarantine_anew() {
    let mut stage = Stage::set();
    stage.restore();
    let (root, believed) = (stage.world.root(), stage.world.now);
    stage.world.days(40);
    stage.world.done(root, Command::AcceptClock { believed });
    assert_eq!(stage.quarantine().expect("one").since, stage.world.now);
}

#[test]
fn a_short_lease_is_waited_for_as_long_as_it_lives() {
    let since = World::new().now;
    let quarantine = Quarantine { since, doubt: Doubt::Restored };
    assert_eq!((quarantine.watch_ends(HOUR), quarantine.rest_ends(HOUR)), (since.plus(HOUR), since.plus(HOUR)));
    assert_eq!(quarantine.watch_ends(14 * 24 * HOUR), since.plus(WATCH));
    assert_eq!(quarantine.rest_ends(366 * 24 * HOUR), since.plus(366 * 24 * HOUR));
}
