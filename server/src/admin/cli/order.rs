//! `leasehold order ...` and `leasehold lot ...`.

use super::call::{Call, KindCount, Limit, Payload, Whose, fields, in_path, units};
use super::license::read_up_to;
use super::trouble::Trouble;
use crate::admin::import::FILE_LEN_MAX;
use crate::cli::failure::Failure;
use clap::Subcommand;
use hyper::Method;
use serde_json::json;
use std::path::PathBuf;

/// Orders: bought units come in
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "made once, when the program starts")]
pub enum OrderVerb {
    /// Record an order of one line; `leasehold api` takes more, and so does a file
    #[command(
        after_help = "Example: leasehold order add SO-1001 --account 0190163d-... --product OBM-STD --units OBM=100"
    )]
    Add(OrderAdd),
    /// Record orders from a CSV file, whole or not at all
    #[command(after_help = "Example: leasehold order import orders.csv --account 0190163d-... --dry-run")]
    Import {
        /// The file, with columns entitlement, sku, units and others; - for standard input
        file: PathBuf,
        #[command(flatten)]
        whose: Whose,
        /// Only look what would be done, and what is wrong
        #[arg(long)]
        dry_run: bool,
    },
    /// Show an order and its lines
    #[command(after_help = "Example: leasehold order show SO-1001")]
    Show {
        /// The entitlement's number
        entitlement: String,
    },
    /// List the orders an account has lines of
    #[command(after_help = "Example: leasehold order list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
}

/// An order of one line.
#[derive(Debug, clap::Args)]
pub struct OrderAdd {
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
}

impl OrderVerb {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        Ok(match self {
            OrderVerb::Add(order) => return order.call(),
            OrderVerb::Import { file, whose, dry_run } => {
                let path = whose.path(&format!("/orders/import?dry_run={dry_run}"));
                let body = Payload::Csv(read_up_to(&file, FILE_LEN_MAX as u64 + 1)?);
                Call { body, ..Call::act(path) }
            }
            OrderVerb::Show { entitlement } => Call::show(format!("/orders/{}", in_path(&entitlement))),
            OrderVerb::List { whose, limit } => {
                let columns = &["entitlement", "reference", "created", "lines", "products", "minted", "units"];
                Call::list(whose.path("/orders"), columns, &limit)
            }
        })
    }
}

impl OrderAdd {
    fn call(self) -> Result<Call, Trouble> {
        if self.entitlement.trim().is_empty() {
            let hint = "give the number of the sale, for example SO-1001";
            return Err(Failure::usage("the entitlement's number is empty", hint).into());
        }
        let line = fields([
            ("product", self.product.into()),
            ("units", units(&self.units)),
            ("expires", self.expires.into()),
            ("free_upgrade_until", self.free_upgrade_until.into()),
            ("free_on", self.free_on.into()),
            ("activation_id", self.activation_id.into()),
            ("key_kind", self.key_kind.into()),
        ]);
        let (entitlement, reference) = (self.entitlement.into(), self.reference.into());
        let body = fields([("entitlement", entitlement), ("reference", reference), ("lines", json!([line]))]);
        Ok(Call::send(Method::POST, self.whose.path("/orders"), body))
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
    /// Tell what adding a lot to the pool would do
    #[command(after_help = "Example: leasehold lot conversion 0190163d-...")]
    Conversion {
        /// Its id
        id: String,
    },
    /// Transfer a line, or some of it, to another account
    #[command(after_help = "Example: leasehold lot transfer 0190163d-... --to 0190163d-... --units OBM=10")]
    Transfer {
        /// Its id
        id: String,
        /// The account that gets the units
        #[arg(long, value_name = "ID")]
        to: String,
        /// How many
        #[arg(long, value_name = "KIND=N", value_delimiter = ',', required = true)]
        units: Vec<KindCount>,
        /// A lot of that account that they join; a line of their own unless given
        #[arg(long, value_name = "ID", conflicts_with = "entitlement")]
        into: Option<String>,
        /// The new line's entitlement number; drawn unless given
        #[arg(long, value_name = "NUMBER")]
        entitlement: Option<String>,
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
            LotVerb::Conversion { id } => Call::show(format!("/lots/{id}/conversion")),
            LotVerb::Transfer { id, to, units: counts, into, entitlement } => {
                let body = fields([
                    ("account", to.into()),
                    ("units", units(&counts)),
                    ("into", into.into()),
                    ("entitlement", entitlement.into()),
                ]);
                Call::send(Method::POST, format!("/lots/{id}/transfers"), body)
            }
            LotVerb::Retire { id, units: counts } => {
                Call::send(Method::POST, format!("/lots/{id}/retire"), json!({ "units": units(&counts) }))
            }
        }
    }
}
