//! A damaged store is noticed: every invariant broken on purpose is found, and nothing stops the search.

use super::console::Console;
use super::tampering::{Case, all, each_is_found, edit, found, full, grown, grown_by, report, set, write};
use super::world::{World, units};
use leasehold_ledger::fsck::{self};
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::Table;
use leasehold_protocol::{Day, Time};

#[test]
fn a_sound_store_is_clean_and_its_rows_are_counted() {
    let world = full();
    let report = report(&world);
    assert!(report.is_clean(), "{:?}", report.findings);
    let count = |table: Table| report.rows[table.name()];
    assert_eq!(count(Table::Activations), 2);
    assert_eq!(count(Table::Renewals), 2);
    assert_eq!(count(Table::Files), 1);
    assert!(count(Table::Encumbrances) > 0, "something is encumbered");
    assert_eq!(report.rows.values().sum::<u64>(), world.rows().len() as u64);
}

#[test]
fn every_flipped_row_is_found_and_named() {
    let world = full();
    let no_checksum = [Table::Jobs];
    for (table, key, value) in world.rows().into_iter().filter(|(table, _, _)| !no_checksum.contains(table)) {
        if value.is_empty() {
            continue;
        }
        for at in [0, value.len() / 2, value.len() - 1] {
            let mut flipped = value.clone();
            flipped[at] ^= 0x10;
            write(&world, table, &key, Some(&flipped));
            let findings = report(&world).findings;
            let named = findings
                .iter()
                .any(|finding| finding.subject.contains(&row::hex(&key)) || finding.problem.contains(&row::hex(&key)));
            assert!(named, "{} {}: {findings:?}", table.name(), row::hex(&key));
        }
        write(&world, table, &key, Some(&value));
    }
    assert!(report(&world).is_clean());
}

#[test]
fn every_missing_row_is_found() {
    let world = full();
    for (table, key, value) in world.rows() {
        write(&world, table, &key, None);
        assert!(!report(&world).is_clean(), "{} {} is gone", table.name(), row::hex(&key));
        write(&world, table, &key, Some(&value));
    }
    assert!(report(&world).is_clean());
}

#[test]
fn every_stray_index_row_is_found() {
    let world = full();
    let indexes = [
        Table::AccountNames,
        Table::KeyCodes,
        Table::AccountHoldings,
        Table::PoolNames,
        Table::PoolAllotments,
        Table::ActivationOf,
        Table::HoldingActivations,
        Table::DeviceActivations,
        Table::Encumbrances,
        Table::Due,
        Table::ActivationFiles,
        Table::AccountEvents,
        Table::UserNames,
        Table::UserAccounts,
        Table::UserSecrets,
        Table::OutboxDue,
        Table::UserMails,
        Table::EnrolmentCodes,
        Table::OpenActivations,
        Table::TokenIds,
        Table::AccountTokens,
        Table::RememberedAges,
        Table::UserSeats,
        Table::AccountKeys,
        Table::AccountLicenses,
        Table::ProductOpen,
        Table::OrderLines,
    ];
    for table in indexes {
        write(&world, table, &[7; 32], Some(&[]));
        assert_eq!(found(&world), ["index"], "{}", table.name());
        write(&world, table, &[7; 32], None);
    }
}

#[test]
fn a_row_copied_to_another_key_is_found() {
    let world = full();
    let holding = &all::<Holding>(&world)[0];
    write(&world, Table::Holdings, &[9; 16], Some(&row::encode(holding)));
    assert_eq!(found(&world), ["row"]);
}

