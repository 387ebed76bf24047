//! What an account has, product by product, as its people know it: when it began and ends, its type, its serial number and the
//! key it came with (G8, G20, G36).

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::{Counts, of_account};
use super::list::field::{Field, Value};
use super::list::{Listed, Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, OnDay, When};
use super::words::UsedByWord;
use axum::Json;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::redeem::license_type;
use serde::Serialize;
use utoipa::ToSchema;

/// Something an account has.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnedView {
    /// The number of this licence, its lot's id: no other has it.
    #[schema(value_type = Id)]
    pub serial_number: HoldingId,
    /// The product's sku.
    pub product: String,
    /// What people call it.
    pub name: String,
    /// Its version as it is sold.
    pub version: String,
    /// `perpetual`, `annual`, `days`, `trial` or `flex`.
    pub license_type: &'static str,
    /// Who takes up its units.
    #[schema(value_type = UsedByWord)]
    pub used_by: UsedBy,
    /// Good from.
    pub starts: When,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// The permission key it came with, if it came with one.
    pub permission_key: Option<String>,
    /// The Activation ID it came with, if it came with one.
    pub activation_id: Option<String>,
    /// Units here; those of seats that were granted from it are with them.
    #[serde(flatten)]
    pub counts: Counts,
    /// When it was added to the pool; null while it was not.
    pub converted: Option<When>,
}

/// A lot with its product and its key.
pub struct Owned {
    lot: Holding,
    product: Product,
    key: Option<Key>,
}

impl Owned {
    fn code(&self, kind: KeyKind) -> Option<&str> {
        self.key.as_ref().filter(|key| key.kind == kind).map(|key| key.code.as_str())
    }
}

/// What an account has.
pub struct OwnedList;

impl Listed for OwnedList {
    type Row = Owned;

    fn fields() -> Vec<Field<Owned>> {
        vec![
            Field::text("product", |row| Value::text(Some(&row.product.sku))),
            Field::text("name", |row| Value::text(Some(&row.product.name))),
            Field::text("permission_key", |row| Value::text(row.code(KeyKind::PermissionKey))),
            Field::text("activation_id", |row| Value::text(row.code(KeyKind::ActivationId))),
            Field::exact("serial_number", |row| Value::text(Some(&row.lot.id.to_string()))),
            Field::exact("license_type", |row| Value::text(Some(license_type(&row.product)))),
            Field::word("used_by", UsedByWord::all(), |row| Value::word(row.product.used_by)),
            Field::time("starts", |row| Value::At(row.lot.starts)),
            Field::time("expires", |row| Value::at(row.lot.expires)),
        ]
    }
}

/// What an account has, one row for each licence that was bought or redeemed, oldest first to the second.
#[utoipa::path(get, path = "/accounts/{account}/products", tag = "lots",
    params(("account" = Id, Path, description = "The account."), Listing<OwnedList>),
    responses((status = 200, description = "A page of what it has.", body = Page<OwnedView>), Reads))]
pub async fn list_account_products(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<OwnedList>,
) -> Result<Json<Page<OwnedView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), row);
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// What lots in reach are, in their order.
///
/// # Errors
/// [`Problem`].
pub fn owned(sight: &mut Sight<'_>, lots: &[HoldingId]) -> Result<Vec<OwnedView>, Problem> {
    let mut all = Vec::new();
    for lot in lots {
        let lot = sight.holding(*lot)?;
        if let Some(owned) = row(sight, lot)? {
            all.push(view(sight, owned)?);
        }
    }
    Ok(all)
}

fn row(sight: &Sight<'_>, lot: Holding) -> Result<Option<Owned>, Problem> {
    if lot.role != HoldingRole::Lot {
        return Ok(None);
    }
    let product = sight.draft.product(&lot.product)?;
    let key = lot.key.map(|key| sight.draft.key(key)).transpose()?;
    Ok(Some(Owned { lot, product, key }))
}

fn view(sight: &mut Sight<'_>, row: Owned) -> Result<OwnedView, Problem> {
    let lot = sight.holding_now(row.lot.id)?;
    let (permission_key, activation_id) = (row.code(KeyKind::PermissionKey), row.code(KeyKind::ActivationId));
    Ok(OwnedView {
        serial_number: lot.id,
        permission_key: permission_key.map(str::to_owned),
        activation_id: activation_id.map(str::to_owned),
        counts: Counts::of(&lot),
        license_type: license_type(&row.product),
        used_by: row.product.used_by,
        product: row.product.sku,
        name: row.product.name,
        version: row.product.version,
        starts: lot.starts.into(),
        expires: lot.expires.map(When),
        free_upgrade_until: lot.upgrade_until.map(OnDay),
        converted: lot.converted.map(When),
    })
}
