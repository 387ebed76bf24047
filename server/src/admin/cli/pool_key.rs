//! `leasehold pool-key ...`.

use super::call::{Call, KindCount, Limit, fields, units};
use clap::Subcommand;
use hyper::Method;
use serde_json::json;

/// Pool keys and their quotas
#[derive(Debug, Subcommand)]
pub enum PoolKeyVerb {
    /// Make a pool key
    #[command(after_help = "Example: leasehold pool-key add server-2 --pool 0190163d-... --quota OBM=10")]
    Add {
        /// The licensee's name, without the account's prefix
        name: String,
        /// The pool it draws on
        #[arg(long, value_name = "ID")]
        pool: String,
        /// The most its device may use
        #[arg(long, value_name = "KIND=N", value_delimiter = ',')]
        quota: Vec<KindCount>,
        /// Its code; drawn at random unless given
        #[arg(long)]
        code: Option<String>,
    },
    /// List the keys of a pool
    #[command(after_help = "Example: leasehold pool-key list --pool 0190163d-...")]
    List {
        /// The pool
        #[arg(long, value_name = "ID")]
        pool: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Set the most a key's device may use; it hears of it at its next check
    #[command(after_help = "Example: leasehold pool-key quota 0190163d-... OBM=5")]
    Quota {
        /// Its id
        id: String,
        /// The whole quota, not a difference
        #[arg(value_name = "KIND=N", value_delimiter = ',')]
        units: Vec<KindCount>,
    },
    /// Stop a key: nothing is renewed; a lease in hand runs to its end
    #[command(after_help = "Example: leasehold pool-key stop 0190163d-...")]
    Stop {
        /// Its id
        id: String,
    },
    /// Resume a stopped key
    #[command(after_help = "Example: leasehold pool-key resume 0190163d-...")]
    Resume {
        /// Its id
        id: String,
    },
    /// Delete a key from which no living lease stems
    #[command(after_help = "Example: leasehold pool-key delete 0190163d-...")]
    Delete {
        /// Its id
        id: String,
    },
}

impl PoolKeyVerb {
    pub(super) fn call(self) -> Call {
        match self {
            PoolKeyVerb::Add { name, pool, quota, code } => {
                let body = fields([("name", name.into()), ("quota", units(&quota)), ("code", code.into())]);
                Call::send(Method::POST, format!("/pools/{pool}/keys"), body)
            }
            PoolKeyVerb::List { pool, limit } => {
                let columns = &["id", "licensee", "code", "state", "in_use", "units", "charged"];
                Call::list(format!("/pools/{pool}/keys"), columns, &limit)
            }
            PoolKeyVerb::Quota { id, units: counts } => {
                Call::send(Method::PUT, format!("/keys/{id}/quota"), json!({ "units": units(&counts) }))
            }
            PoolKeyVerb::Stop { id } => Call::act(format!("/keys/{id}/stop")),
            PoolKeyVerb::Resume { id } => Call::act(format!("/keys/{id}/resume")),
            PoolKeyVerb::Delete { id } => {
                let done = format!("key {id} is deleted; its units are back in the pool");
                Call::delete(format!("/keys/{id}"), done)
            }
        }
    }
}
