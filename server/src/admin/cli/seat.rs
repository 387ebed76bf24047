//! `leasehold seat ...` and `leasehold permission-key ...`.

use super::call::{Call, KindCount, Limit, Whose, fields, units};
use clap::Subcommand;
use hyper::Method;
use serde_json::{Value, json};

/// Seats of named users
#[derive(Debug, Subcommand)]
pub enum SeatVerb {
    /// Grant a member a seat of a lot or pool; a mail says so
    #[command(after_help = "Example: leasehold seat grant --from 0190163d-... --user 0190163e-...")]
    Grant {
        /// The lot or pool
        #[arg(long, value_name = "ID")]
        from: String,
        /// An active member of the account
        #[arg(long, value_name = "ID")]
        user: String,
        /// How many units; one of each kind unless given
        #[arg(long, value_name = "KIND=N", value_delimiter = ',')]
        units: Vec<KindCount>,
    },
    /// List the seats granted from a lot or pool
    #[command(after_help = "Example: leasehold seat list --from 0190163d-...")]
    List {
        /// The lot or pool
        #[arg(long, value_name = "ID")]
        from: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Take a seat back: its device is renewed no more
    #[command(after_help = "Example: leasehold seat take-back 0190163d-...")]
    TakeBack {
        /// Its id
        id: String,
    },
}

impl SeatVerb {
    pub(super) fn call(self) -> Call {
        match self {
            SeatVerb::Grant { from, user, units: counts } => {
                let counts = if counts.is_empty() { Value::Null } else { units(&counts) };
                let body = fields([("user", user.into()), ("units", counts)]);
                Call::send(Method::POST, format!("/holdings/{from}/seats"), body)
            }
            SeatVerb::List { from, limit } => {
                let columns = &["id", "user_name", "code", "state", "in_use", "units", "created"];
                Call::list(format!("/holdings/{from}/seats"), columns, &limit)
            }
            SeatVerb::TakeBack { id } => {
                let done = format!("seat {id} is nobody's; its units are back when its lease has ended");
                Call::delete(format!("/seats/{id}"), done)
            }
        }
    }
}

/// Permission keys: what was bought with them is redeemed
#[derive(Debug, Subcommand)]
pub enum PermissionKeyVerb {
    /// Show what a key holds, and what stands against redeeming it
    #[command(after_help = "Example: leasehold permission-key show ABCD-EFGH-JKLM-NPQR --account 0190163d-...")]
    Show {
        /// The key
        key: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Redeem a key into an account, which happens once
    #[command(after_help = "Example: leasehold permission-key redeem ABCD-EFGH-JKLM-NPQR --account 0190163d-...")]
    Redeem {
        /// The key
        key: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// List what an account has, one line for each licence
    #[command(after_help = "Example: leasehold permission-key products --account 0190163d-...")]
    Products {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
}

impl PermissionKeyVerb {
    pub(super) fn call(self) -> Call {
        match self {
            PermissionKeyVerb::Show { key, whose } => {
                Call::send(Method::POST, whose.path("/redemptions/preview"), json!({ "key": key }))
            }
            PermissionKeyVerb::Redeem { key, whose } => {
                Call::send(Method::POST, whose.path("/redemptions"), json!({ "key": key }))
            }
            PermissionKeyVerb::Products { whose, limit } => {
                let columns =
                    &["serial_number", "product", "license_type", "starts", "expires", "units", "permission_key"];
                Call::list(whose.path("/products"), columns, &limit)
            }
        }
    }
}
