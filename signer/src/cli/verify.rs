//! `verify`: checks an artefact as a product does.

use super::failure::Failure;
use super::{Report, now, streams};
use crate::verify::{Signer, Trust, Verified, verify};
use crate::{keyfile, moment};
use leasehold_protocol::Time;
use serde_json::json;
use std::path::PathBuf;

/// Check a licence file, keyset, lease, request or return; exits with 4 if it is not valid, 5 if it is over
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  leasehold-signer verify --trust root.key.pub gate4.lic")]
pub struct Args {
    /// The file, armoured or bare; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The root key's public half; requests and returns need none
    #[arg(long, value_name = "ROOT.pub")]
    trust: Option<PathBuf>,
    /// The keyset, for leases, refusals and receipts
    #[arg(long, value_name = "FILE")]
    keyset: Option<PathBuf>,
    /// Check as of this time (RFC 3339 or seconds since 1970)
    #[arg(long, value_name = "T", value_parser = moment::parse)]
    now: Option<Time>,
}

pub fn run(args: &Args) -> Result<Report, Failure> {
    let root = args.trust.as_deref().map(keyfile::read_public).transpose()?;
    let keyset = args.keyset.as_deref().map(streams::read).transpose()?;
    let trust = Trust { root: root.as_ref(), keyset: keyset.as_deref() };
    let Verified { typ, kid, signer, exp } = verify(&streams::read(&args.file)?, trust, now(args.now))?;
    let (word, by) = match signer {
        Signer::Root => ("root", format!("the root key {kid}")),
        Signer::Certified => ("certified", format!("key {kid}, certified by the root key")),
        Signer::Device(id) => ("device", format!("device {id}, whoever that is")),
    };
    let until = match (exp, signer) {
        (Some(exp), _) => format!(", good until {exp}"),
        (None, Signer::Certified) => ", without an end".to_owned(),
        (None, _) => String::new(),
    };
    let text = format!("valid: {typ} signed by {by}{until}");
    let json = json!({
        "valid": true, "type": typ.name(), "kid": kid.to_string(), "signer": word, "exp": exp.map(|exp| exp.to_string()),
    });
    Ok(Report::new(text, json))
}
