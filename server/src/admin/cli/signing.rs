//! `leasehold keys ...`: the keys a running server signs with.

use super::call::{Call, Payload};
use super::license::read;
use super::trouble::Trouble;
use clap::Subcommand;
use hyper::Method;
use std::path::PathBuf;

/// Signing keys of a running server
#[derive(Debug, Subcommand)]
pub enum KeysVerb {
    /// Show the keyset in force and its keys: which are in use, and until when
    #[command(after_help = "Example: leasehold keys list")]
    List,
    /// Sign with another key of the keyset from now on
    #[command(after_help = "Example: leasehold keys use 8f14e45fceea167a")]
    Use {
        /// The key's id
        #[arg(value_name = "KID")]
        kid: String,
    },
    /// Put a keyset in force that the root key signed, made by `leasehold-signer certify`
    #[command(after_help = "Example: leasehold keys import-keyset keyset.lks --lease 8f14e45fceea167a")]
    ImportKeyset {
        /// The keyset; - for standard input
        #[arg(value_name = "KEYSET")]
        keyset: PathBuf,
        /// The key that signs leases from then on [default: the one in use]
        #[arg(long, value_name = "KID")]
        lease: Option<String>,
        /// The key that signs licence files from then on [default: the one in use]
        #[arg(long, value_name = "KID")]
        file: Option<String>,
    },
}

impl KeysVerb {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        Ok(match self {
            KeysVerb::List => Call::show("/signing-keys".into()),
            KeysVerb::Use { kid } => Call::act(format!("/signing-keys/{kid}/use")),
            KeysVerb::ImportKeyset { keyset, lease, file } => {
                let chosen = [("lease", lease), ("file", file)];
                let chosen = chosen.into_iter().filter_map(|(name, kid)| Some(format!("{name}={}", kid?)));
                let path = format!("/keyset?{}", chosen.collect::<Vec<_>>().join("&"));
                let body = Payload::File(read(&keyset)?);
                Call { method: Method::PUT, body, ..Call::show(path) }
            }
        })
    }
}
