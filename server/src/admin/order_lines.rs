//! Orders as they are read: an order's lines may lie in several accounts, and each caller sees those in its reach.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::of_account;
use super::list::rows::{OrderOf, Orders};
use super::list::{Listing, list};
use super::lots::lot;
use super::orders::OrderView;
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, Quantity, When};
use axum::Json;
use leasehold_ledger::charge::sum;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::order::lines;
use leasehold_ledger::view::find;
use leasehold_protocol::Units;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An order, as far as an account has lines of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountOrderView {
    /// The entitlement's number.
    pub entitlement: String,
    /// The buyer's purchase number.
    pub reference: Option<String>,
    /// Recorded at.
    pub created: When,
    /// How many of its lines the account has.
    pub lines: usize,
    /// Their products, each once.
    pub products: Vec<String>,
    /// Units bought with them.
    #[schema(value_type = Quantity)]
    pub minted: Units,
    /// Units in them.
    #[schema(value_type = Quantity)]
    pub units: Units,
}

/// An order with its lines in the caller's reach.
#[utoipa::path(get, path = "/orders/{entitlement}", tag = "orders",
    params(("entitlement" = String, Path, description = "The entitlement's number.")),
    responses((status = 200, description = "The order.", body = OrderView), Reads))]
pub async fn show_order(caller: Caller, Path(entitlement): Path<String>) -> Result<Json<OrderView>, Problem> {
    caller.look(|sight| Ok(Json(order(sight, &entitlement)?)))
}

/// The orders an account has lines of, oldest first to the second. The lines themselves are its lots, and those of one order
/// `GET /accounts/{account}/lots?order=...`.
#[utoipa::path(get, path = "/accounts/{account}/orders", tag = "orders",
    params(("account" = Id, Path, description = "The account."), Listing<Orders>),
    responses((status = 200, description = "A page of orders.", body = Page<AccountOrderView>), Reads))]
pub async fn list_orders(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Orders>,
) -> Result<Json<Page<AccountOrderView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), headed);
        Ok(Json(list(sight, &listing, read, |_, row| view(row))?))
    })
}

/// An order in reach: one that has a line there. None of it exists for anybody else.
///
/// # Errors
/// [`Problem`].
pub fn order(sight: &mut Sight<'_>, entitlement: &str) -> Result<OrderView, Problem> {
    let order = find::<Order>(&sight.draft, entitlement.as_bytes())?.ok_or_else(Problem::out_of_reach)?;
    let mut lots = Vec::new();
    for id in lines(&sight.draft, entitlement)? {
        if sight.reaches(sight.draft.holding(id)?.account)? {
            lots.push(lot(sight, id)?);
        }
    }
    if lots.is_empty() {
        return Err(Problem::out_of_reach());
    }
    let Order { entitlement, reference, at } = order;
    Ok(OrderView { entitlement, reference, created: at.into(), lots })
}

/// The order whose first line in its account a lot is: so each stands in the list once.
fn headed(sight: &Sight<'_>, holding: Holding) -> Result<Option<OrderOf>, Problem> {
    let Some(entitlement) = holding.order.as_deref().filter(|_| holding.role == HoldingRole::Lot) else {
        return Ok(None);
    };
    let mut lots: Vec<Holding> = Vec::new();
    for id in lines(&sight.draft, entitlement)? {
        let line = sight.draft.holding(id)?;
        if line.account != holding.account {
            continue;
        }
        if lots.is_empty() && line.id != holding.id {
            return Ok(None);
        }
        lots.push(line);
    }
    let order = find::<Order>(&sight.draft, entitlement.as_bytes())?;
    Ok(order.map(|order| OrderOf { order, lots }))
}

fn view(row: OrderOf) -> Result<AccountOrderView, Problem> {
    let (mut minted, mut units, mut products) = (Units::default(), Units::default(), BTreeSet::new());
    for lot in &row.lots {
        minted = sum(&minted, &lot.minted)?;
        units = sum(&units, &lot.units)?;
        products.insert(lot.product.clone());
    }
    let Order { entitlement, reference, at } = row.order;
    let (lines, products) = (row.lots.len(), products.into_iter().collect());
    Ok(AccountOrderView { entitlement, reference, created: at.into(), lines, products, minted, units })
}
