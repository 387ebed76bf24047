//! `leasehold line ...` and `leasehold reserve ...`.

use super::call::{Call, KindCount, Limit, Whose, units};
use clap::Subcommand;
use hyper::Method;
use serde_json::json;

/// Lines of orders that are not all activated
#[derive(Debug, Subcommand)]
pub enum LineVerb {
    /// List the lines of an account
    #[command(after_help = "Example: leasehold line list --account 0190163d-... --subtree")]
    List {
        #[command(flatten)]
        whose: Whose,
        /// Those of the accounts below it too
        #[arg(long)]
        subtree: bool,
        /// Those of which nothing is available too
        #[arg(long)]
        used_up: bool,
        #[command(flatten)]
        limit: Limit,
    },
}

impl LineVerb {
    pub(super) fn call(self) -> Call {
        let LineVerb::List { whose, subtree, used_up, limit } = self;
        let columns = &[
            "activation_id",
            "entitlement_id",
            "sold_to",
            "product",
            "version",
            "available_quantity",
            "total_quantity",
            "expiration",
        ];
        Call::list(whose.path(&format!("/line-items?subtree={subtree}&used_up={used_up}")), columns, &limit)
    }
}

/// Reserves: units that stand in for dead devices
#[derive(Debug, Subcommand)]
pub enum ReserveVerb {
    /// List the reserves of an account
    #[command(after_help = "Example: leasehold reserve list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Add units to an account's reserve
    #[command(after_help = "Example: leasehold reserve add --account 0190163d-... --product OBM-STD --units OBM=10")]
    Add {
        #[command(flatten)]
        whose: Whose,
        /// The part number of a product of the type
        #[arg(long, value_name = "SKU")]
        product: String,
        /// How many more
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
    },
}

impl ReserveVerb {
    pub(super) fn call(self) -> Call {
        match self {
            ReserveVerb::List { whose, limit } => {
                Call::list(whose.path("/reserves"), &["id", "compat", "units", "free", "encumbered"], &limit)
            }
            ReserveVerb::Add { whose, product, units: counts } => {
                let body = json!({"product": product, "units": units(&counts)});
                Call::send(Method::POST, whose.path("/reserves"), body)
            }
        }
    }
}
