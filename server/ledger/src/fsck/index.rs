//! Indexes: each has exactly the rows that follow from the records, no more and no less.

use super::Report;
use super::rows::{Rows, each};
use crate::charge::{due_key, holders};
use crate::record::*;
use crate::row;
use crate::rule::{account, pool};
use crate::store::{Read, StoreError, Table};
use crate::view::triple;
use std::collections::BTreeMap;

/// The rows an index should have.
pub type Expected = BTreeMap<Vec<u8>, Vec<u8>>;

pub fn check(view: &dyn Read, rows: &Rows, report: &mut Report) -> Result<(), StoreError> {
    let indexes = [
        (Table::AccountNames, account_names(rows, report)),
        (Table::KeyCodes, key_codes(rows, report)),
        (Table::AccountHoldings, pairs(rows.holdings.values().map(|one| [*one.account.bytes(), *one.id.bytes()]))),
        (Table::PoolNames, pool_names(rows, report)),
        (Table::PoolAllotments, pairs(allotments(rows))),
        (Table::ActivationOf, activation_of(rows, report)),
        (Table::HoldingActivations, pairs(rows.activations.values().map(|one| [*one.holding.bytes(), one.id.0]))),
        (Table::OpenActivations, pairs(open(rows))),
        (Table::DeviceActivations, pairs(rows.activations.values().map(|one| [one.device.0, one.id.0]))),
        (Table::Encumbrances, pairs(encumbrances(rows))),
        (Table::Due, due(rows)),
        (Table::ActivationFiles, activation_files(rows)),
        (Table::TokenIds, rows.tokens.iter().map(|one| (one.id.bytes().to_vec(), one.hash.to_vec())).collect()),
        (Table::AccountTokens, pairs(rows.tokens.iter().map(|one| [*one.account.bytes(), *one.id.bytes()]))),
        (Table::RememberedAges, rows.remembered.iter().map(|one| (one.age_key(), vec![])).collect()),
        (Table::RememberedCounts, remembered_counts(rows)),
        super::seats::index(rows),
        (Table::AccountKeys, super::license::keys(rows)),
        (Table::AccountLicenses, super::license::licenses(rows)),
    ];
    for (table, expected) in
        indexes.into_iter().chain(super::people::indexes(rows, report)).chain(super::catalogue::indexes(rows))
    {
        compare(view, table, expected, report)?;
    }
    devices(rows, report);
    Ok(())
}

/// Compares a table with the rows it should have; also used for the sides of Events.
pub fn compare(view: &dyn Read, table: Table, mut expected: Expected, report: &mut Report) -> Result<(), StoreError> {
    let place = |key: &[u8]| format!("{} {}", table.name(), row::hex(key));
    each(view, table, report, |report, (key, value)| match expected.remove(&key) {
        None => report.find("index", place(&key), "a row that no record stands behind"),
        Some(right) => report.ensure(right == value, "index", place(&key), || {
            format!("leads to {}, not to {}", row::hex(&value), row::hex(&right))
        }),
    })?;
    for (key, _) in expected {
        report.find("index", place(&key), "the row is missing");
    }
    Ok(())
}

pub fn pairs(pairs: impl Iterator<Item = [[u8; 16]; 2]>) -> Expected {
    pairs.map(|pair| (pair.concat(), vec![])).collect()
}

fn allotments(rows: &Rows) -> impl Iterator<Item = [[u8; 16]; 2]> {
    let allotments = rows.holdings.values().filter(|holding| holding.role == HoldingRole::Allotment);
    allotments.filter_map(|one| one.parent.map(|pool| [*pool.bytes(), *one.id.bytes()]))
}

fn open(rows: &Rows) -> impl Iterator<Item = [[u8; 16]; 2]> {
    rows.activations.values().filter(|one| one.is_open()).map(|one| [*one.holding.bytes(), one.id.0])
}

