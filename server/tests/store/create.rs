//! Making a store, and finding none, another's or half of one where it should be.

use crate::all;
use leasehold::store::open::FILE_NAME;
use leasehold::store::{OpenError, create, open};
use leasehold_ledger::store::{Store, StoreError, Table};
use std::path::Path;
use tempfile::TempDir;

/// The name a store has while it is being made.
const BEGUN: &str = "store.redb.new";

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn made(folder: &Path) {
    create(folder, &mut |tx| tx.put(Table::Meta, b"who", b"me")).expect("a new store");
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).expect("it reads").map(|entry| entry.expect("an entry").file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

#[test]
fn a_new_store_has_what_its_first_transaction_wrote_and_nothing_lies_beside_it() {
    let folder = folder();
    made(folder.path());
    assert_eq!(files(folder.path()), [FILE_NAME]);
    let store = open(folder.path()).expect("it opens");
    let rows = all(store.read().expect("it reads").as_ref()).expect("it reads");
    assert_eq!(rows, [(Table::Meta, (b"who".to_vec(), b"me".to_vec()))]);
}

#[test]
fn a_first_transaction_that_fails_leaves_no_store() {
    let folder = folder();
    let fails = create(folder.path(), &mut |tx| {
        tx.put(Table::Meta, b"who", b"nobody")?;
        Err(StoreError::Io("no".into()))
    });
    assert!(matches!(fails, Err(OpenError::Store(StoreError::Io(why))) if why == "no"));
    assert_eq!(files(folder.path()), Vec::<String>::new(), "something was left");
    assert!(matches!(open(folder.path()), Err(OpenError::Missing(_))));
    made(folder.path());
    let store = open(folder.path()).expect("it opens");
    assert_eq!(all(store.read().expect("it reads").as_ref()).expect("it reads").len(), 1);
}

#[test]
fn a_store_cut_off_while_it_was_made_is_not_taken_for_one_and_is_in_nobodys_way() {
    let whole = folder();
    made(whole.path());
    let bytes = std::fs::read(whole.path().join(FILE_NAME)).expect("it reads");
    for len in [0, 1, 320, 4096, bytes.len() / 2, bytes.len()] {
        let folder = folder();
        std::fs::write(folder.path().join(BEGUN), &bytes[..len]).expect("written");
        assert!(matches!(open(folder.path()), Err(OpenError::Missing(_))), "{len} bytes");
        create(folder.path(), &mut |tx| tx.put(Table::Meta, b"who", b"another")).expect("a new store");
        assert_eq!(files(folder.path()), [FILE_NAME], "{len} bytes");
        let store = open(folder.path()).expect("it opens");
        let who = store.read().and_then(|view| view.get(Table::Meta, b"who")).expect("it reads");
        assert_eq!(who.as_deref(), Some(&b"another"[..]), "{len} bytes");
    }
}

#[test]
fn a_store_is_never_made_over_anything() {
    let folder = folder();
    made(folder.path());
    assert!(matches!(create(folder.path(), &mut |_| Ok(())), Err(OpenError::Exists(_))));
    let elsewhere = self::folder();
    std::os::unix::fs::symlink("nowhere", elsewhere.path().join(FILE_NAME)).expect("a link");
    assert!(
        matches!(create(elsewhere.path(), &mut |_| Ok(())), Err(OpenError::Exists(_))),
        "a link that leads nowhere"
    );
}

#[test]
fn a_store_that_is_missing_or_in_use_is_said_to_be_that() {
    let folder = folder();
    assert!(matches!(open(folder.path()), Err(OpenError::Missing(_))));
    assert!(matches!(open(&folder.path().join("not/there")), Err(OpenError::Missing(_))));
    assert_eq!(files(folder.path()), Vec::<String>::new(), "open made something");
    made(folder.path());
    let held = open(folder.path()).expect("it opens");
    assert!(matches!(open(folder.path()), Err(OpenError::InUse(_))));
    drop(held);
    open(folder.path()).expect("it opens again");
}

#[test]
fn a_folder_in_the_stores_place_is_no_store() {
    let folder = folder();
    std::fs::create_dir(folder.path().join(FILE_NAME)).expect("a folder");
    assert!(open(folder.path()).is_err());
    assert!(matches!(create(folder.path(), &mut |_| Ok(())), Err(OpenError::Exists(_))));
}

#[test]
fn a_database_without_a_schema_number_is_no_store() {
    let folder = folder();
    let database = redb::Database::create(folder.path().join(FILE_NAME)).expect("a database of another program");
    drop(database);
    assert!(matches!(open(folder.path()), Err(OpenError::Damaged { .. })));
}