#[test]
fn every_invariant_broken_on_purpose_is_found() {
    let cases: &[Case] = &[
        ("I1", |world| edit(world, |lot: &mut Holding| grown(lot, |lot| &mut lot.units))),
        ("I1", |world| edit(world, |lot: &mut Holding| grown(lot, |lot| &mut lot.minted))),
        ("I1", |world| edit(world, |one: &mut Holding| grown(one, |one| &mut one.charged))),
        ("I1", |world| edit(world, |one: &mut Holding| grown(one, |one| &mut one.encumbered))),
        ("I1", |world| edit(world, |one: &mut Holding| grown(one, |one| &mut one.granted))),
        ("I3", |world| edit(world, |one: &mut Holding| set(one.parent.is_some(), &mut one.compat, "Other".into()))),
        ("I3", |world| edit(world, |one: &mut Holding| set(one.parent.is_some(), &mut one.expires, Some(Time(1))))),
        ("I4", |world| {
            let all = all::<Account>(world);
            edit(world, |one: &mut Account| set(one.parent.is_some(), &mut one.parent, Some(all[1].id)));
        }),
        ("I4", |world| edit(world, |one: &mut Account| set(true, &mut one.kind, AccountKind::EndCustomer))),
        ("I6", |world| edit(world, |one: &mut Product| set(true, &mut one.lease_term, 60))),
        ("I7", |world| edit(world, |one: &mut Holding| set(true, &mut one.upgrade_until, Some(Day(1))))),
        ("I8", |world| {
            let used = all::<Activation>(world).remove(0).key;
            edit(world, |one: &mut Key| set(one.id == used, &mut one.state, KeyState::Deleted));
        }),
        ("I10", |world| edit(world, |one: &mut Activation| set(true, &mut one.abandoned, vec![(1, 900)]))),
        ("I14", |world| edit(world, |one: &mut Activation| set(one.mode == Mode::Lease, &mut one.mode, Mode::File))),
        ("I16", |world| edit(world, |one: &mut Activation| grown_by(one.mode == Mode::Lease, &mut one.units))),
        ("I16", |world| edit(world, |one: &mut Activation| set(one.due.is_some(), &mut one.due, None))),
        ("I17", |world| edit(world, |one: &mut Holding| grown_by(one.role == HoldingRole::Lot, &mut one.charged))),
    ];
    each_is_found(cases);
}

#[test]
fn a_copy_of_what_a_key_says_that_is_out_of_date_is_found() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(6, 6));
    world.activate(&mut Console::new(1), &key.code).expect("a lease");
    edit(&world, |one: &mut Key| set(one.id == key.id, &mut one.licensee, "Somebody".into()));
    assert_eq!(found(&world), ["I13"]);
}

/// A whole record, checksum and all, that stands where another one should.
#[test]
fn a_record_under_the_key_of_another_is_found() {
    let world = full();
    let stray = all::<Order>(&world).remove(0);
    let body = row::encode(&stray);
    let body = body.split_last_chunk::<4>().expect("a checksum").0.to_vec();
    let resealed = row::sealed(Table::Orders, b"PO-elsewhere", body);
    write(&world, Table::Orders, b"PO-elsewhere", Some(&resealed));
    let report = report(&world);
    let named = |finding: &fsck::Finding| finding.problem.contains("the row of another key");
    assert!(report.findings.iter().any(named), "{:?}", report.findings);
}

/// Units that came from nowhere, with all sums made to fit: the Events know better.
#[test]
fn i1_a_balance_that_does_not_follow_from_the_events_is_found() {
    let world = full();
    let more = |one: &mut Holding| {
        let picked = one.role == HoldingRole::Lot && one.converted.is_none();
        if picked {
            one.units = one.units.checked_add(&units(1, 0)).expect("few");
            one.minted = one.minted.checked_add(&units(1, 0)).expect("few");
        }
        picked
    };
    edit(&world, more);
    let report = report(&world);
    let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert!(finding.invariant == "I1" && finding.problem.contains("by its Events"), "{finding}");
}

#[test]
fn two_active_devices_under_a_pool_key_are_found() {
    let world = full();
    let pool_key = all::<Key>(&world).into_iter().find(|key| key.kind == KeyKind::PoolKey).expect("one");
    edit(&world, |one: &mut Activation| {
        let file = one.mode == Mode::File;
        (one.key, one.mode) = if file { (pool_key.id, Mode::Lease) } else { (one.key, one.mode) };
        file
    });
    assert!(found(&world).contains(&"I9"));
}

#[test]
fn a_row_of_a_version_that_is_not_known_is_not_read() {
    let installation = Installation {
        iss: "vendor.test".into(),
        vendor: AccountId(uuid::Uuid::from_u128(1)),
        epoch: 1,
        created: Time(1),
    };
    let row = row::encode(&installation);
    assert_eq!(row::decode::<Installation>(&installation.key(), &row).as_ref(), Ok(&installation));
    let mut later = row[..row.len() - 4].to_vec();
    later[0] = Installation::VERSION + 1;
    let later = row::sealed(Installation::TABLE, &installation.key(), later);
    let refused = row::decode::<Installation>(&installation.key(), &later).expect_err("another version").to_string();
    assert!(refused.contains("a version of the encoding that is not known"), "{refused}");
}
