//! Why keys will not do, as a problem of the API.

use crate::admin::problem::Problem;
use crate::keyring::KeyringError;
use axum::http::StatusCode;
use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::{FormatError, VerifyError};

/// The problem of keys that cannot be put in force.
#[must_use]
pub fn refused(error: &KeyringError) -> Problem {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, code, title, hint) = match error {
        KeyringError::Format(FormatError::WrongLabel { .. }) => {
            (unprocessable, "wrong_label", "The file is another one", "Send the .lks file that certify wrote.")
        }
        KeyringError::Format(FormatError::Armour(_)) => {
            (unprocessable, "not_armour", "The file is no keyset", "Send the .lks file that certify wrote, as it is.")
        }
        KeyringError::NotAccepted(NotAccepted::KeysetRolledBack { .. }) => (
            StatusCode::CONFLICT,
            "keyset_not_newer",
            "The keyset is not newer than the one in force",
            "Raise `version` in keys.request above the one in force, and certify it again.",
        ),
        KeyringError::Format(_) | KeyringError::NotAccepted(NotAccepted::Verify(VerifyError::Format(_))) => {
            (unprocessable, "malformed", "The file is damaged", "Copy the .lks file from the offline machine again.")
        }
        KeyringError::NotAccepted(_) => (
            unprocessable,
            "signature_bad",
            "The keyset is not this root key's",
            "Certify it with the root key that this installation is bound to.",
        ),
        KeyringError::Issuer { .. } => (
            unprocessable,
            "keyset_foreign",
            "The keyset is another installation's",
            "Certify the keys.request of this installation.",
        ),
        KeyringError::MayNot(..) | KeyringError::NoKey(_) | KeyringError::Signer(_) => (
            StatusCode::CONFLICT,
            "signing_key_missing",
            "A key that is to sign may not",
            "Name others with ?lease=KID and ?file=KID, certified and with their private halves on the server's machine.",
        ),
        KeyringError::KeyFile(_) | KeyringError::Io { .. } | KeyringError::NotCertified => (
            StatusCode::CONFLICT,
            "signing_key_unreadable",
            "A private key cannot be read",
            "Its file is plain, has mode 0600, and opens with the passphrase the server was started with.",
        ),
    };
    Problem::new(status, code, title, error.to_string()).hint(hint)
}
