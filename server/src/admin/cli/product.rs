//! `leasehold product ...`.

use super::call::{Call, Limit, fields, in_path};
use clap::Subcommand;
use hyper::Method;

/// Products of a running server
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "made once, when the program starts")]
pub enum ProductVerb {
    /// Add a product to the catalogue
    #[command(
        after_help = "Example: leasehold product add OBM-STD --name 'Backup Standard' --kind OBM --compat standard"
    )]
    Add {
        /// Its part number
        sku: String,
        /// What people call it [default: the part number]
        #[arg(long)]
        name: Option<String>,
        /// A kind of unit
        #[arg(long = "kind", value_name = "KIND", required = true)]
        kinds: Vec<String>,
        /// Units mix only within one of these [default: the part number]
        #[arg(long, value_name = "LABEL")]
        compat: Option<String>,
        /// Edition, for people
        #[arg(long)]
        edition: Option<String>,
        /// A feature that every lease and licence file grants
        #[arg(long = "feature", value_name = "NAME")]
        features: Vec<String>,
        /// The lowest version that may run
        #[arg(long, value_name = "VERSION")]
        min_version: Option<String>,
        /// Metered: cannot be pooled
        #[arg(long)]
        metered: bool,
        /// Licence files may be made
        #[arg(long)]
        offline: bool,
        /// Seconds a lease lasts [default: 14 days]
        #[arg(long, value_name = "SECONDS")]
        lease_term: Option<i64>,
        /// What the end of maintenance does: stops_renewal or gates_version
        #[arg(long, value_name = "WORD")]
        maintenance: Option<String>,
        /// What the product is to do when a lease has ended: notice, restrict or stop
        #[arg(long, value_name = "WORD")]
        at_expiry: Option<String>,
    },
    /// Show what a product has been, revision by revision
    #[command(after_help = "Example: leasehold product revisions OBM-STD")]
    Revisions {
        /// Its part number
        sku: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Make the next revision of a product that nothing of is in use; other fields go by `leasehold api PATCH`
    #[command(after_help = "Example: leasehold product update OBM-STD --lease-term 1209600")]
    Update {
        /// Its part number
        sku: String,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        /// Its version as it is sold
        #[arg(long = "product-version", value_name = "VERSION")]
        version: Option<String>,
        /// Edition, for people
        #[arg(long)]
        edition: Option<String>,
        /// A feature that every lease and licence file grants; those that are not named are taken away
        #[arg(long = "feature", value_name = "NAME")]
        features: Vec<String>,
        /// The lowest version that may run
        #[arg(long, value_name = "VERSION")]
        min_version: Option<String>,
        /// Seconds a lease lasts
        #[arg(long, value_name = "SECONDS")]
        lease_term: Option<i64>,
    },
    /// List the products
    #[command(after_help = "Example: leasehold product list")]
    List {
        #[command(flatten)]
        limit: Limit,
    },
}

impl ProductVerb {
    pub(super) fn call(self) -> Call {
        match self {
            ProductVerb::Add {
                sku,
                name,
                kinds,
                compat,
                edition,
                features,
                min_version,
                metered,
                offline,
                lease_term,
                maintenance,
                at_expiry,
            } => {
                let body = fields([
                    ("name", name.unwrap_or_else(|| sku.clone()).into()),
                    ("compat", compat.unwrap_or_else(|| sku.clone()).into()),
                    ("sku", sku.into()),
                    ("kinds", kinds.into()),
                    ("edition", edition.into()),
                    ("features", features.into()),
                    ("min_version", min_version.into()),
                    ("metered", metered.into()),
                    ("offline", offline.into()),
                    ("lease_term", lease_term.into()),
                    ("maintenance", maintenance.into()),
                    ("at_expiry", at_expiry.into()),
                ]);
                Call::send(Method::POST, "/products".into(), body)
            }
            ProductVerb::Revisions { sku, limit } => {
                let columns = &[
                    "revision",
                    "since",
                    "product.name",
                    "product.version",
                    "product.edition",
                    "product.features",
                    "product.lease_term",
                ];
                Call::list(format!("/products/{}/revisions", in_path(&sku)), columns, &limit)
            }
            ProductVerb::Update { sku, name, version, edition, features, min_version, lease_term } => {
                let body = fields([
                    ("name", name.into()),
                    ("version", version.into()),
                    ("edition", edition.into()),
                    ("features", Some(features).filter(|features| !features.is_empty()).into()),
                    ("min_version", min_version.into()),
                    ("lease_term", lease_term.into()),
                ]);
                Call::send(Method::PATCH, format!("/products/{}", in_path(&sku)), body)
            }
            ProductVerb::List { limit } => {
                Call::list("/products".into(), &["sku", "name", "compat", "kinds", "offline"], &limit)
            }
        }
    }
}
