//! Revisions of products: the catalogue is versioned, and no product is edited while an artefact of it lives (A55).

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::list::rows::Revisions;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::products::{ProductView, visible};
use super::sight::Sight;
use super::value::{When, given};
use super::words::{
    AtExpiryWord, DeviceChangeWord, MaintenanceWord, ProductKindWord, ReturnsWord, TermWord, UsedByWord,
};
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::rule::revision::ProductChange;
use leasehold_ledger::store::Table;
use leasehold_protocol::lease::AtExpiry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A product as it was from some moment on.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionView {
    /// From 1 up; the highest is what the product is.
    pub revision: u32,
    /// Since when.
    pub since: When,
    /// What it said.
    pub product: ProductView,
}

/// Changes to a product: what is not named stays; null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductEdit {
    /// Its part number never changes: another one is refused (`field_not_editable`).
    pub sku: Option<String>,
    /// Nor does its no-mixing label.
    pub compat: Option<String>,
    /// Nor do its kinds of units.
    pub kinds: Option<Vec<String>>,
    /// What people call it.
    pub name: Option<String>,
    /// Its version as it is sold, for people.
    pub version: Option<String>,
    /// Edition, for people.
    pub edition: Option<String>,
    /// Features every lease and licence file grants, at most 32.
    pub features: Option<Vec<String>>,
    /// The lowest version that may run, numbers with dots.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub min_version: Option<Option<String>>,
    /// Metered licences cannot be pooled.
    pub metered: Option<bool>,
    /// Licence files may be made.
    pub offline: Option<bool>,
    /// Seconds a lease lasts, from a minute to 366 days.
    pub lease_term: Option<i64>,
    /// What the end of maintenance does.
    #[schema(value_type = Option<MaintenanceWord>)]
    pub maintenance: Option<Maintenance>,
    /// What the product is to do when a lease has ended.
    #[schema(value_type = Option<AtExpiryWord>)]
    pub at_expiry: Option<AtExpiry>,
    /// What a returned licence file is worth.
    #[schema(value_type = Option<ReturnsWord>)]
    pub returns: Option<Returns>,
    /// What a changed device means.
    #[schema(value_type = Option<DeviceChangeWord>)]
    pub device_change: Option<DeviceChange>,
    /// What it is sold as.
    #[schema(value_type = Option<ProductKindWord>)]
    pub kind: Option<ProductKind>,
    /// How long what is made of it lasts.
    #[schema(value_type = Option<TermWord>)]
    pub term: Option<Term>,
    /// Days of a term of `days`, and the longest of a `trial`: 1 to 3650.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub term_days: Option<Option<u32>>,
    /// Who takes up its units.
    #[schema(value_type = Option<UsedByWord>)]
    pub used_by: Option<UsedBy>,
    /// Its licences are managed and activated in an organisation only, not in a personal account.
    pub needs_org: Option<bool>,
}

impl From<ProductEdit> for ProductChange {
    fn from(edit: ProductEdit) -> Self {
        Self {
            sku: edit.sku,
            compat: edit.compat,
            kinds: edit.kinds,
            name: edit.name,
            version: edit.version,
            edition: edit.edition,
            features: edit.features,
            min_version: edit.min_version,
            metered: edit.metered,
            offline: edit.offline,
            lease_term: edit.lease_term,
            maintenance: edit.maintenance,
            at_expiry: edit.at_expiry,
            returns: edit.returns,
            device_change: edit.device_change,
            kind: edit.kind,
            term: edit.term,
            term_days: edit.term_days,
            used_by: edit.used_by,
            needs_org: edit.needs_org,
        }
    }
}

/// Makes the next revision of a product: for the vendor's administrators. Refused with `licence_activated` while a lease or licence file
/// of it may be alive: then the changed product is another one, with a sku of its own.
#[utoipa::path(patch, path = "/products/{sku}", tag = "products", request_body = ProductEdit,
    params(("sku" = String, Path, description = "The part number.")),
    responses((status = 200, description = "The product as it is now.", body = ProductView), Writes))]
pub async fn update_product(
    caller: Caller,
    Path(sku): Path<String>,
    Body(edit): Body<ProductEdit>,
) -> Result<Json<ProductView>, Problem> {
    let change = Box::new(ProductChange::from(edit));
    caller.send(Command::UpdateProduct { sku: sku.clone(), change }).await?;
    caller.look(|sight| Ok(Json(visible(sight, &sku)?.into())))
}

/// What a product has been, oldest first: its first revision is what it was made as, its last what it is.
#[utoipa::path(get, path = "/products/{sku}/revisions", tag = "products",
    params(("sku" = String, Path, description = "The part number."), Listing<Revisions>),
    responses((status = 200, description = "A page of revisions.", body = Page<RevisionView>), Reads))]
pub async fn list_revisions(
    caller: Caller,
    Path(sku): Path<String>,
    listing: Listing<Revisions>,
) -> Result<Json<Page<RevisionView>>, Problem> {
    caller.look(|sight| {
        visible(sight, &sku)?;
        let prefix = Revision::prefix(&sku);
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |_: &mut Sight<'_>, number: &[u8], row: &[u8]| {
                Ok(Some(decode::<Revision>(&[&prefix[..], number].concat(), row)?))
            };
            indexed(sight, (Table::ProductRevisions, &prefix), (last, most), row)
        };
        let view = |_: &mut Sight<'_>, revision: Revision| {
            let Revision { number, at, product } = revision;
            Ok(RevisionView { revision: number, since: at.into(), product: product.into() })
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}
