//! Why a verb did not do what it should: here, or by the server's word.

use crate::cli::failure::Failure;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::process::ExitCode;

/// A verb was not carried out.
#[derive(Debug)]
pub enum Trouble {
    /// Something here.
    Failure(Failure),
    /// The server's problem.
    Problem(StatusCode, Value),
}

/// Codes that mean a file is not what it should be: exit code 4.
const NOT_VALID: [&str; 9] = [
    "not_armour",
    "wrong_label",
    "truncated",
    "too_large",
    "malformed",
    "wrong_type",
    "claim_invalid",
    "weak_key",
    "signature_bad",
];

impl Trouble {
    /// Prints two lines to standard error, or one JSON object, and gives the exit code.
    #[must_use]
    pub fn report(&self, as_json: bool) -> ExitCode {
        let (status, problem) = match self {
            Trouble::Failure(failure) => return failure.report(as_json),
            Trouble::Problem(status, problem) => (status, problem),
        };
        let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
        let (code, hint) = (text("code"), text("hint"));
        let what = format!("{}: {} ({code})", text("title"), text("detail"));
        let exit = match () {
            () if NOT_VALID.contains(&code.as_str()) => 4,
            () if status.is_client_error() => 3,
            () => 1,
        };
        if as_json {
            eprintln!("{}", json!({"error": what, "hint": hint, "code": code, "exit": exit}));
        } else {
            let hint = if hint.is_empty() { "see `leasehold --help`" } else { &hint };
            eprintln!("leasehold: {what}\n  {hint}");
        }
        ExitCode::from(exit)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Failure(failure)
    }
}
