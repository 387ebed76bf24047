//! `certify`: the offline half of the key ceremony.

use super::failure::Failure;
use super::passphrase::Source;
use super::{Report, now, streams};
use crate::ceremony::{KeyRequest, KeysRequest, fingerprint};
use crate::moment;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::{PublicKey, Time};
use serde_json::json;
use std::path::PathBuf;

/// Sign the keys an installation asks for in keys.request, after you compared their fingerprints
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  leasehold-signer certify keys.request --root root.key --out keyset.lks")]
pub struct Args {
    /// What the installation wrote; - for standard input
    #[arg(value_name = "keys.request")]
    request: PathBuf,
    /// The root key's file
    #[arg(long, value_name = "KEY")]
    root: PathBuf,
    #[command(flatten)]
    passphrase: Source,
    /// The keyset file; - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Do not ask: the fingerprints were compared elsewhere
    #[arg(long)]
    yes: bool,
    /// Sign as of this time (RFC 3339 or seconds since 1970)
    #[arg(long, value_name = "T", value_parser = moment::parse)]
    now: Option<Time>,
}

pub fn run(args: &Args) -> Result<Report, Failure> {
    if streams::is_dash(&args.request) && !args.yes {
        return Err(Failure::usage("standard input is the request, so nobody can be asked", "give a file, or --yes"));
    }
    let request = KeysRequest::parse(&streams::read_text(&args.request)?)?;
    let root = args.passphrase.open(&args.root)?;
    let public = PublicKey::of(&root);
    let keyset = request.keyset(&public, now(args.now))?;
    let shown = show(&request, &keyset, &public);
    if !args.yes {
        eprint!("{shown}certify these keys? type yes: ");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|error| streams::io_failure("-".as_ref(), &error))?;
        if answer.trim() != "yes" {
            return Err(Failure::failed(
                "not certified",
                "compare the fingerprints with those that leasehold init showed",
            ));
        }
    }
    let signed = keyset.sign(&root);
    streams::write(&args.out, armour::wrap(Label::Keyset, &signed).as_bytes())?;
    let out = args.out.display().to_string();
    let json = json!({
        "keyset": out, "iss": keyset.iss, "version": keyset.version, "exp": keyset.exp.to_string(),
        "root": public.kid().to_string(),
        "keys": keyset.keys.iter().map(|key| key.public.kid().to_string()).collect::<Vec<_>>(),
    });
    let text = format!("{}keyset version {} written to {out}", if args.yes { &*shown } else { "" }, keyset.version);
    Ok(Report { quiet: streams::is_dash(&args.out), ..Report::new(text, json) })
}

fn show(request: &KeysRequest, keyset: &Keyset, root: &PublicKey) -> String {
    let Keyset { iss, version, exp, .. } = keyset;
    let mut text = format!("keyset version {version} of {iss}, until {exp}\nroot key     {}\n", fingerprint(root));
    for KeyRequest { usage, public, nbf, exp, max_term, revoked } in &request.keys {
        let usage = match usage {
            KeyUse::Lease => "lease key    ",
            KeyUse::File => "file key     ",
        };
        let term = max_term.map(|seconds| format!(", terms of {seconds} s at most")).unwrap_or_default();
        let lost = if *revoked { ", REVOKED" } else { "" };
        text.push_str(&format!("{usage}{}\n             {nbf} to {exp}{term}{lost}\n", fingerprint(public)));
    }
    text
}
