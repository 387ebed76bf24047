//! Pools that are nearly empty.

use super::{Asked, within};
use crate::admin::auth::Caller;
use crate::admin::docs::Reads;
use crate::admin::extract::{Path, Query};
use crate::admin::page::{Page, PageQuery};
use crate::admin::problem::Problem;
use crate::admin::value::{Id, Quantity};
use axum::Json;
use leasehold_ledger::record::{Account, AccountId, Holding, HoldingId, HoldingRole};
use leasehold_protocol::Units;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Percent, unless said otherwise.
const BELOW: u32 = 10;
/// Percent at most.
const BELOW_MAX: u32 = 100;

/// How empty, and of what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LowPoolsQuery {
    /// Less than so many percent are free of some kind of unit, 1 to 100; 10 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    pub below: Option<u32>,
    /// Of the accounts below it too.
    pub subtree: Option<bool>,
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// A pool that is nearly empty.
#[derive(Debug, Serialize, ToSchema)]
pub struct LowPoolView {
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What that account is called.
    pub account_name: String,
    /// The pool.
    #[schema(value_type = Id)]
    pub pool: HoldingId,
    /// Its name; empty for the stock.
    pub name: String,
    /// The product's sku.
    pub product: String,
    /// Everything that was put at its disposal: its own units and those of its keys.
    #[schema(value_type = Quantity)]
    pub quota: Units,
    /// Of these, available.
    #[schema(value_type = Quantity)]
    pub free: Units,
    /// Percent that are free, of the kind of which there is least; rounded down.
    pub free_percent: u64,
}

fn view(account: &Account, pool: Holding, below: u32) -> Option<LowPoolView> {
    if !matches!(pool.role, HoldingRole::Stock | HoldingRole::Pool) {
        return None;
    }
    let (quota, free) = (pool.quota(), pool.free());
    let of = |(kind, count): (&str, u32)| (u64::from(free.count(kind)) * 100, u64::from(count.max(1)));
    let is_low = quota.iter().map(of).any(|(free, quota)| free < u64::from(below) * quota);
    let free_percent = quota.iter().map(of).map(|(free, quota)| free / quota).min().filter(|_| is_low)?;
    Some(LowPoolView {
        account: account.id,
        account_name: account.name().to_owned(),
        pool: pool.id,
        name: pool.name,
        product: pool.product,
        quota,
        free,
        free_percent,
    })
}

/// Pools of which less than some percent is free, in some kind of unit; an empty pool that was never filled is none of them.
#[utoipa::path(get, path = "/accounts/{account}/reports/low-pools", tag = "reports",
    params(("account" = Id, Path, description = "The account."), LowPoolsQuery),
    responses((status = 200, description = "A page of pools.", body = Page<LowPoolView>), Reads))]
pub async fn report_low_pools(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<LowPoolsQuery>,
) -> Result<Json<Page<LowPoolView>>, Problem> {
    let below = within("below", query.below.unwrap_or(BELOW), BELOW_MAX)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let asked = Asked { account, subtree: query.subtree, page };
    asked.holdings(&caller, |_, account, holding| Ok(view(account, holding, below)))
}
