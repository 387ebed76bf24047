//! `leasehold store ...`: the store as a whole.

mod backup;
mod restore;

use super::failure::Failure;
use crate::clock::Clock;
use crate::store;
use leasehold_ledger::fsck;
use leasehold_ledger::store::Store;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The store
#[derive(Debug, clap::Subcommand)]
pub enum StoreVerb {
    /// Check every page, row and invariant of a store; the server must be stopped
    #[command(after_help = "Example: leasehold store fsck --data /srv/leasehold")]
    Fsck,
    /// Copy the store to a file, consistently, whether the server runs or not
    ///
    /// The copy is checked before it gets its name. Keys are not in it: back up the data folder's keys/ once, apart from it.
    #[command(after_help = "Example: leasehold store backup /backup/leasehold-monday.redb --data /srv/leasehold")]
    Backup {
        /// The file to write
        #[arg(value_name = "OUT")]
        out: PathBuf,
    },
    Restore(restore::Args),
}

pub(super) fn run(verb: &StoreVerb, data: &Path, json: bool) -> Result<ExitCode, Failure> {
    match verb {
        StoreVerb::Fsck => fsck(data, json),
        StoreVerb::Restore(args) => restore::run(data, args, json),
        StoreVerb::Backup { out } => backup::run(data, out, json).map(|()| ExitCode::SUCCESS),
    }
}

fn fsck(data: &Path, json: bool) -> Result<ExitCode, Failure> {
    let store = store::open(data)?;
    let report = fsck::check(store.read()?.as_ref(), Clock::System.now())?;
    if json {
        let findings = report.findings.iter().map(|finding| {
            serde_json::json!({"invariant": finding.invariant, "subject": finding.subject, "problem": finding.problem})
        });
        println!("{}", serde_json::json!({"findings": findings.collect::<Vec<_>>(), "rows": report.rows}));
    } else {
        let rows: u64 = report.rows.values().sum();
        report.findings.iter().for_each(|finding| println!("{finding}"));
        println!("{rows} rows checked, {} findings", report.findings.len());
    }
    if report.findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let hint = "keep the store as it is; restore the last backup beside it and compare";
    Err(Failure::failed(format!("the store breaks {} of its rules", report.findings.len()), hint))
}
