//! `leasehold account ...`.

use super::call::{Call, Limit, OWN_ACCOUNT, Whose, fields};
use clap::Subcommand;
use hyper::Method;

/// Accounts of a running server
#[derive(Debug, Subcommand)]
pub enum AccountVerb {
    /// Create an account
    #[command(after_help = "Example: leasehold account add 'Example Labs' --kind end_customer --parent 0190163d-...")]
    Add {
        /// Its name, unique under its parent
        name: String,
        /// What it is, for ever: reseller or end_customer
        #[arg(long, default_value = "end_customer")]
        kind: String,
        /// The account above it [default: the vendor]
        #[arg(long, value_name = "ID", default_value = OWN_ACCOUNT, hide_default_value = true)]
        parent: String,
        /// Information only
        #[arg(long)]
        email: Option<String>,
        /// For the parent's side only
        #[arg(long)]
        notes: Option<String>,
        /// Starts every licensee name of its pool keys
        #[arg(long, value_name = "PREFIX")]
        key_prefix: Option<String>,
        /// A product it may use; all its parent may unless given
        #[arg(long = "product", value_name = "SKU")]
        products: Vec<String>,
        /// May create end customers
        #[arg(long)]
        may_create_customers: bool,
        /// May create resellers
        #[arg(long)]
        may_create_resellers: bool,
    },
    /// List the accounts, each before those below it
    #[command(after_help = "Example: leasehold account list --limit 1000")]
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one account
    #[command(after_help = "Example: leasehold account show --account 0190163d-...")]
    Show {
        #[command(flatten)]
        whose: Whose,
    },
    /// Show an account's units by type: where they are, what is free, what arrives when
    #[command(after_help = "Example: leasehold account totals --account 0190163d-...")]
    Totals {
        #[command(flatten)]
        whose: Whose,
    },
    /// Deactivate an account: its licences go on, nothing new begins
    #[command(after_help = "Example: leasehold account deactivate 0190163d-...")]
    Deactivate {
        /// Its id
        id: String,
    },
    /// Reactivate an account
    #[command(after_help = "Example: leasehold account reactivate 0190163d-...")]
    Reactivate {
        /// Its id
        id: String,
    },
}

impl AccountVerb {
    pub(super) fn call(self) -> Call {
        match self {
            AccountVerb::Add {
                name,
                kind,
                parent,
                email,
                notes,
                key_prefix,
                products,
                may_create_customers,
                may_create_resellers,
            } => {
                let body = fields([
                    ("name", name.into()),
                    ("kind", kind.into()),
                    ("parent", parent.into()),
                    ("email", email.into()),
                    ("notes", notes.into()),
                    ("key_prefix", key_prefix.into()),
                    ("products", Some(products).filter(|products| !products.is_empty()).into()),
                    ("may_create_customers", may_create_customers.into()),
                    ("may_create_resellers", may_create_resellers.into()),
                ]);
                Call::send(Method::POST, "/accounts".into(), body)
            }
            AccountVerb::List { limit } => {
                Call::list("/accounts".into(), &["id", "kind", "name", "status", "parent"], &limit)
            }
            AccountVerb::Show { whose } => Call::show(whose.path("")),
            AccountVerb::Totals { whose } => Call::show(whose.path("/overview")),
            AccountVerb::Deactivate { id } => Call::act(format!("/accounts/{id}/deactivate")),
            AccountVerb::Reactivate { id } => Call::act(format!("/accounts/{id}/reactivate")),
        }
    }
}
