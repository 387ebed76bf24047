//! `leasehold store ...`: the store as a whole.

mod backup;
mod restore;

use super::failure::Failure;
use crate::cli::offline;
use crate::clock::Clock;
use crate::store;
use crate::store::anchor::{self, Anchor, Found};
use leasehold_ledger::fsck::{self, Report};
use leasehold_ledger::record::Anchored;
use leasehold_ledger::store::{Read, Store};
use leasehold_ledger::view::find;
use leasehold_signer::disk::RealDisk;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The store
#[derive(Debug, clap::Subcommand)]
pub enum StoreVerb {
    /// Check every page, row and invariant of a store, and its Events against the anchor; the server must be stopped
    #[command(after_help = "Example: leasehold store fsck --data /srv/leasehold")]
    Fsck {
        /// Settings (TOML), where they name the anchor's place
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
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
        StoreVerb::Fsck { config } => {
            let anchor = offline::config(config.as_deref())?.store.anchor(data);
            fsck(data, &anchor, json)
        }
        StoreVerb::Restore(args) => restore::run(data, args, json),
        StoreVerb::Backup { out } => backup::run(data, out, json).map(|()| ExitCode::SUCCESS),
    }
}

fn fsck(data: &Path, anchor: &Path, json: bool) -> Result<ExitCode, Failure> {
    let store = store::open(data)?;
    let view = store.read()?;
    let mut report = fsck::check(view.as_ref(), Clock::System.now())?;
    let found = anchor::read(&mut RealDisk, anchor).map_err(|error| Failure::io(anchor, &error))?;
    let note = hold(view.as_ref(), anchor, &found, &mut report)?;
    if json {
        let findings = report.findings.iter().map(|finding| {
            serde_json::json!({"invariant": finding.invariant, "subject": finding.subject, "problem": finding.problem})
        });
        let findings = findings.collect::<Vec<_>>();
        println!("{}", serde_json::json!({"findings": findings, "rows": report.rows, "note": note}));
    } else {
        let rows: u64 = report.rows.values().sum();
        report.findings.iter().for_each(|finding| println!("{finding}"));
        note.iter().for_each(|note| println!("{note}"));
        println!("{rows} rows checked, {} findings", report.findings.len());
    }
    if report.findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let hint = "keep the store as it is; restore the last backup beside it and compare";
    Err(Failure::failed(format!("the store breaks {} of its rules", report.findings.len()), hint))
}

/// Holds the Events against the anchor. Where there is none, which is so of every copy, a note says what cannot be told.
fn hold(view: &dyn Read, path: &Path, found: &Found, report: &mut Report) -> Result<Option<String>, Failure> {
    let had_one = find::<Anchored>(view, Anchored::KEY).is_ok_and(|mark| mark.is_some());
    let mut say = |problem: &str| {
        let subject = format!("anchor {}", path.display());
        report.findings.push(fsck::Finding { invariant: "I13", subject, problem: problem.to_owned() });
    };
    match found {
        Found::Nothing if had_one => {
            let place = path.display();
            return Ok(Some(format!(
                "there is no anchor {place}: Events cut off at the end with every trace go unnoticed"
            )));
        }
        Found::Nothing => {}
        Found::Damaged => say("it is damaged: whether the last Events are there cannot be told"),
        Found::Anchor(anchor) if is_foreign(view, anchor) => say("it is another installation's"),
        Found::Anchor(anchor) => fsck::against_anchor(view, &anchor.head, report)?,
    }
    Ok(None)
}

fn is_foreign(view: &dyn Read, anchor: &Anchor) -> bool {
    Anchor::of(view, anchor.hour).is_ok_and(|own| own.installation != anchor.installation)
}
