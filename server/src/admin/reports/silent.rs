//! Consoles that were not heard of for some days.

use super::{Asked, within};
use crate::admin::auth::Caller;
use crate::admin::docs::Reads;
use crate::admin::extract::{Path, Query};
use crate::admin::page::{CHUNK, Page, PageQuery, in_order};
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use crate::admin::value::{HexId, Id, When};
use crate::admin::walk::Walk;
use axum::Json;
use leasehold_ledger::record::{Account, AccountId, Device};
use leasehold_ledger::row;
use leasehold_ledger::rule::notice::{Console, console};
use leasehold_ledger::store::Table;
use leasehold_protocol::DeviceId;
use leasehold_protocol::time::DAY;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Days, unless said otherwise.
const DAYS: u32 = 7;
/// Days at most: ten years.
const DAYS_MAX: u32 = 3660;

/// For how long, and of what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SilentQuery {
    /// Not heard of for so many days, 1 to 3660; 7 unless said otherwise.
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

/// A console that is silent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SilentView {
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What that account is called.
    pub account_name: String,
    /// The device.
    #[schema(value_type = HexId)]
    pub device: DeviceId,
    /// What people call it.
    pub name: Option<String>,
    /// The skus of what runs on leases there.
    pub products: Vec<String>,
    /// Last heard.
    pub last_seen: When,
    /// Whole days since.
    pub silent_days: i64,
    /// Its last lease ends then, or has ended.
    pub lease_ends: When,
}

fn view(sight: &Sight<'_>, account: &Account, device: Device, days: u32) -> Result<Option<SilentView>, Problem> {
    let Some(Console { products, last_seen, lease_ends }) = console(&sight.draft, &device)? else { return Ok(None) };
    let silent_days = (sight.now.0 - last_seen.0).div_euclid(DAY);
    Ok((silent_days >= i64::from(days)).then(|| SilentView {
        account: account.id,
        account_name: account.name().to_owned(),
        device: device.id,
        name: device.name,
        products,
        last_seen: last_seen.into(),
        silent_days,
        lease_ends: lease_ends.into(),
    }))
}

/// Devices on leases that have given nothing back and were not heard of for some days.
#[utoipa::path(get, path = "/accounts/{account}/reports/silent", tag = "reports",
    params(("account" = Id, Path, description = "The account."), SilentQuery),
    responses((status = 200, description = "A page of devices.", body = Page<SilentView>), Reads))]
pub async fn report_silent(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<SilentQuery>,
) -> Result<Json<Page<SilentView>>, Problem> {
    let days = within("days", query.days.unwrap_or(DAYS), DAYS_MAX)?;
    let asked = Asked { account, subtree: query.subtree, page: PageQuery { limit: query.limit, cursor: query.cursor } };
    let (paging, mut walk) = (asked.page.paging()?, Walk::new(account, asked.span()));
    caller.look(|sight| {
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            walk.read(sight, Table::Devices, (last, most), |_, account, (key, value)| {
                Ok(Some((account.clone(), row::decode::<Device>(key, value)?)))
            })
        };
        let (items, next) =
            in_order(sight, (&paging, CHUNK), read, |sight, (account, device)| view(sight, &account, device, days))?;
        Ok(Json(Page::new(items, next.as_deref())))
    })
}
