//! What an operator needs after a disaster: backups of a server that goes on, the anchor, restoring, and the quarantine after it.

mod anchor;
mod audit;
mod backup;
#[path = "../common/mod.rs"]
mod common;
#[path = "../outage/load.rs"]
#[allow(dead_code, reason = "the outages use the rest")]
mod load;
mod restore;

use common::program::{Done, leasehold, run};
use leasehold::store::open;
use leasehold_ledger::store::{Pair, Read, Store, Table, after};
use std::path::Path;

/// A verb about the data folder.
fn verb(data: &Path, words: &[&str]) -> Done {
    run(leasehold().args(words).arg("--data").arg(data))
}

/// Every row of a store that no server has.
fn rows(data: &Path) -> Vec<(Table, Pair)> {
    let store = open(data).expect("the store opens");
    let view = store.read().expect("it reads");
    all(view.as_ref())
}

fn all(view: &dyn Read) -> Vec<(Table, Pair)> {
    let of = |table: &Table| view.scan(*table, &[], &after(&[]), usize::MAX).expect("it reads");
    Table::ALL.iter().flat_map(|table| of(table).into_iter().map(|pair| (*table, pair))).collect()
}

/// A backup in a folder of its own, as if it were the data folder's store.
fn unpacked(backup: &Path) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    std::fs::copy(backup, folder.path().join(leasehold::store::open::FILE_NAME)).expect("it copies");
    folder
}
