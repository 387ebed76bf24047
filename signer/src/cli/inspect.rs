//! `inspect`: shows an artefact without believing it.

use super::failure::Failure;
use super::{Report, streams};
use crate::describe::describe;
use std::path::PathBuf;

/// Show what a file says: type, key, claims. Checks no signature and believes nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  leasehold-signer inspect gate4.lic")]
pub struct Args {
    /// The file, armoured or bare; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub fn run(args: &Args) -> Result<Report, Failure> {
    let described = describe(&streams::read(&args.file)?)?;
    Ok(Report::new(described.to_string(), described.json()))
}
