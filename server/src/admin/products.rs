//! Products: the vendor's catalogue, as far as an account may use it.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::list::rows::Products;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::words::{
    AtExpiryWord, DeviceChangeWord, MaintenanceWord, ProductKindWord, ReturnsWord, TermWord, UsedByWord,
};
use axum::Json;
use leasehold_ledger::record::product::{AT_EXPIRY_USUAL, LEASE_TERM_USUAL};
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::store::Table;
use leasehold_ledger::{Command, Fault};
use leasehold_protocol::lease::AtExpiry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A product.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductView {
    /// Its part number; stands in every lease and licence file.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// Its version as it is sold, for people.
    #[serde(default)]
    pub version: String,
    /// Edition, for people.
    #[serde(default)]
    pub edition: String,
    /// Features every lease and licence file grants, at most 32.
    #[serde(default)]
    pub features: Vec<String>,
    /// Kinds of units, 1 to 16.
    pub kinds: Vec<String>,
    /// Units mix only within one of these.
    pub compat: String,
    /// The lowest version that may run, numbers with dots.
    pub min_version: Option<String>,
    /// Metered licences cannot be pooled.
    #[serde(default)]
    pub metered: bool,
    /// Licence files may be made.
    #[serde(default)]
    pub offline: bool,
    /// Seconds a lease lasts, from a minute to 366 days; 14 days unless said otherwise.
    #[serde(default = "lease_term")]
    pub lease_term: i64,
    /// What the end of maintenance does.
    #[serde(default)]
    #[schema(value_type = MaintenanceWord)]
    pub maintenance: Maintenance,
    /// What the product is to do when a lease has ended.
    #[serde(default = "at_expiry")]
    #[schema(value_type = AtExpiryWord)]
    pub at_expiry: AtExpiry,
    /// What a returned licence file is worth.
    #[serde(default)]
    #[schema(value_type = ReturnsWord)]
    pub returns: Returns,
    /// What a changed device means.
    #[serde(default)]
    #[schema(value_type = DeviceChangeWord)]
    pub device_change: DeviceChange,
    /// Its licences are managed and activated in an organisation only, not in a personal account.
    #[serde(default)]
    pub needs_org: bool,
    /// What it is sold as; a `license` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = ProductKindWord)]
    pub kind: ProductKind,
    /// How long what is made of it lasts; `perpetual` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = TermWord)]
    pub term: Term,
    /// Days of a term of `days`, and the longest of a `trial`: 1 to 3650.
    pub term_days: Option<u32>,
    /// Who takes up its units; a `device` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = UsedByWord)]
    pub used_by: UsedBy,
}

fn lease_term() -> i64 {
    LEASE_TERM_USUAL
}

fn at_expiry() -> AtExpiry {
    AT_EXPIRY_USUAL
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        Self {
            sku: product.sku,
            version: product.version,
            kind: product.kind,
            term: product.term,
            term_days: product.term_days,
            used_by: product.used_by,
            name: product.name,
            edition: product.edition,
            features: product.features,
            kinds: product.kinds,
            compat: product.compat,
            min_version: product.min_version,
            metered: product.metered,
            offline: product.offline,
            lease_term: product.lease_term,
            maintenance: product.maintenance,
            at_expiry: product.at_expiry,
            returns: product.returns,
            device_change: product.device_change,
            needs_org: product.needs_org,
        }
    }
}

impl From<ProductView> for Product {
    fn from(view: ProductView) -> Self {
        Self {
            sku: view.sku,
            version: view.version,
            kind: view.kind,
            term: view.term,
            term_days: view.term_days,
            used_by: view.used_by,
            name: view.name,
            edition: view.edition,
            features: view.features,
            kinds: view.kinds,
            compat: view.compat,
            min_version: view.min_version,
            metered: view.metered,
            offline: view.offline,
            lease_term: view.lease_term,
            maintenance: view.maintenance,
            at_expiry: view.at_expiry,
            returns: view.returns,
            device_change: view.device_change,
            needs_org: view.needs_org,
        }
    }
}

/// The products the caller's account may use, by sku.
#[utoipa::path(get, path = "/products", tag = "products", params(Listing<Products>),
    responses((status = 200, description = "A page of products.", body = Page<ProductView>), Reads))]
pub async fn list_products(caller: Caller, listing: Listing<Products>) -> Result<Json<Page<ProductView>>, Problem> {
    caller.look(|sight| {
        let own = sight.account(caller.account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, sku: &[u8], row: &[u8]| {
                let product: Product = decode(sku, row)?;
                Ok(is_allowed(sight, &own, &product.sku)?.then_some(product))
            };
            indexed(sight, (Table::Products, &[]), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |_, product| Ok(product.into()))?))
    })
}

/// One product.
#[utoipa::path(get, path = "/products/{sku}", tag = "products",
    params(("sku" = String, Path, description = "The part number.")),
    responses((status = 200, description = "The product.", body = ProductView), Reads))]
pub async fn show_product(caller: Caller, Path(sku): Path<String>) -> Result<Json<ProductView>, Problem> {
    caller.look(|sight| Ok(Json(visible(sight, &sku)?.into())))
}

/// A product that the caller's account may use.
///
/// # Errors
/// [`Problem`].
pub fn visible(sight: &Sight<'_>, sku: &str) -> Result<Product, Problem> {
    let own = sight.account(sight.caller.account)?;
    let product = sight.draft.product(sku)?;
    if is_allowed(sight, &own, sku)? { Ok(product) } else { Err(Problem::out_of_reach()) }
}

/// Adds a product to the catalogue: for the vendor's administrators. It is edited only while nothing of it is in use.
#[utoipa::path(post, path = "/products", tag = "products", request_body = ProductView,
    responses((status = 201, description = "The product.", body = ProductView), Writes))]
pub async fn create_product(caller: Caller, Body(draft): Body<ProductView>) -> Result<Created<ProductView>, Problem> {
    let product = Product::from(draft);
    caller.send(Command::CreateProduct(product.clone())).await?;
    Ok(Created { at: format!("/products/{}", product.sku), record: product.into() })
}

fn is_allowed(sight: &Sight<'_>, account: &Account, sku: &str) -> Result<bool, Problem> {
    match sight.draft.allowed(account, sku) {
        Ok(()) => Ok(true),
        Err(Fault::Refused { .. }) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}
