//! `leasehold user ...`: people who sign in.

use super::call::{Call, Limit, Whose, fields};
use super::license::read;
use super::trouble::Trouble;
use crate::cli::failure::Failure;
use clap::Subcommand;
use hyper::Method;
use std::path::PathBuf;

/// Where a password may stand that is not to be on the command line.
const VARIABLE: &str = "LEASEHOLD_USER_PASSWORD";

/// People who sign in
#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// Add a user to an account; the first password is changed at the first sign-in
    #[command(after_help = "Example: leasehold user add anna@mail.example --username anna --role admin")]
    Add {
        /// The email: unique, to sign in by; only the user can change it
        email: String,
        /// Another name to sign in by, without @
        #[arg(long, value_name = "NAME")]
        username: Option<String>,
        #[command(flatten)]
        whose: Whose,
        /// What the user may do there: viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: String,
        /// First name
        #[arg(long, value_name = "NAME")]
        first_name: Option<String>,
        /// Last name
        #[arg(long, value_name = "NAME")]
        last_name: Option<String>,
        /// Telephone
        #[arg(long)]
        phone: Option<String>,
        /// Company
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// Read a first password from this file's first line (`-` for standard input); else from LEASEHOLD_USER_PASSWORD, if that is
        /// set
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// The first mail: link, password or nothing
        #[arg(long, value_name = "WHAT", default_value = "link")]
        welcome: String,
        /// Give the user a personal account of this name below the account
        #[arg(long, value_name = "NAME")]
        personal_account: Option<String>,
    },
    /// List the users of the vendor's account and of all below it, or of one account
    #[command(after_help = "Example: leasehold user list --of 0190163d-...")]
    List {
        /// Of this account alone
        #[arg(long, value_name = "ACCOUNT")]
        of: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Mail a user a link to set a new password; `leasehold mail` shows it where no mail is sent
    #[command(after_help = "Example: leasehold user reset-password 0190163d-...")]
    ResetPassword {
        /// The user's id
        id: String,
    },
    /// Lock a user: no sign-in any more, and open sessions end
    #[command(after_help = "Example: leasehold user lock 0190163d-...")]
    Lock {
        /// The user's id
        id: String,
    },
    /// Unlock a user
    #[command(after_help = "Example: leasehold user unlock 0190163d-...")]
    Unlock {
        /// The user's id
        id: String,
    },
}

impl UserVerb {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        Ok(match self {
            UserVerb::Add {
                email,
                username,
                whose,
                role,
                first_name,
                last_name,
                phone,
                company,
                password_file,
                welcome,
                personal_account,
            } => {
                let body = fields([
                    ("email", email.into()),
                    ("username", username.into()),
                    ("role", role.into()),
                    ("first_name", first_name.into()),
                    ("last_name", last_name.into()),
                    ("phone", phone.into()),
                    ("company", company.into()),
                    ("password", password(password_file)?.into()),
                    ("welcome", welcome.into()),
                    ("personal_account", personal_account.into()),
                ]);
                let path = format!("/users?account={}", whose.id());
                Call::send(Method::POST, path, body)
            }
            UserVerb::List { of, limit } => {
                let path = of.map_or_else(|| "/users".to_owned(), |account| format!("/users?account={account}"));
                Call::list(path, &["id", "username", "email", "state", "last_seen"], &limit)
            }
            UserVerb::ResetPassword { id } => Call::act(format!("/users/{id}/reset-password")),
            UserVerb::Lock { id } => Call::act(format!("/users/{id}/lock")),
            UserVerb::Unlock { id } => Call::act(format!("/users/{id}/unlock")),
        })
    }
}

/// The first line of a file or of standard input, or what the environment has.
fn password(file: Option<PathBuf>) -> Result<Option<String>, Trouble> {
    let given = match file {
        Some(path) => Some(read(&path)?),
        None => std::env::var_os(VARIABLE).map(std::ffi::OsString::into_encoded_bytes),
    };
    let line = given.map(|bytes| {
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        String::from_utf8(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
    });
    let hint = "write it in UTF-8, in the first line of the file";
    line.transpose().map_err(|_| Failure::usage("the password is not text", hint).into())
}
