//! R4: a file that is not what was written is noticed, or what is read from it is right. Never wrong rows, never a panic, never a
//! new store in the old one's place.

use crate::all;
use crate::common::Dice;
use crate::common::server::TestServer;
use leasehold::store::open::FILE_NAME;
use leasehold::store::{OpenError, open};
use leasehold_ledger::store::{Pair, Store, Table};
use std::panic::catch_unwind;
use std::path::Path;
use tempfile::TempDir;

const FLIPS: u64 = 300;
const HOLES: u64 = 40;
const CUTS: u64 = 40;
const PAGE: usize = 4096;

type Rows = Vec<(Table, Pair)>;

/// A store with real books in it: its bytes and its rows.
fn specimen() -> (Vec<u8>, Rows) {
    let (server, _) = TestServer::made(40);
    let rows = read(&server.data()).expect("it is whole");
    (std::fs::read(server.data().join(FILE_NAME)).expect("it reads"), rows)
}

fn read(folder: &Path) -> Result<Rows, OpenError> {
    let store = open(folder)?;
    let view = store.read()?;
    Ok(all(view.as_ref())?)
}

/// Opens and reads a damaged file. True if the damage was noticed.
fn noticed(bytes: &[u8], rows: &Rows, what: &str) -> bool {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(FILE_NAME);
    std::fs::write(&path, bytes).expect("written");
    let found = catch_unwind(|| read(folder.path())).unwrap_or_else(|_| panic!("{what}: a panic"));
    assert!(path.exists(), "{what}: the file is gone");
    match found {
        Ok(found) => {
            assert!(found == *rows, "{what}: {} wrong rows were read as if they were right", found.len());
            false
        }
        Err(OpenError::Missing(_) | OpenError::Exists(_)) => panic!("{what}: taken for no store"),
        Err(_) => true,
    }
}

#[test]
fn r4_flipped_bits_are_noticed_or_harmless() {
    let (bytes, rows) = specimen();
    let mut dice = Dice::thrown("flipped bits");
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let mut found = 0;
    for number in 0..FLIPS {
        // Most of a file is unused; two flips of three go where something stands.
        let at = match number % 3 {
            0 => usize::try_from(dice.below(bytes.len() as u64)).expect("small"),
            _ => used[usize::try_from(dice.below(used.len() as u64)).expect("small")],
        };
        let (bit, mut damaged) = (dice.below(8), bytes.clone());
        damaged[at] ^= 1 << bit;
        found += u64::from(noticed(&damaged, &rows, &format!("bit {bit} of byte {at}")));
    }
    assert!(found > FLIPS / 20, "{found} noticed: is the check of the whole file on?");
    println!(
        "count flipped bits in the store: {FLIPS} flips, {found} noticed, {} harmless, 0 silent, 0 panics",
        FLIPS - found
    );
}

#[test]
fn r4_pages_of_zeros_and_missing_ends_are_noticed_or_harmless() {
    let (bytes, rows) = specimen();
    let mut dice = Dice::thrown("holes and cuts");
    let (mut holes, mut cuts) = (0, 0);
    let pages: Vec<usize> =
        (0..bytes.len() / PAGE).filter(|page| bytes[page * PAGE..][..PAGE].iter().any(|byte| *byte != 0)).collect();
    for _ in 0..HOLES {
        let page = pages[usize::try_from(dice.below(pages.len() as u64)).expect("small")];
        let mut damaged = bytes.clone();
        damaged[page * PAGE..][..PAGE].fill(0);
        holes += u64::from(noticed(&damaged, &rows, &format!("page {page} of zeros")));
    }
    for number in 0..CUTS {
        let len = match number {
            0 => 0,
            1 => 1,
            2 => PAGE,
            _ => usize::try_from(dice.below(bytes.len() as u64)).expect("small"),
        };
        cuts += u64::from(noticed(&bytes[..len], &rows, &format!("cut to {len} bytes")));
    }
    assert!(holes > 0 && cuts > 0, "{holes} holes and {cuts} cuts noticed");
    println!(
        "count holes and cuts in the store: {HOLES} pages, {holes} noticed; {CUTS} cuts, {cuts} noticed; 0 silent, 0 panics"
    );
}

#[test]
fn a_damaged_store_is_said_to_be_damaged_and_what_to_do() {
    let (bytes, _) = specimen();
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join(FILE_NAME), &bytes[..bytes.len() / 2]).expect("written");
    let error = open(folder.path()).expect_err("half a store");
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(
        error.to_string().contains("is damaged") && error.advice().contains("backup"),
        "{error}: {}",
        error.advice()
    );
}
