//! Renewal slots: in memory, in the log, in slices, and after any number of restarts the same.

use leasehold::store::{OpenError, RedbStore, create, open, renewals};
use leasehold_ledger::store::{Pair, Store, StoreError, Table, Write};
use proptest::collection::vec;
use proptest::prelude::*;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use std::collections::BTreeMap;
use tempfile::TempDir;

type Slots = BTreeMap<[u8; 16], [u8; 64]>;

fn id(number: u16) -> [u8; 16] {
    let mut id = [0x40; 16];
    id[0] = u8::try_from(number % 5 * 50).expect("small");
    id[14..].copy_from_slice(&number.to_be_bytes());
    id
}

fn write(store: &dyn Store, batch: &[(u16, u8)], commit: bool) -> Result<(), StoreError> {
    let work = |tx: &mut dyn Write| {
        for (number, value) in batch {
            tx.put(Table::Renewals, &id(*number), &[*value; 64])?;
            assert_eq!(tx.get(Table::Renewals, &id(*number))?, Some(vec![*value; 64]), "a batch sees its own slots");
        }
        let there = tx.scan(Table::Renewals, &[], &[0xff; 17], usize::MAX)?;
        let seen = |number: &u16| there.iter().any(|(key, _)| key[..] == id(*number));
        assert!(batch.iter().all(|(number, _)| seen(number)));
        if commit { Ok(()) } else { Err(StoreError::Io("given up".into())) }
    };
    store.write(&mut |tx| work(tx))
}

fn slots(store: &dyn Store) -> Vec<Pair> {
    let view = store.read().expect("it reads");
    view.scan(Table::Renewals, &[], &[0xff; 17], usize::MAX).expect("it reads")
}

fn expected(slots: &Slots) -> Vec<Pair> {
    slots.iter().map(|(id, slot)| (id.to_vec(), slot.to_vec())).collect()
}

fn fresh() -> (TempDir, RedbStore) {
    let folder = TempDir::new().expect("a temporary folder");
    let store = create(folder.path(), &mut |_| Ok(())).expect("a new store");
    (folder, store)
}

/// Many small batches: enough for every slice to be written several times.
fn churn(store: &RedbStore, batches: u32, slots: &mut Slots) {
    for number in 0..batches {
        let batch: Vec<(u16, u8)> = (0..60)
            .map(|place| (u16::try_from((number * 7 + place) % 200).expect("small"), (number % 251) as u8))
            .collect();
        write(store, &batch, true).expect("written");
        slots.extend(batch.iter().map(|(number, value)| (id(*number), [*value; 64])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_are_the_same_in_memory_and_after_every_restart(
        lives in vec(vec((vec((0..40u16, any::<u8>()), 0..90), any::<bool>()), 0..12), 1..5),
    ) {
        let (folder, store) = fresh();
        let (mut store, mut slots) = (Some(store), Slots::new());
        for batches in lives {
            let open_store = store.take().unwrap_or_else(|| open(folder.path()).expect("it opens"));
            prop_assert_eq!(crate::renewals::slots(&open_store), expected(&slots));
            for (batch, commit) in &batches {
                prop_assert_eq!(write(&open_store, batch, *commit).is_ok(), *commit);
                if *commit {
                    slots.extend(batch.iter().map(|(number, value)| (id(*number), [*value; 64])));
                }
                prop_assert_eq!(crate::renewals::slots(&open_store), expected(&slots));
            }
        }
    }
}

#[test]
fn slices_take_over_what_the_log_held_and_neither_grows_for_ever() {
    let (folder, store) = fresh();
    let mut slots = Slots::new();
    churn(&store, 600, &mut slots);
    let len = || std::fs::metadata(folder.path().join("store.redb")).expect("a file").len();
    let early = len();
    churn(&store, 1200, &mut slots);
    assert!(len() <= early * 3 / 2, "{} bytes after 600 batches, {} after 1800", early, len());
    drop(store);
    let database = Database::open(folder.path().join("store.redb")).expect("a database");
    let view = database.begin_read().expect("it reads");
    let (log, slices) =
        (view.open_table(renewals::LOG).expect("log"), view.open_table(renewals::SLICES).expect("slices"));
    assert!(slices.len().expect("it reads") >= 256);
    let rows = log.len().expect("it reads");
    assert!(rows < 400, "{rows} rows of the log are left of 1800");
    drop((log, slices, view, database));
    let store = open(folder.path()).expect("it opens");
    assert_eq!(crate::renewals::slots(&store), expected(&slots));
}

#[test]
fn a_log_row_that_is_missing_is_noticed_at_the_start() {
    let (folder, store) = fresh();
    churn(&store, 8, &mut Slots::new());
    drop(store);
    let database = Database::open(folder.path().join("store.redb")).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    let mut log = transaction.open_table(renewals::LOG).expect("log");
    let rows: Vec<u64> = log.iter().expect("it reads").map(|row| row.expect("it reads").0.value()).collect();
    assert!(rows.len() > 2, "{rows:?}");
    let gone = rows[rows.len() / 2];
    log.remove(gone).expect("removed");
    drop(log);
    transaction.commit().expect("committed");
    drop(database);
    let error = open(folder.path()).expect_err("a store with a hole");
    assert!(matches!(&error, OpenError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("renewal_log at {gone}: the row is missing")), "{error}");
}

#[test]
fn a_transaction_without_changes_does_not_wait_for_the_disk() {
    let (folder, store) = fresh();
    write(&store, &[(1, 1)], true).expect("written");
    let path = folder.path().join("store.redb");
    let before = std::fs::read(&path).expect("a file");
    store.write(&mut |tx| tx.get(Table::Renewals, &id(1)).map(drop)).expect("nothing to write");
    assert!(before == std::fs::read(&path).expect("a file"), "bytes were written");
}

#[test]
fn only_a_slot_of_64_bytes_under_an_id_is_taken_and_none_is_removed() {
    let (_folder, store) = fresh();
    let put = |key: &[u8], value: &[u8]| store.write(&mut |tx| tx.put(Table::Renewals, key, value));
    assert!(matches!(put(&[1; 15], &[1; 64]), Err(StoreError::Corrupt { table: "renewals", .. })));
    assert!(matches!(put(&[1; 16], &[1; 63]), Err(StoreError::Corrupt { table: "renewals", .. })));
    put(&[1; 16], &[1; 64]).expect("written");
    store.write(&mut |tx| tx.delete(Table::Renewals, &[1; 16])).expect_err("slots are kept");
    assert_eq!(slots(&store).len(), 1);
}
