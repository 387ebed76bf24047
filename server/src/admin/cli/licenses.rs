//! `leasehold license ...`, as far as it is about licences that are made of credits.

use super::call::{Call, KindCount, Limit, fields, units};
use clap::{Subcommand, ValueEnum};
use hyper::Method;

/// What is made of credits.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Something that runs.
    License,
    /// Help and upgrades for something that runs.
    Support,
    /// Something that runs while it is paid for.
    Subscription,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::License => "license",
            Kind::Support => "support",
            Kind::Subscription => "subscription",
        }
    }
}

/// Licences, supports and subscriptions under activation keys
#[derive(Debug, Subcommand)]
pub enum MadeVerb {
    /// Make a licence under an activation key; its units are taken from a pool
    #[command(after_help = "Example: leasehold license make --key 0190163d-... --pool 0190163d-... --units users=5")]
    Make {
        /// The activation key
        #[arg(long, value_name = "ID")]
        key: String,
        /// The pool that pays
        #[arg(long, value_name = "ID")]
        pool: String,
        /// Its units
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
        /// What it is to be
        #[arg(long, value_enum, default_value_t = Kind::License)]
        kind: Kind,
        /// For how many days, if it is a trial
        #[arg(long, value_name = "N")]
        days: Option<u32>,
        /// Whom it is for
        #[arg(long)]
        email: Option<String>,
        /// For people
        #[arg(long)]
        comment: Option<String>,
    },
    /// List the licences of the vendor's account and all below it, or of one account
    #[command(after_help = "Example: leasehold license list --kind support --ends-to 2027-01-31T00:00:00Z")]
    List {
        /// Of this account alone
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Of this kind alone
        #[arg(long, value_enum)]
        kind: Option<Kind>,
        /// Those that end at this moment or after it
        #[arg(long, value_name = "TIME")]
        ends_from: Option<String>,
        /// Those that end before this moment
        #[arg(long, value_name = "TIME")]
        ends_to: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Give a licence other units, or another edition; more cost the difference
    #[command(after_help = "Example: leasehold license upgrade 0190163d-... users=10")]
    Upgrade {
        /// Its id
        id: String,
        /// The whole of its units, not a difference
        #[arg(value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
        /// The pool with credits of the other edition
        #[arg(long, value_name = "ID")]
        pool: Option<String>,
    },
    /// Extend what lasts for a term by one more
    #[command(after_help = "Example: leasehold license extend 0190163d-...")]
    Extend {
        /// Its id
        id: String,
    },
    /// Change email and comment
    #[command(after_help = "Example: leasehold license edit 0190163d-... --comment 'desk 4'")]
    Edit {
        /// Its id
        id: String,
        /// Whom it is for
        #[arg(long)]
        email: Option<String>,
        /// For people
        #[arg(long)]
        comment: Option<String>,
    },
    /// Delete a licence that no device has; its credits return unless they bought a term that was begun
    #[command(after_help = "Example: leasehold license delete 0190163d-...")]
    Delete {
        /// Its id
        id: String,
    },
}

impl MadeVerb {
    pub(super) fn call(self) -> Call {
        match self {
            MadeVerb::Make { key, pool, units: counts, kind, days, email, comment } => {
                let body = fields([
                    ("kind", kind.word().into()),
                    ("pool", pool.into()),
                    ("units", units(&counts)),
                    ("days", days.into()),
                    ("email", email.into()),
                    ("comment", comment.into()),
                ]);
                Call::send(Method::POST, format!("/keys/{key}/licenses"), body)
            }
            MadeVerb::List { account, kind, ends_from, ends_to, limit } => {
                let kind = kind.map(|kind| kind.word().to_owned());
                let wanted = [("account", account), ("kind", kind), ("ends_from", ends_from), ("ends_to", ends_to)];
                let query = wanted.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
                let query = query.collect::<Vec<_>>().join("&");
                let path = if query.is_empty() { "/licenses".to_owned() } else { format!("/licenses?{query}") };
                let columns = &["id", "account_name", "name", "product", "units", "ends", "state", "activated"];
                Call::list(path, columns, &limit)
            }
            MadeVerb::Upgrade { id, units: counts, pool } => {
                let body = fields([("units", units(&counts)), ("pool", pool.into())]);
                Call::send(Method::POST, format!("/licenses/{id}/upgrade"), body)
            }
            MadeVerb::Extend { id } => Call::act(format!("/licenses/{id}/extend")),
            MadeVerb::Edit { id, email, comment } => {
                let body = fields([("email", email.into()), ("comment", comment.into())]);
                Call::send(Method::PATCH, format!("/licenses/{id}"), body)
            }
            MadeVerb::Delete { id } => {
                let done = format!("licence {id} is deleted");
                Call::delete(format!("/licenses/{id}"), done)
            }
        }
    }
}
