//! Line items: what was bought and is not activated yet, one row a line (V26-V30). As CSV these are the eight columns that
//! installers are given.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::second;
use super::list::rows::{LineItem, LineItems};
use super::list::{Chunk, Listing, list};
use super::page::{Page, invalid};
use super::problem::Problem;
use super::sight::Sight;
use super::tree::successor;
use super::value::{Id, Quantity};
use axum::Json;
use leasehold_ledger::charge::sum;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Read as _, Table, after};
use leasehold_protocol::Units;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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
    caller.look(|sight| {
        sight.account(account)?;
        let scope = Scope { root: account, below: listing.is_on("subtree"), used_up: listing.is_on("used_up") };
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| rows(sight, &scope, last, most);
        Ok(Json(list(sight, &listing, read, |_, row| view(row))?))
    })
}

/// Whose lines, and which.
struct Scope {
    root: AccountId,
    /// Those of the accounts below it too.
    below: bool,
    /// Those of which nothing is available too.
    used_up: bool,
}

/// At most `most` holdings of the accounts after (account, holding). An account that is come to is a row that shows nothing:
/// looking for it is work like any other.
fn rows(sight: &mut Sight<'_>, scope: &Scope, last: Option<&[u8]>, most: usize) -> Result<Chunk<LineItem>, Problem> {
    let (mut account, mut from) = match last {
        None => (sight.account(scope.root)?, scope.root.bytes().to_vec()),
        Some(last) => {
            let id = last.get(..16).filter(|_| last.len() == 32).and_then(|id| Uuid::from_slice(id).ok());
            let id = id.ok_or_else(|| invalid("cursor: not one of this list"))?;
            (sight.account(AccountId(id))?, [last, &[0]].concat())
        }
    };
    let mut rows = Vec::new();
    loop {
        let room = most - rows.len();
        let found = sight.draft.scan(Table::AccountHoldings, &from, &after(account.id.bytes()), room)?;
        let is_full = found.len() == room;
        for (key, _) in found {
            let id = second(key.get(16..).unwrap_or_default())?;
            rows.push((key, item(sight, &account, id, scope.used_up)?));
        }
        if is_full {
            return Ok(Chunk { rows, is_end: false });
        }
        let next = if scope.below { successor(sight, scope.root, account)? } else { None };
        let Some(next) = next else { return Ok(Chunk { rows, is_end: true }) };
        from = next.id.bytes().to_vec();
        rows.push(([*next.id.bytes(), [0; 16]].concat(), None));
        account = next;
        if rows.len() == most {
            return Ok(Chunk { rows, is_end: false });
        }
    }
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
