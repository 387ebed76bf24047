//! Why the keys cannot be used, and what to do about it.

use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::{FormatError, Kid};
use leasehold_signer::keyfile::KeyFileError;
use leasehold_signer::signer::SignerError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// The keys cannot be used.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The key ceremony has not ended.
    #[error("the server's keys are not certified yet")]
    NotCertified,
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A file that is not there or not readable.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's words.
        source: io::Error,
    },
    /// The keyset file's text.
    #[error("keyset.lks: {0}")]
    Format(#[from] FormatError),
    /// The root did not sign the keyset, or it is older than the one in use.
    #[error("keyset.lks: {0}")]
    NotAccepted(#[from] NotAccepted),
    /// The keyset is another installation's.
    #[error("keyset.lks is for {found}, this installation is {expected}")]
    Issuer {
        /// The installation it names.
        found: String,
        /// This one.
        expected: String,
    },
    /// None of the private keys here may sign now.
    #[error("no {0} key here is in the keyset and may sign now")]
    NoKey(&'static str),
    /// The key that was asked for, and why it may not.
    #[error("key {0} {1}")]
    MayNot(Kid, &'static str),
    /// The file key.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl KeyringError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            KeyringError::NotCertified => {
                "certify keys/keys.request with `leasehold-signer certify` on the offline machine, \
                 then `leasehold key import keyset.lks --root ROOT.pem.pub`"
            }
            KeyringError::Io { .. } => "check that the file is there and may be read",
            KeyringError::KeyFile(_) => {
                "key files are plain files with mode 0600; give the passphrase if one is needed"
            }
            KeyringError::Format(_) | KeyringError::NotAccepted(_) | KeyringError::Issuer { .. } => {
                "import the keyset that this installation's root key signed"
            }
            KeyringError::NoKey(_) | KeyringError::Signer(_) => {
                "certify a current key: `leasehold key rotate`, then the key ceremony again"
            }
            KeyringError::MayNot(..) => {
                "choose another key of the keyset, or certify one: `leasehold key rotate`, then the key ceremony again"
            }
        }
    }
}
