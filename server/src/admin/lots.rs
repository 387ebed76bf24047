//! Lots: units as they were bought, until they are added to the pool for good.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::holdings::{Counts, of_account};
use super::list::rows::{Lot, Lots};
use super::list::{Listing, list};
use super::page::Page;
use super::pools::{PoolView, pool};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, OnDay, Quantity, When};
use super::words::FreeOnWord;
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::store::StoreError;
use leasehold_protocol::Units;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A lot.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: HoldingId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The product's sku.
    pub product: String,
    /// The product's no-mixing label.
    pub compat: String,
    /// The order it was bought by.
    pub order: Option<String>,
    /// Its Activation ID.
    pub activation_id: Option<String>,
    /// The Activation ID's record.
    #[schema(value_type = Option<Id>)]
    pub key: Option<KeyId>,
    /// Units here.
    #[serde(flatten)]
    pub counts: Counts,
    /// Units bought.
    #[schema(value_type = Quantity)]
    pub minted: Units,
    /// Units taken out of the books again.
    #[schema(value_type = Quantity)]
    pub retired: Units,
    /// When it was added to the pool; null while it was not.
    pub converted: Option<When>,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// When units whose lease was shrunk are free for others.
    #[schema(value_type = FreeOnWord)]
    pub free_on: FreeOn,
    /// Made at.
    pub created: When,
    /// It may be added to the pool: it was not, has no end, and is not metered.
    pub poolable: bool,
}

/// How to add a lot to the pool.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// Do it although the lot's maintenance, and so that of every pool key of its kind, has ended.
    #[serde(default)]
    pub force: bool,
}

/// What to take out of the books.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retirement {
    /// Free units of the lot.
    #[schema(value_type = Quantity)]
    pub units: Units,
}

/// The lots of an account, oldest first to the second.
#[utoipa::path(get, path = "/accounts/{account}/lots", tag = "lots",
    params(("account" = Id, Path, description = "The account."), Listing<Lots>),
    responses((status = 200, description = "A page of lots.", body = Page<LotView>), Reads))]
pub async fn list_lots(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Lots>,
) -> Result<Json<Page<LotView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let row = |sight: &Sight<'_>, holding: Holding| {
            let key = holding.key.filter(|_| holding.role == HoldingRole::Lot);
            let code = key.map(|key| sight.draft.key(key)).transpose()?.map(|key| key.code);
            let poolable = is_poolable(sight, &holding)?;
            Ok((holding.role == HoldingRole::Lot).then_some(Lot { holding, code, poolable }))
        };
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), row);
        Ok(Json(list(sight, &listing, read, |sight, row| {
            let holding = sight.holding_now(row.holding.id)?;
            view(sight, holding)
        })?))
    })
}

/// One lot.
#[utoipa::path(get, path = "/lots/{lot}", tag = "lots",
    params(("lot" = Id, Path, description = "The lot.")),
    responses((status = 200, description = "The lot.", body = LotView), Reads))]
pub async fn show_lot(caller: Caller, Path(id): Path<HoldingId>) -> Result<Json<LotView>, Problem> {
    caller.look(|sight| Ok(Json(lot(sight, id)?)))
}

/// Adds a lot to its account's pool of the same compat, for good. Units in use arrive when their lease has ended.
#[utoipa::path(post, path = "/lots/{lot}/convert", tag = "lots", request_body = Conversion,
    params(("lot" = Id, Path, description = "The lot.")),
    responses((status = 200, description = "The stock that has its units now.", body = PoolView), Writes))]
pub async fn convert_lot(
    caller: Caller,
    Path(id): Path<HoldingId>,
    Body(conversion): Body<Conversion>,
) -> Result<Json<PoolView>, Problem> {
    let stock = HoldingId(caller.id());
    caller.send(Command::Convert { lot: id, stock, force: conversion.force }).await?;
    caller.look(|sight| {
        let lot = sight.holding(id)?;
        let missing = || StoreError::Io(format!("lot {id} was converted and there is no stock"));
        let stock = sight.draft.stock(lot.account, &lot.compat)?.ok_or_else(missing)?;
        Ok(Json(pool(sight, stock)?))
    })
}

/// Takes free units of a lot out of the books: for the vendor's administrators.
#[utoipa::path(post, path = "/lots/{lot}/retire", tag = "lots", request_body = Retirement,
    params(("lot" = Id, Path, description = "The lot.")),
    responses((status = 200, description = "The lot as it is now.", body = LotView), Writes))]
pub async fn retire_units(
    caller: Caller,
    Path(id): Path<HoldingId>,
    Body(retirement): Body<Retirement>,
) -> Result<Json<LotView>, Problem> {
    caller.send(Command::Retire { lot: id, units: retirement.units }).await?;
    caller.look(|sight| Ok(Json(lot(sight, id)?)))
}

/// A lot in reach.
///
/// # Errors
/// [`Problem`].
pub fn lot(sight: &mut Sight<'_>, id: HoldingId) -> Result<LotView, Problem> {
    let holding = sight.holding(id)?;
    if holding.role == HoldingRole::Lot { view(sight, holding) } else { Err(Problem::out_of_reach()) }
}

fn is_poolable(sight: &Sight<'_>, lot: &Holding) -> Result<bool, Problem> {
    let may = lot.role == HoldingRole::Lot && lot.converted.is_none() && lot.expires.is_none();
    Ok(may && !sight.draft.product(&lot.product)?.metered)
}

fn view(sight: &mut Sight<'_>, lot: Holding) -> Result<LotView, Problem> {
    let key = lot.key.map(|key| sight.draft.key(key)).transpose()?;
    Ok(LotView {
        poolable: is_poolable(sight, &lot)?,
        id: lot.id,
        account: lot.account,
        counts: Counts::of(&lot),
        product: lot.product,
        compat: lot.compat,
        order: lot.order,
        activation_id: key.map(|key| key.code),
        key: lot.key,
        minted: lot.minted,
        retired: lot.retired,
        converted: lot.converted.map(When),
        expires: lot.expires.map(When),
        free_upgrade_until: lot.upgrade_until.map(OnDay),
        free_on: lot.free_on,
        created: lot.created.into(),
    })
}
