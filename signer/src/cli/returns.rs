//! `return`: licence files that devices give back.

use super::failure::Failure;
use super::{Report, now, streams};
use crate::answer::{AnswerError, take_return};
use crate::disk::RealDisk;
use crate::journal::{Journal, Lock};
use crate::moment;
use leasehold_protocol::Time;
use serde_json::json;
use std::path::PathBuf;

/// Take licence files back: their units are free again. The same return file changes nothing twice
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  leasehold-signer return gate4.lret --journal north.journal")]
pub struct Args {
    /// Return files; - for standard input
    #[arg(value_name = "RETURN", required = true)]
    returns: Vec<PathBuf>,
    /// The journal the licence files were signed with
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// As of this time (RFC 3339 or seconds since 1970)
    #[arg(long, value_name = "T", value_parser = moment::parse)]
    now: Option<Time>,
}

pub fn run(args: &Args) -> Result<Report, Failure> {
    if !args.journal.exists() {
        let what = format!("{} is not there", args.journal.display());
        return Err(Failure::failed(what, "name the journal the licence files were signed with"));
    }
    let _lock = Lock::take(&args.journal)?;
    let now = now(args.now);
    let mut journal = Journal::open(RealDisk, &args.journal, now)?;
    let mut report = Report::new(String::new(), json!(null));
    let mut results = Vec::new();
    for path in &args.returns {
        let name = path.display().to_string();
        let taken = streams::read(path).and_then(|file| match take_return(&file, &mut journal, now) {
            Err(AnswerError::Record(error)) => Err(Failure::record(&error)),
            taken => taken.map_err(Failure::from),
        });
        match taken {
            Ok(returned) => {
                let (held, freed) = (returned.held, &returned.freed);
                let said = if returned.repeated { ", taken before" } else { "" };
                report.text.push_str(&format!("{name}: file {held} given back, {freed} free again{said}\n"));
                results.push(json!({
                    "return": name, "activation": returned.sub.to_string(), "held": held.to_string(),
                    "freed": freed, "repeated": returned.repeated,
                }));
            }
            Err(failure) => {
                let mut result = failure.json();
                result["return"] = name.clone().into();
                results.push(result);
                report.failures.push((name, failure));
            }
        }
    }
    report.json = json!({"results": results});
    Ok(report)
}
