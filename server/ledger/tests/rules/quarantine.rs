//! After a rollback (R11): what is proved, what is renewed, what has to wait.

use super::console::{Console, receipt};
use super::rolled::Stage;
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::quarantine::{REST, WATCH};
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;
use leasehold_protocol::release::Release;

const HOUR: i64 = 3600;

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
fn a_stopped_device_that_shows_an_older_lease_is_refused_and_changes_no_books() {
    // what it proved was kept in its row alone, for the refusal had forgotten the rest
    let mut stage = Stage::set();
    stage.quota(units(0, 0));
    let old = stage.console.clone();
    stage.check().expect("a lease of nothing");
    let sub = stage.console.sub();
    stage.world.stop_renewal(sub).expect("it may");
    stage.backup = stage.world.rows();
    stage.restore();
    stage.console = stage.console.restored(&old);
    stage.world.pass(WATCH);
    let (before, _) = stage.world.activation(sub);
    assert_eq!(stage.checks(), Err(Refused::KeyStopped));
    let (after, _) = stage.world.activation(sub);
    assert_eq!(after, Activation { refused: Some(Refused::KeyStopped as u16), ..before });
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
fn a_short_lease_is_waited_for_as_long_as_it_lives() {
    let since = World::new().now;
    let quarantine = Quarantine { since, doubt: Doubt::Restored };
    assert_eq!((quarantine.watch_ends(HOUR), quarantine.rest_ends(HOUR)), (since.plus(HOUR), since.plus(HOUR)));
    assert_eq!(quarantine.watch_ends(14 * 24 * HOUR), since.plus(WATCH));
    assert_eq!(quarantine.rest_ends(366 * 24 * HOUR), since.plus(366 * 24 * HOUR));
}
