//! What can go wrong, in two lines: what happened ([`std::fmt::Display`]) and what to do ([`Failure::hint`]).

use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::machine::{Cannot, Refusal};
use leasehold_protocol::{FormatError, Time};
use std::{io, path::PathBuf};
use thiserror::Error;

/// A verb did not do what was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    Disk {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the state folder.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// The folder holds no console.
    #[error("{0} holds no console")]
    NoConsole(PathBuf),
    /// The folder holds one already.
    #[error("{0} holds a console already")]
    Exists(PathBuf),
    /// The device key's file is not safe or not a key.
    #[error("{path} {problem}")]
    KeyFile {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The root key's file is not a root key.
    #[error("{0} is not a root key: neither 64 hexadecimal digits nor an Ed25519 PUBLIC KEY in PEM")]
    Trust(PathBuf),
    /// The state on disk proves nothing.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What does not hold.
        reason: String,
    },
    /// A file is not what it should be.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// A signed answer or file is not believed.
    #[error("not accepted: {0}")]
    NotAccepted(#[from] NotAccepted),
    /// A signed no.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// Nothing usable came from the server.
    #[error("no usable answer from {server}: {reason}")]
    Unanswered {
        /// The server's address.
        server: String,
        /// What came instead.
        reason: String,
    },
    /// Not possible now.
    #[error("{0}")]
    Cannot(Cannot),
    /// What was in hand has ended.
    #[error("the licence ended at {0}")]
    Expired(Time),
    /// An argument is missing or not usable.
    #[error("{what}")]
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// The system gave no randomness.
    #[error("the system gives no randomness")]
    Randomness,
}

impl Failure {
    pub(crate) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { path, source }
    }

    pub(crate) fn no_server() -> Self {
        let hint = "add --server URL; init and activate remember it";
        Self::Usage { what: "no server is known".into(), hint }
    }

    /// The exit code: 1 failed, 2 usage, 3 refused, 4 signature or format not valid, 5 expired.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Cannot(Cannot::Order { .. }) => 2,
            Self::Refused(_) => 3,
            Self::Trust(_) | Self::Damaged { .. } | Self::Format(_) | Self::NotAccepted(_) => 4,
            Self::Expired(_) => 5,
            _ => 1,
        }
    }

    /// A stable name for scripts; the rule's code where a server refused.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "disk",
            Self::InUse(_) => "in_use",
            Self::NoConsole(_) => "no_console",
            Self::Exists(_) => "exists",
            Self::KeyFile { .. } => "key_file",
            Self::Trust(_) => "trust",
            Self::Damaged { .. } => "damaged",
            Self::Format(_) => "format",
            Self::NotAccepted(_) => "not_accepted",
            Self::Refused(refusal) => refusal.code(),
            Self::Unanswered { .. } => "unanswered",
            Self::Cannot(_) => "not_possible",
            Self::Expired(_) => "expired",
            Self::Usage { .. } => "usage",
            Self::Randomness => "randomness",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "check the path, its permissions and the free space",
            Self::InUse(_) => "stop the other process, or wait for it; `status` works beside it",
            Self::NoConsole(_) => "make one: leasehold-console --state DIR init --trust ROOT.pub --product SKU",
            Self::Exists(_) => "choose another folder; a console's identity is never overwritten",
            Self::KeyFile { .. } => {
                "the key must be a plain file of mode 0600 that this console made: restore it from a backup"
            }
            Self::Trust(_) => "take ROOT.pub as the vendor published it",
            Self::Damaged { .. } => "restore the folder from a backup, or make a new console in another folder",
            Self::Format(FormatError::WrongLabel { .. }) => "choose another file: .lic is a licence, .lks a keyset",
            Self::Format(_) => "copy the file again as it is, without a word processor",
            Self::NotAccepted(why) => not_accepted_hint(why),
            Self::Refused(refusal) => refusal.text(),
            Self::Unanswered { .. } => {
                "check the network and try again: the same message is sent again; a lease in hand runs on"
            }
            Self::Cannot(cannot) => cannot_hint(cannot),
            Self::Expired(_) => "run check, or ask the vendor for an extension",
            Self::Usage { hint, .. } => hint,
            Self::Randomness => "check the system: nothing can be signed safely without it",
        }
    }
}

const fn not_accepted_hint(why: &NotAccepted) -> &'static str {
    match why {
        NotAccepted::Verify(_) => {
            "check the server's address and ROOT.pub: this was not signed for this installation, or changed on the way"
        }
        NotAccepted::UnknownKey(_) | NotAccepted::KeyMayNot(_) => {
            "ask the vendor: the key that signed is not certified for this"
        }
        NotAccepted::KeysetExpired(_) => "ask the vendor for a new keyset, and check this machine's clock",
        NotAccepted::KeysetRolledBack { .. } => "ask the vendor for the current keyset; an older one is never taken",
        NotAccepted::Other(_) => "use the answer that was made for this console's pending question",
        NotAccepted::TermTooLong { .. } => "ask the vendor: the key may not grant that long",
        NotAccepted::Ended(_) => "check this machine's clock, or ask for a new licence",
    }
}

const fn cannot_hint(cannot: &Cannot) -> &'static str {
    match cannot {
        Cannot::NoKeyset => "add --server URL, so that the keyset can be fetched",
        Cannot::NoLease => "activate a key first",
        Cannot::AlreadyLicensed => "release or return it first, or add --replaces",
        Cannot::ReleasePending => "run release again until the server has confirmed it",
        Cannot::NoRequest => "write a request first; each is answered by one licence file",
        Cannot::NoLicense => "import a licence file first",
        Cannot::Unasked => "run check",
        Cannot::Order { .. } => "use 1 to 128 bytes of plain text",
    }
}