fn encumbrances(rows: &Rows) -> impl Iterator<Item = [[u8; 16]; 2]> {
    let away = |one: &Activation| one.encumbrances.iter().map(|at| [*at.at.bytes(), one.id.0]).collect::<Vec<_>>();
    rows.activations.values().flat_map(away)
}

fn due(rows: &Rows) -> Expected {
    let booked_in = |one: &Activation| {
        let due = one.due.into_iter();
        due.flat_map(|at| holders(one).into_iter().map(move |holding| (holding, at))).collect::<Vec<_>>()
    };
    let keys = rows
        .activations
        .values()
        .flat_map(|one| booked_in(one).into_iter().map(|(holding, at)| (due_key(holding, at, one.id.0), vec![])));
    keys.collect()
}

/// I11: a row that two records would need belongs to neither.
pub fn unique(expected: &mut Expected, key: Vec<u8>, value: Vec<u8>, what: &str, report: &mut Report) {
    if let Some(other) = expected.insert(key, value.clone()) {
        report.find("I11", row::hex(&value), format!("{what} is also that of {}", row::hex(&other)));
    }
}

fn account_names(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for account in rows.accounts.values() {
        let named = account::name_key(account, account.name()).filter(|_| account.deleted.is_none());
        let Some(key) = named else { continue };
        unique(&mut expected, key, account.id.bytes().to_vec(), "the name", report);
    }
    expected
}

fn key_codes(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for key in rows.keys.values() {
        unique(&mut expected, key.code.clone().into_bytes(), key.id.bytes().to_vec(), "the code", report);
    }
    expected
}

fn pool_names(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for pool in rows.holdings.values() {
        let key = match pool.role {
            HoldingRole::Pool => pool::pool_name_key(pool.account, &pool.name),
            HoldingRole::Stock => pool::pool_name_key(pool.account, &pool::stock_name(&pool.compat)),
            HoldingRole::Lot | HoldingRole::Allotment | HoldingRole::Reserve => continue,
        };
        unique(&mut expected, key, pool.id.bytes().to_vec(), "the name", report);
    }
    expected
}

fn activation_of(rows: &Rows, report: &mut Report) -> Expected {
    let mut expected = Expected::new();
    for one in rows.activations.values() {
        let key = triple(one.key, &one.product, one.device);
        unique(&mut expected, key, one.id.0.to_vec(), "key, product and device", report);
    }
    expected
}

fn activation_files(rows: &Rows) -> Expected {
    let key = |file: &LicenseFile| [&file.activation.0[..], &file.seq.to_be_bytes()].concat();
    rows.files.iter().map(|file| (key(file), file.request.0.to_vec())).collect()
}

fn remembered_counts(rows: &Rows) -> Expected {
    let mut counts: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    rows.remembered.iter().for_each(|one| *counts.entry(one.place.caller.to_vec()).or_default() += 1);
    counts.into_iter().map(|(caller, count)| (caller, count.to_be_bytes().to_vec())).collect()
}

/// Every device of an activation is on record, under the hash of its key.
fn devices(rows: &Rows, report: &mut Report) {
    let known: std::collections::BTreeSet<_> = rows.devices.iter().map(|device| (device.account, device.id)).collect();
    for one in rows.activations.values() {
        let is_known = known.contains(&(one.account, one.device));
        report.ensure(is_known, "row", one.id, || format!("device {} is missing", one.device));
    }
    let announced = rows.waiting.iter().map(|one| (one.device, one.public));
    for (id, public) in rows.devices.iter().map(|device| (device.id, device.public)).chain(announced) {
        report.ensure(public.device_id() == id, "row", id, || "the id is not the hash of its key".to_owned());
    }
    for one in &rows.waiting {
        let enrolls = rows.accounts.get(&one.account).is_some_and(|account| account.enrolment.is_some());
        report.ensure(enrolls, "row", one.device, || "it waits in an account that nobody can enrol in".to_owned());
        let has_key = one.given().is_none_or(|given| rows.keys.contains_key(&given.key));
        report.ensure(has_key, "row", one.device, || "it was given a key that is missing".to_owned());
    }
}
