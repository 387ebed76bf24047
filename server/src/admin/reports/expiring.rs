//! What ends soon: units, and the days until which upgrades are free (A24, V28, H21).

use super::{Asked, within};
use crate::admin::auth::Caller;
use crate::admin::docs::Reads;
use crate::admin::extract::{Path, Query};
use crate::admin::page::{Page, PageQuery};
use crate::admin::problem::Problem;
use crate::admin::value::{Id, OnDay, Quantity, When};
use crate::admin::words::HoldingWord;
use axum::Json;
use leasehold_ledger::record::{Account, AccountId, Holding, HoldingId, HoldingRole};
use leasehold_ledger::rule::notice::end_of;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Time, Units};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Days, unless said otherwise.
const DAYS: u32 = 30;
/// Days at most: ten years.
const DAYS_MAX: u32 = 3660;

/// How soon, and of what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExpiringQuery {
    /// Within so many days, 1 to 3660; 30 unless said otherwise.
    #[param(minimum = 1, maximum = 3660)]
    pub days: Option<u32>,
    /// Of the accounts below it too.
    pub subtree: Option<bool>,
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// Something that ends soon.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiringView {
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What that account is called.
    pub account_name: String,
    /// The lot, pool or allotment.
    #[schema(value_type = Id)]
    pub holding: HoldingId,
    /// What it is.
    #[schema(value_type = HoldingWord)]
    pub role: HoldingRole,
    /// What it is called; of a lot its order.
    pub name: String,
    /// The product's sku.
    pub product: String,
    /// Units in it.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Nothing is issued from it after this; null for no end.
    pub expires: Option<When>,
    /// Upgrades are free until this day; null for no end.
    pub free_upgrade_until: Option<OnDay>,
    /// Whole days until the first of the two that is asked for.
    pub days_left: i64,
}

/// When something ends that has units and has not ended before `now`: it itself, or its maintenance. The last moment of a day that
/// upgrades are free on.
pub fn ends(holding: &Holding, now: Time) -> [Option<Time>; 2] {
    let until = holding.upgrade_until.map(end_of);
    let has_units = !holding.units.is_none();
    [holding.until(), until].map(|end| end.filter(|end| has_units && *end > now))
}

fn view(account: &Account, holding: Holding, now: Time, days: u32) -> Option<ExpiringView> {
    let last = now.plus(i64::from(days) * DAY);
    let soonest = ends(&holding, now).into_iter().flatten().filter(|end| *end <= last).min()?;
    Some(ExpiringView {
        account: account.id,
        account_name: account.name().to_owned(),
        holding: holding.id,
        role: holding.role,
        expires: holding.until().map(When),
        free_upgrade_until: holding.upgrade_until.map(OnDay),
        days_left: (soonest.0 - now.0).div_euclid(DAY),
        name: holding.name,
        product: holding.product,
        units: holding.units,
    })
}

/// What ends within some days: lots, pools, allotments with units in them, by their own end or by that of their maintenance.
#[utoipa::path(get, path = "/accounts/{account}/reports/expiring", tag = "reports",
    params(("account" = Id, Path, description = "The account."), ExpiringQuery),
    responses((status = 200, description = "A page of what ends soon.", body = Page<ExpiringView>), Reads))]
pub async fn report_expiring(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<ExpiringQuery>,
) -> Result<Json<Page<ExpiringView>>, Problem> {
    let days = within("days", query.days.unwrap_or(DAYS), DAYS_MAX)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let asked = Asked { account, subtree: query.subtree, page };
    asked.holdings(&caller, |sight, account, holding| Ok(view(account, holding, sight.now, days)))
}
