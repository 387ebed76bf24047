//! `keygen`: a key file and its public half.

use super::failure::Failure;
use super::passphrase::Source;
use super::{Report, random};
use crate::ceremony::fingerprint;
use crate::disk::RealDisk;
use crate::keyfile::{self, Cost, KeyFileError, Seal};
use leasehold_protocol::PublicKey;
use serde_json::json;
use std::path::PathBuf;

/// Make a key: PKCS#8 PEM that openssl reads too, sealed by a passphrase, and PATH.pub beside it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  leasehold-signer keygen --root --out root.key")]
pub struct Args {
    /// The key that certifies all others: it stays on a machine without a network
    #[arg(long)]
    root: bool,
    /// Do not seal the file
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
    #[command(flatten)]
    passphrase: Source,
    /// The new file
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<Report, Failure> {
    let public_path = keyfile::public_path(&args.out);
    if let Some(taken) = [&args.out, &public_path].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(KeyFileError::Exists(taken.clone()).into()); // before anybody thinks up a passphrase
    }
    let passphrase = if args.no_passphrase { None } else { Some(args.passphrase.new_passphrase()?) };
    let salt = random()?;
    let seal = passphrase.as_ref().map(|passphrase| Seal { passphrase, random: *salt, cost: Cost::STANDARD });
    let key = keyfile::generate(&*random()?);
    keyfile::write(&mut RealDisk, &args.out, &key, seal.as_ref())?;
    let public = PublicKey::of(&key);
    let (path, public_path) = (args.out.display().to_string(), public_path.display().to_string());
    let next = match args.root {
        true => format!("keep {path} on this machine, without a network; {public_path} goes into the product"),
        false => format!("{public_path} is what others need"),
    };
    let kid = public.kid();
    let text = format!("key {kid}\nfingerprint {}\nprivate {path}\npublic {public_path}\n{next}", fingerprint(&public));
    let json = json!({
        "kid": kid.to_string(), "fingerprint": fingerprint(&public), "public_hex": public.to_string(),
        "private": path, "public": public_path, "root": args.root, "sealed": !args.no_passphrase,
    });
    Ok(Report::new(text, json))
}
