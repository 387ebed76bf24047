//! Line items: what was bought and is not activated yet, one row a line (V26-V30). As CSV these are the eight columns that
//! installers are given.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::second;
use super::list::rows::{LineItem, LineItems};
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, Quantity};
use super::walk::{Span, Walk};
use axum::Json;
use leasehold_ledger::charge::sum;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Table;
use leasehold_protocol::Units;
use serde::Serialize;
use utoipa::ToSchema;

/// What stands in the place of an end date where there is none.
const PERMANENT: &str = "permanent";

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineItemView {
    /// What activates it, XXXX-XXXX-XXXX-XXXX.
    pub activation_id: String,
    /// The order's number.
    pub entitlement_id: String,
    /// The account it was sold to.
    pub sold_to: String,
    /// The product's part number.
    pub product: String,
    /// The product's version.
    pub version: String,
    /// Units that are not activated.
    #[schema(value_type = Quantity)]
    pub available_quantity: Units,
    /// Units of the line.
    #[schema(value_type = Quantity)]
    pub total_quantity: Units,
    /// Good until, ISO 8601, or `permanent`.
    pub expiration: String,
}

/// What an account has bought and not activated, oldest first to the second. Lines of which all is in use are left out unless
/// asked for; of what was added to the pool there is nothing here.
#[utoipa::path(get, path = "/accounts/{account}/line-items", tag = "lots",
    params(("account" = Id, Path, description = "The account."), Listing<LineItems>),
    responses((status = 200, description = "A page of line items.", body = Page<LineItemView>), Reads))]
pub async fn list_line_items(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<LineItems>,
) -> Result<Json<Page<LineItemView>>, Problem> {
    let span = if listing.is_on("subtree") { Span::Tree } else { Span::Account };
    let (mut walk, used_up) = (Walk::listed(account, span, &listing), listing.is_on("used_up"));
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            walk.read(sight, Table::AccountHoldings, (last, most), |sight, account, (key, _)| {
                item(sight, account, second(key.get(16..).unwrap_or_default())?, used_up)
            })
        };
        Ok(Json(list(sight, &listing, read, |_, row| view(row))?))
    })
}

fn item(sight: &mut Sight<'_>, account: &Account, id: HoldingId, used_up: bool) -> Result<Option<LineItem>, Problem> {
    let lot = sight.draft.holding(id)?;
    if lot.role != HoldingRole::Lot || lot.converted.is_some() {
        return Ok(None);
    }
    let lot = sight.holding_now(id)?;
    if lot.free().is_none() && !used_up {
        return Ok(None);
    }
    let code = lot.key.map(|key| sight.draft.key(key)).transpose()?.map(|key| key.code);
    let version = sight.draft.product(&lot.product)?.version;
    Ok(Some(LineItem { code: code.unwrap_or_default(), sold_to: account.name().to_owned(), version, lot }))
}

fn view(row: LineItem) -> Result<LineItemView, Problem> {
    let LineItem { lot, code, sold_to, version } = row;
    Ok(LineItemView {
        activation_id: code,
        sold_to,
        version,
        available_quantity: lot.free(),
        total_quantity: sum(&lot.units, &lot.granted)?,
        expiration: lot.expires.map_or_else(|| PERMANENT.to_owned(), |end| end.to_string()),
        entitlement_id: lot.order.unwrap_or_default(),
        product: lot.product,
    })
}
