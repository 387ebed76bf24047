//! What a verb says when it did not work: what happened, what to do, and the exit code that scripts rely on.

use crate::keyring::KeyringError;
use crate::store::OpenError;
use leasehold_ledger::Fault;
use leasehold_ledger::store::StoreError;
use leasehold_signer::keyfile::KeyFileError;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// A verb failed.
#[derive(Debug)]
pub struct Failure {
    exit: u8,
    code: &'static str,
    what: String,
    hint: String,
}

impl Failure {
    /// Something did not work: exit code 1.
    pub fn failed(what: impl ToString, hint: impl Into<String>) -> Self {
        Self { exit: 1, code: "failed", what: what.to_string(), hint: hint.into() }
    }

    /// The words on the command line were off: exit code 2.
    pub fn usage(what: impl ToString, hint: impl Into<String>) -> Self {
        Self { exit: 2, code: "usage", what: what.to_string(), hint: hint.into() }
    }

    /// A file is not acceptable: exit code 4.
    pub fn not_valid(what: impl ToString, hint: impl Into<String>) -> Self {
        Self { exit: 4, code: "not_valid", what: what.to_string(), hint: hint.into() }
    }

    /// A file or folder could not be used.
    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::failed(
            format!("{}: {error}", path.display()),
            "check that the path exists, may be used, and has space left",
        )
    }

    /// The same failure, and where it was met.
    #[must_use]
    pub fn at(self, place: &str) -> Self {
        Self { what: format!("{place}: {}", self.what), ..self }
    }

    /// Prints both lines to standard error, or one JSON object, and gives the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        if json {
            eprintln!("{}", json!({"error": self.what, "hint": self.hint, "code": self.code, "exit": self.exit}));
        } else {
            eprintln!("leasehold: {}\n  {}", self.what, self.hint);
        }
        ExitCode::from(self.exit)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.what, self.hint)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let hint = error.advice();
        match error {
            OpenError::Damaged { .. } | OpenError::Newer { .. } => Self::not_valid(error, hint),
            _ => Self::failed(error, hint),
        }
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        let hint = error.advice();
        match error {
            KeyringError::Format(_) | KeyringError::NotAccepted(_) | KeyringError::Issuer { .. } => {
                Self::not_valid(error, hint)
            }
            _ => Self::failed(error, hint),
        }
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        KeyringError::from(error).into()
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let hint = "check the disk; the store keeps what was committed";
        match fault {
            Fault::Refused { refused, detail } => {
                let (what, hint) = (format!("{detail} ({refused})"), "see `leasehold event list` for what happened");
                Self { exit: 3, code: refused.code(), what, hint: hint.into() }
            }
            fault => Self::failed(fault, hint),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::failed(error, "check the disk; the store keeps what was committed")
    }
}
