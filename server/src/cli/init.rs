//! `leasehold init`.

use super::failure::Failure;
use super::passphrase::{self, Source};
use crate::clock::Clock;
use crate::init::{Plan, init};
use crate::keyring::FOLDER;
use std::path::Path;

/// Make an installation: data folder, keys, store
///
/// The server's keys are made here and certified elsewhere: the root key stays on a machine without a network. `keys.request`
/// goes there, `leasehold-signer certify` makes `keyset.lks` of it, `leasehold key import keyset.lks` brings it back.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: leasehold init --data /srv/leasehold --iss licences.example.com --vendor \"Example Software\""
)]
pub struct Args {
    /// The installation's name: stands in every artefact, for ever
    #[arg(long, value_name = "NAME")]
    iss: String,
    /// The vendor's name
    #[arg(long, value_name = "NAME")]
    vendor: String,
    /// Leave the private keys unencrypted
    #[arg(long)]
    no_passphrase: bool,
    /// Make a root key here too and certify at once: for trying things out, never for customers
    #[arg(long)]
    demo_root: bool,
    #[command(flatten)]
    passphrase: Source,
}

pub(super) fn run(args: &Args, data: &Path, json: bool) -> Result<(), Failure> {
    let passphrase = if args.no_passphrase { None } else { Some(passphrase::new(&args.passphrase)?) };
    let plan = Plan {
        data,
        iss: &args.iss,
        vendor: &args.vendor,
        passphrase: passphrase.as_deref().map(Vec::as_slice),
        demo_root: args.demo_root,
    };
    let request = init(&plan, Clock::System)?;
    if json {
        println!("{}", serde_json::json!({"data": data, "keys_request": request, "certified": args.demo_root}));
        return Ok(());
    }
    println!("made an installation in {}", data.display());
    if args.demo_root {
        println!("its root key stands in {}: good for a demonstration, not for customers", data.join(FOLDER).display());
        println!("next: leasehold serve --data {}", data.display());
    } else {
        println!(
            "next, on the offline machine: leasehold-signer certify {} --root ROOT.pem --out keyset.lks",
            request.display()
        );
        println!("then here: leasehold key import keyset.lks --root ROOT.pem.pub --data {}", data.display());
    }
    Ok(())
}
