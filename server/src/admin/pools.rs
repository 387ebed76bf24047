//! Pools: the stock of converted licences, named pools with quotas, moves between them.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::holdings::{Arrival, Counts, arriving, of_account};
use super::list::rows::Pools;
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, OnDay, Quantity, When};
use super::words::{FreeOnWord, HoldingWord};
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::issue::is_maintained;
use leasehold_ledger::rule::pool::Destination;
use leasehold_protocol::{Refused, Units};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pool.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: HoldingId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// `stock` for the account's converted licences of one compat, `pool` for a named pool.
    #[schema(value_type = HoldingWord)]
    pub role: HoldingRole,
    /// Its name, unique in its account; the stock's is its compat.
    pub name: String,
    /// The product's sku.
    pub product: String,
    /// The product's no-mixing label.
    pub compat: String,
    /// Units here, without those its keys or named pools hold.
    #[serde(flatten)]
    pub counts: Counts,
    /// Units its keys, or a stock's named pools, hold.
    #[schema(value_type = Quantity)]
    pub granted: Units,
    /// Units here and granted together: what PUT quota sets.
    #[schema(value_type = Quantity)]
    pub quota: Units,
    /// When encumbered units arrive.
    pub arriving: Vec<Arrival>,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Upgrades are free up to and including this day: the earliest among the lots its units stem from.
    pub free_upgrade_until: Option<OnDay>,
    /// When units whose lease was shrunk are free for others.
    #[schema(value_type = FreeOnWord)]
    pub free_on: FreeOn,
    /// Made at.
    pub created: When,
    /// `good`, `ended` (its end has passed), or `maintenance_expired`: none of its keys is renewed.
    pub status: &'static str,
}

/// A new named pool.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolDraft {
    /// Its name, unique in its account.
    pub name: String,
    /// The product's sku.
    pub product: String,
    /// When units whose lease was shrunk are free for others; `fetch` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = FreeOnWord)]
    pub free_on: FreeOn,
}

/// A quota.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The whole of it, not a difference.
    #[schema(value_type = Quantity)]
    pub units: Units,
}

/// Units to move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The account that gets them.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// Free units of the pool.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// The pool that gets them; a new one unless given.
    #[schema(value_type = Option<Id>)]
    pub pool: Option<HoldingId>,
    /// The new pool's name; after its product unless given.
    pub name: Option<String>,
}

/// The stock and the named pools of an account, oldest first to the second.
#[utoipa::path(get, path = "/accounts/{account}/pools", tag = "pools",
    params(("account" = Id, Path, description = "The account."), Listing<Pools>),
    responses((status = 200, description = "A page of pools.", body = Page<PoolView>), Reads))]
pub async fn list_pools(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Pools>,
) -> Result<Json<Page<PoolView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let is_pool = |holding: &Holding| matches!(holding.role, HoldingRole::Stock | HoldingRole::Pool);
        let row = |_: &Sight<'_>, holding: Holding| Ok(Some(holding).filter(is_pool));
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), row);
        Ok(Json(list(sight, &listing, read, |sight, row| {
            let holding = sight.holding_now(row.id)?;
            view(sight, holding)
        })?))
    })
}

/// One pool.
#[utoipa::path(get, path = "/pools/{pool}", tag = "pools",
    params(("pool" = Id, Path, description = "The pool.")),
    responses((status = 200, description = "The pool.", body = PoolView), Reads))]
pub async fn show_pool(caller: Caller, Path(id): Path<HoldingId>) -> Result<Json<PoolView>, Problem> {
    caller.look(|sight| Ok(Json(pool(sight, id)?)))
}

/// Makes an empty named pool.
#[utoipa::path(post, path = "/accounts/{account}/pools", tag = "pools", request_body = PoolDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 201, description = "The pool.", body = PoolView), Writes))]
pub async fn create_pool(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<PoolDraft>,
) -> Result<Created<PoolView>, Problem> {
    let id = HoldingId(caller.id());
    let PoolDraft { name, product: sku, free_on } = draft;
    caller.send(Command::CreatePool { id, account, name, sku, free_on }).await?;
    Ok(Created { at: format!("/pools/{id}"), record: caller.look(|sight| pool(sight, id))? })
}

/// Sets what a named pool and its keys hold together. The difference comes from the account's stock, or goes back to it.
#[utoipa::path(put, path = "/pools/{pool}/quota", tag = "pools", request_body = Quota,
    params(("pool" = Id, Path, description = "The pool.")),
    responses((status = 200, description = "The pool as it is now.", body = PoolView), Writes))]
pub async fn set_pool_quota(
    caller: Caller,
    Path(id): Path<HoldingId>,
    Body(quota): Body<Quota>,
) -> Result<Json<PoolView>, Problem> {
    caller.send(Command::SetPoolQuota { pool: id, quota: quota.units }).await?;
    caller.look(|sight| Ok(Json(pool(sight, id)?)))
}

/// Moves free units of a pool to another account's pool, or between two pools of one account.
#[utoipa::path(post, path = "/pools/{pool}/moves", tag = "pools", request_body = Move,
    params(("pool" = Id, Path, description = "The pool that gives.")),
    responses((status = 200, description = "The pool that got the units, as it is now.", body = PoolView), Writes))]
pub async fn move_units(
    caller: Caller,
    Path(from): Path<HoldingId>,
    Body(body): Body<Move>,
) -> Result<Json<PoolView>, Problem> {
    let (to, id) = match (body.pool, body.name) {
        (Some(_), Some(_)) => {
            return Err(Problem::refused(
                Refused::FieldInvalid,
                "name: it is for a new pool, and one was given".into(),
            ));
        }
        (Some(id), None) => (Destination::Existing(id), id),
        (None, name) => {
            let id = HoldingId(caller.id());
            (Destination::New { id, name }, id)
        }
    };
    caller.send(Command::Move { from, account: body.account, to, units: body.units }).await?;
    caller.look(|sight| Ok(Json(pool(sight, id)?)))
}

/// A pool or stock in reach.
///
/// # Errors
/// [`Problem`].
pub fn pool(sight: &mut Sight<'_>, id: HoldingId) -> Result<PoolView, Problem> {
    let holding = sight.holding(id)?;
    match holding.role {
        HoldingRole::Pool | HoldingRole::Stock => view(sight, holding),
        HoldingRole::Lot | HoldingRole::Allotment | HoldingRole::Reserve => Err(Problem::out_of_reach()),
    }
}

fn view(sight: &mut Sight<'_>, pool: Holding) -> Result<PoolView, Problem> {
    let product = sight.draft.product(&pool.product)?;
    let status = match () {
        () if !pool.is_good(sight.now) => "ended",
        () if !is_maintained(&product, pool.upgrade_until, sight.now) => "maintenance_expired",
        () => "good",
    };
    Ok(PoolView {
        status,
        id: pool.id,
        account: pool.account,
        role: pool.role,
        counts: Counts::of(&pool),
        quota: pool.quota(),
        arriving: arriving(sight, &pool)?,
        name: pool.name,
        product: pool.product,
        compat: pool.compat,
        granted: pool.granted,
        expires: pool.expires.map(When),
        free_upgrade_until: pool.upgrade_until.map(OnDay),
        free_on: pool.free_on,
        created: pool.created.into(),
    })
}
