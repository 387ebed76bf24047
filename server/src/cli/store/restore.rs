//! `leasehold store restore`: a backup in the store's place, and the end of the quarantine it begins.

use crate::admin::cli::control;
use crate::cli::failure::Failure;
use crate::cli::offline;
use crate::clock::Clock;
use crate::server::CONTROL_SOCKET;
use crate::store;
use crate::store::command::carry_out;
use crate::store::restore::{Restored, Risk, There, restore};
use leasehold_ledger::Command;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Put a backup in the store's place; the server must be stopped
///
/// Leases signed after the backup are unknown to it, and units that look free may be in them. So the store starts in
/// quarantine: for 48 hours nothing is renewed and every console shows the lease it holds; until 14 days are over nobody gets
/// more than it had, and nothing is moved or newly activated. Leases in hand run on all the while. What people did after
/// the backup (orders, retired units, new keys, licence files) is lost and has to be done again.
///
/// --accept-risk ends the quarantine at once: without BACKUP, that of the store in place.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: leasehold store restore /backup/leasehold-monday.redb --data /srv/leasehold --replace"
)]
pub struct Args {
    /// The backup
    #[arg(value_name = "BACKUP", required_unless_present = "accept_risk")]
    backup: Option<PathBuf>,
    /// Replace the store that is there; it is kept under another name
    #[arg(long, requires = "backup")]
    replace: bool,
    /// End the quarantine now, at the risk of selling something twice
    #[arg(long)]
    accept_risk: bool,
    /// Settings (TOML), where they name the anchor's place
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(data: &Path, args: &Args, json: bool) -> Result<ExitCode, Failure> {
    let Some(backup) = &args.backup else { return end(data, json) };
    let anchor = offline::config(args.config.as_deref())?.store.anchor(data);
    let there = if args.replace { There::IsKept } else { There::Stays };
    let risk = if args.accept_risk { Risk::Accepted } else { Risk::Quarantine };
    let done = restore(backup, data, &anchor, Clock::System.now(), (there, risk))?;
    tell(&done, risk, json);
    Ok(ExitCode::SUCCESS)
}

fn tell(done: &Restored, risk: Risk, json: bool) {
    let Restored { epoch, last_event, kept } = done;
    let kept = kept.as_ref().map(|path| path.display().to_string());
    if json {
        let quarantine = risk == Risk::Quarantine;
        let value = serde_json::json!(
            {"epoch": epoch, "last_event": last_event, "kept": kept, "quarantine": quarantine});
        return println!("{value}");
    }
    println!("restored as of event {last_event}; epoch {epoch} from now on");
    kept.into_iter().for_each(|path| println!("the store that was there is {path}"));
    println!(
        "{}",
        match risk {
            Risk::Quarantine =>
                "it is in quarantine: nothing is renewed for 48 hours, nothing grows or moves for 14 days",
            Risk::Accepted => "no quarantine, by your word: units in leases signed after the backup may be sold twice",
        }
    );
}

/// Ends the quarantine of the store in place, through the server if one runs.
fn end(data: &Path, json: bool) -> Result<ExitCode, Failure> {
    if UnixStream::connect(data.join(CONTROL_SOCKET)).is_ok() {
        return Ok(control(data, "POST", "/api/v1/local/quarantine/end", json));
    }
    carry_out(&store::open(data)?, Clock::System.now(), &[Command::EndQuarantine])?;
    if json {
        println!("{}", serde_json::json!({"quarantine": false}))
    } else {
        println!("the quarantine has ended")
    }
    Ok(ExitCode::SUCCESS)
}
