//! `leasehold license ...`: the offline path through a running server.

use super::call::{Call, Payload, Show};
use super::trouble::Trouble;
use crate::cli::failure::Failure;
use clap::Subcommand;
use leasehold_protocol::armour::{FILE_LEN_MAX, Label};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Licences under activation keys, and licence files for devices without a network
#[derive(Debug, Subcommand)]
pub enum LicenseVerb {
    /// Answer a request file with a licence file; the same request gets the same file and is charged once
    #[command(after_help = "Example: leasehold license issue gate-4.lreq --account 0190163d-... --out gate-4.lic")]
    Issue {
        /// The request file; - for standard input
        request: PathBuf,
        /// The account whose key the request names
        #[arg(long, value_name = "ID")]
        account: String,
        /// Where the licence goes; - for standard output [default: the request's name with .lic]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Say what a request file would do, or why it would be refused; nothing is changed
    #[command(after_help = "Example: leasehold license preview gate-4.lreq --account 0190163d-...")]
    Preview {
        /// The request file; - for standard input
        request: PathBuf,
        /// The account whose key the request names
        #[arg(long, value_name = "ID")]
        account: String,
    },
    /// Take a return file: the device gives its licence file back
    #[command(after_help = "Example: leasehold license return gate-4.lret --account 0190163d-...")]
    Return {
        /// The return file; - for standard input
        file: PathBuf,
        /// The account whose licence file it is
        #[arg(long, value_name = "ID")]
        account: String,
    },
    #[command(flatten)]
    Made(super::licenses::MadeVerb),
}

impl LicenseVerb {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        Ok(match self {
            LicenseVerb::Issue { request, account, out } => {
                let body = Payload::File(read(&request)?);
                let is_stream = |path: &PathBuf| path.as_os_str() == "-";
                let named = out.unwrap_or_else(|| match is_stream(&request) {
                    true => request,
                    false => request.with_extension(Label::License.extension()),
                });
                let show = Show::File(Some(named).filter(|path| !is_stream(path)));
                Call { body, show, ..Call::act(format!("/accounts/{account}/requests")) }
            }
            LicenseVerb::Preview { request, account } => {
                let body = Payload::File(read(&request)?);
                Call { body, ..Call::act(format!("/accounts/{account}/requests/preview")) }
            }
            LicenseVerb::Return { file, account } => {
                let body = Payload::File(read(&file)?);
                Call { body, ..Call::act(format!("/accounts/{account}/returns")) }
            }
            LicenseVerb::Made(verb) => verb.call(),
        })
    }
}

/// A file, or standard input; one byte more than any armoured file has is enough to be told so.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    read_up_to(path, FILE_LEN_MAX as u64 + 1)
}

/// A file, or standard input, as far as `most` bytes.
pub(super) fn read_up_to(path: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let done = if path.as_os_str() == "-" {
        io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    done.map_err(|error| Failure::io(path, &error))?;
    Ok(bytes)
}
