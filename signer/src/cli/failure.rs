//! What the program says when something did not work, and how it exits.

use crate::allotment::NotAnAllotment;
use crate::answer::{AnswerError, RecordError};
use crate::ceremony::NotCertifiable;
use crate::journal::JournalError;
use crate::keyfile::KeyFileError;
use crate::signer::SignerError;
use crate::verify::NotVerified;
use leasehold_protocol::FormatError;
use leasehold_protocol::accept::NotAccepted;
use serde_json::{Value, json};
use std::process::ExitCode;

/// The exit codes above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Something did not work.
    Failed = 1,
    /// The words on the command line were off.
    Usage = 2,
    /// A rule said no.
    Refused = 3,
    /// A signature or format is not valid.
    NotValid = 4,
    /// Good once, not any more.
    Expired = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// What happened, and what to do.
#[derive(Debug)]
pub struct Failure {
    /// How the program exits.
    pub exit: Exit,
    /// Stable, for programs.
    pub code: &'static str,
    /// What happened.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Failure {
    /// A failure of any kind.
    pub fn new(exit: Exit, code: &'static str, what: impl ToString, hint: &str) -> Self {
        Self { exit, code, what: what.to_string(), hint: hint.to_owned() }
    }

    /// Something did not work.
    pub fn failed(what: impl ToString, hint: &str) -> Self {
        Self::new(Exit::Failed, "failed", what, hint)
    }

    /// The words on the command line were off.
    pub fn usage(what: impl ToString, hint: &str) -> Self {
        Self::new(Exit::Usage, "usage", what, hint)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({"error": self.what, "hint": self.hint, "code": self.code, "exit": self.exit as u8})
    }

    /// Two lines on standard error; where the file is one of many, with its name.
    pub fn print(&self, file: Option<&str>) {
        let file = file.map(|file| format!("{file}: ")).unwrap_or_default();
        let what = self.what.replace('\n', "; ");
        eprintln!("error: {file}{what}\nhint: {}", self.hint);
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        use KeyFileError as E;
        let (exit, code, hint) = match &error {
            E::Link(_) => (Exit::Failed, "key_file_link", "name the key file itself"),
            E::NotAFile(_) => (Exit::Failed, "key_file_kind", "name a plain file"),
            E::Mode { .. } => {
                (Exit::Failed, "key_file_mode", "if nobody else read it, run chmod 600 on it; else make a new key")
            }
            E::TooLarge { .. } => (Exit::Failed, "key_file_too_large", "name a key file; none is that long"),
            E::Exchanged(_) => {
                (Exit::Failed, "key_file_exchanged", "find out who writes to that folder, then try again")
            }
            E::Exists(_) => {
                (Exit::Failed, "key_file_exists", "choose another name; a key is never written over a file")
            }
            E::PassphraseNeeded(_) => (
                Exit::Failed,
                "passphrase_needed",
                "give --passphrase-file FILE, LEASEHOLD_PASSPHRASE or a systemd credential leasehold-passphrase",
            ),
            E::Passphrase(_) => (Exit::Failed, "passphrase_wrong", "give the passphrase this key was made with"),
            E::NotAKey { .. } => {
                (Exit::NotValid, "not_a_key", "name a PEM file made by keygen or openssl genpkey -algorithm ed25519")
            }
            E::Io { .. } => (Exit::Failed, "io", "check the path and its permissions"),
        };
        Self::new(exit, code, error, hint)
    }
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        use SignerError as E;
        let (exit, code, hint) = match &error {
            E::Keyset(_) => (
                Exit::NotValid,
                "keyset_invalid",
                "give the keyset that certify wrote, and the root key it was signed by",
            ),
            E::Unknown(_) => (Exit::Failed, "key_unknown", "certify this key, or give the keyset that has it"),
            E::MayNot(_) => (Exit::Failed, "key_may_not", "sign with the file key, not a lease key or a revoked one"),
            E::NotNow { now, exp, .. } if now >= exp => (Exit::Expired, "key_expired", "certify the next file key"),
            E::NotNow { .. } => (Exit::Failed, "key_not_yet", "check this machine's clock, or wait"),
            E::Term { .. } => {
                (Exit::Failed, "term_too_long", "set an earlier exp in the grant, or certify the key for longer terms")
            }
            E::Issuer { .. } => (Exit::Failed, "issuer", "use the grant and the keyset of one installation"),
            E::TooLarge(_) => {
                (Exit::Failed, "too_large", "name fewer features in the grant, or fewer keys in the keyset")
            }
        };
        Self::new(exit, code, error, hint)
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Open(error) => Self::new(Exit::NotValid, error.code(), &error, error.hint()),
            AnswerError::No(no) => Self::new(Exit::Refused, no.refused.code(), &no, no.refused.text()),
            AnswerError::Signer(error) => error.into(),
            AnswerError::Write { .. } => Self::new(
                Exit::Failed,
                "io",
                error,
                "the licence is recorded: make room, then run the same command again",
            ),
            AnswerError::Record(error) => Self::record(&error),
        }
    }
}

impl Failure {
    /// The record's own failure, whatever kind it is.
    pub fn record(error: &RecordError) -> Self {
        Self::new(
            Exit::Failed,
            "journal",
            error,
            "nothing was released: repair what is wrong, then run the same command again",
        )
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let (code, hint) = match &error {
            JournalError::Damaged { .. } => (
                "journal_damaged",
                "restore it from a copy with as many lines or more; never begin a new one for the same grant",
            ),
            JournalError::InUse(_) => ("journal_in_use", "wait until the other signer is done"),
            JournalError::Unfit { .. } | JournalError::Broken(_) => ("journal", "run the same command again"),
            JournalError::Io { .. } => ("journal_io", "check the path, its permissions and the free space"),
        };
        Self::new(Exit::Failed, code, error, hint)
    }
}

impl From<NotCertifiable> for Failure {
    fn from(error: NotCertifiable) -> Self {
        Self::new(
            Exit::NotValid,
            "not_certifiable",
            error,
            "correct keys.request where it was made; nothing was signed",
        )
    }
}

impl From<NotAnAllotment> for Failure {
    fn from(error: NotAnAllotment) -> Self {
        Self::new(Exit::NotValid, "not_a_grant", error, "correct the grant file; nothing was signed")
    }
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        Self::new(
            Exit::NotValid,
            "malformed",
            error,
            "give a .lic, .lreq, .lret or .lks file, or the bytes of a message",
        )
    }
}

impl From<NotVerified> for Failure {
    fn from(error: NotVerified) -> Self {
        let (exit, code, hint) = match &error {
            NotVerified::NoRoot(_) => (Exit::Usage, "usage", "give --trust ROOT.pub"),
            NotVerified::NoKeyset(_) => (Exit::Usage, "usage", "give --keyset FILE"),
            NotVerified::NotAccepted(NotAccepted::Ended(_)) => {
                (Exit::Expired, "expired", "it was good until then; get a new one")
            }
            NotVerified::NotAccepted(NotAccepted::KeysetExpired(_)) => {
                (Exit::Expired, "keyset_expired", "get the current keyset")
            }
            NotVerified::NotAccepted(NotAccepted::Verify(_)) => {
                (Exit::NotValid, "not_valid", "do not use it: it was changed, or another key signed it")
            }
            NotVerified::NotAccepted(_) => {
                (Exit::NotValid, "not_accepted", "do not use it: no product would accept it")
            }
        };
        Self::new(exit, code, error, hint)
    }
}
