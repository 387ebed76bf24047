//! `leasehold pool ...`.

use super::call::{Call, KindCount, Limit, Whose, fields, units};
use clap::Subcommand;
use hyper::Method;
use serde_json::json;

/// Pools and their quotas
#[derive(Debug, Subcommand)]
pub enum PoolVerb {
    /// Make an empty named pool
    #[command(after_help = "Example: leasehold pool add Branches --account 0190163d-... --product OBM-STD")]
    Add {
        /// Its name, unique in its account
        name: String,
        #[command(flatten)]
        whose: Whose,
        /// The product's part number
        #[arg(long, value_name = "SKU")]
        product: String,
        /// When units whose lease was shrunk are free: fetch, expiry or at_once
        #[arg(long, value_name = "WORD")]
        free_on: Option<String>,
    },
    /// List the stock and the named pools of an account
    #[command(after_help = "Example: leasehold pool list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Set what a pool and its keys hold together
    #[command(after_help = "Example: leasehold pool quota 0190163d-... OBM=40")]
    Quota {
        /// Its id
        id: String,
        /// The whole quota, not a difference
        #[arg(value_name = "KIND=N", value_delimiter = ',')]
        units: Vec<KindCount>,
    },
    /// Move free units to another pool
    #[command(after_help = "Example: leasehold pool move 0190163d-... --account 0190163e-... --units OBM=10")]
    Move {
        /// The pool that gives
        id: String,
        /// The account that gets them [default: the vendor]
        #[command(flatten)]
        whose: Whose,
        /// How many
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
        /// The pool that gets them; a new one unless given
        #[arg(long, value_name = "ID", conflicts_with = "name")]
        pool: Option<String>,
        /// The new pool's name
        #[arg(long)]
        name: Option<String>,
    },
}

impl PoolVerb {
    pub(super) fn call(self) -> Call {
        match self {
            PoolVerb::Add { name, whose, product, free_on } => {
                let body = fields([("name", name.into()), ("product", product.into()), ("free_on", free_on.into())]);
                Call::send(Method::POST, whose.path("/pools"), body)
            }
            PoolVerb::List { whose, limit } => {
                let columns = &["id", "role", "name", "product", "quota", "granted", "free", "encumbered"];
                Call::list(whose.path("/pools"), columns, &limit)
            }
            PoolVerb::Quota { id, units: counts } => {
                Call::send(Method::PUT, format!("/pools/{id}/quota"), json!({ "units": units(&counts) }))
            }
            PoolVerb::Move { id, whose, units: counts, pool, name } => {
                let body = fields([
                    ("account", whose.id().into()),
                    ("units", units(&counts)),
                    ("pool", pool.into()),
                    ("name", name.into()),
                ]);
                Call::send(Method::POST, format!("/pools/{id}/moves"), body)
            }
        }
    }
}
