//! `leasehold order ...` and `leasehold lot ...`.

use super::call::{Call, KindCount, Limit, Whose, fields, units};
use super::trouble::Trouble;
use crate::cli::failure::Failure;
use clap::Subcommand;
use hyper::Method;
use serde_json::json;

/// Orders: bought units come in
#[derive(Debug, Subcommand)]
pub enum OrderVerb {
    /// Record an order of one line; `leasehold api` takes more
    #[command(
        after_help = "Example: leasehold order add SO-1001 --account 0190163d-... --product OBM-STD --units OBM=100"
    )]
    Add {
        /// The entitlement's number, unique
        entitlement: String,
        #[command(flatten)]
        whose: Whose,
        /// The product's part number
        #[arg(long, value_name = "SKU")]
        product: String,
        /// How many
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
        /// The buyer's purchase number
        #[arg(long)]
        reference: Option<String>,
        /// Good until, for example 2027-01-31T00:00:00Z; for ever unless given
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// Upgrades are free up to and including this day, for example 2027-01-31
        #[arg(long, value_name = "DAY")]
        free_upgrade_until: Option<String>,
        /// When units whose lease was shrunk are free: fetch, expiry or at_once
        #[arg(long, value_name = "WORD")]
        free_on: Option<String>,
        /// The Activation ID; drawn at random unless given
        #[arg(long, value_name = "CODE")]
        activation_id: Option<String>,
        /// What its key is: activation_id, or permission_key, which somebody redeems
        #[arg(long, value_name = "WORD")]
        key_kind: Option<String>,
    },
}

impl OrderVerb {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        let OrderVerb::Add {
            entitlement,
            whose,
            product,
            units: counts,
            reference,
            expires,
            free_upgrade_until,
            free_on,
            activation_id,
            key_kind,
        } = self;
        if entitlement.trim().is_empty() {
            let hint = "give the number of the sale, for example SO-1001";
            return Err(Failure::usage("the entitlement's number is empty", hint).into());
        }
        let line = fields([
            ("product", product.into()),
            ("units", units(&counts)),
            ("expires", expires.into()),
            ("free_upgrade_until", free_upgrade_until.into()),
            ("free_on", free_on.into()),
            ("activation_id", activation_id.into()),
            ("key_kind", key_kind.into()),
        ]);
        let body =
            fields([("entitlement", entitlement.into()), ("reference", reference.into()), ("lines", json!([line]))]);
        Ok(Call::send(Method::POST, whose.path("/orders"), body))
    }
}

/// Lots: units as they were bought
#[derive(Debug, Subcommand)]
pub enum LotVerb {
    /// List the lots of an account
    #[command(after_help = "Example: leasehold lot list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Add a lot to the pool, for good
    #[command(after_help = "Example: leasehold lot convert 0190163d-...")]
    Convert {
        /// Its id
        id: String,
        /// Although its maintenance, and so that of every pool key of its kind, has ended
        #[arg(long)]
        force: bool,
    },
    /// Take free units out of the books
    #[command(after_help = "Example: leasehold lot retire 0190163d-... --units OBM=10")]
    Retire {
        /// Its id
        id: String,
        /// How many
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
    },
}

impl LotVerb {
    pub(super) fn call(self) -> Call {
        match self {
            LotVerb::List { whose, limit } => {
                let columns = &["id", "order", "product", "activation_id", "units", "free", "expires", "converted"];
                Call::list(whose.path("/lots"), columns, &limit)
            }
            LotVerb::Convert { id, force } => {
                Call::send(Method::POST, format!("/lots/{id}/convert"), json!({ "force": force }))
            }
            LotVerb::Retire { id, units: counts } => {
                Call::send(Method::POST, format!("/lots/{id}/retire"), json!({ "units": units(&counts) }))
            }
        }
    }
}
