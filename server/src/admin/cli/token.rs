//! `leasehold token ...`.

use super::call::{Call, Limit, Whose, fields};
use clap::Subcommand;
use hyper::Method;

/// API tokens
#[derive(Debug, Subcommand)]
pub enum TokenVerb {
    /// Make a token; its secret is shown once
    #[command(after_help = "Example: leasehold token add monitoring --role viewer --expires 2027-01-31T00:00:00Z")]
    Add {
        /// What people call it; stands in Events
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// What it may do: viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: String,
        /// Good until; until it is revoked unless given
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// A part of the API it is for, such as pools:read or keys:write; for all of it unless given
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// List the tokens of an account
    #[command(after_help = "Example: leasehold token list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Take a token away
    #[command(after_help = "Example: leasehold token revoke 0190163d-...")]
    Revoke {
        /// Its id
        id: String,
    },
}

impl TokenVerb {
    pub(super) fn call(self) -> Call {
        match self {
            TokenVerb::Add { name, whose, role, expires, scopes } => {
                let body = fields([
                    ("name", name.into()),
                    ("role", role.into()),
                    ("expires", expires.into()),
                    ("scopes", Some(scopes).filter(|scopes| !scopes.is_empty()).into()),
                ]);
                Call::send(Method::POST, whose.path("/tokens"), body)
            }
            TokenVerb::List { whose, limit } => {
                Call::list(whose.path("/tokens"), &["id", "name", "role", "scopes", "expires", "last_used"], &limit)
            }
            TokenVerb::Revoke { id } => Call::delete(format!("/tokens/{id}"), format!("token {id} is revoked")),
        }
    }
}
