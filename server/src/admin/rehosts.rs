//! Portal release and rehost of dead devices, and the reserves that stand in for them.

use super::activations::{ActivationView, shown};
use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::holdings::{Arrival, Counts, arriving, of_account};
use super::list::rows::Reserves;
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id, Quantity, When};
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::rehosts::Rehosts;
use leasehold_ledger::record::*;
use leasehold_ledger::store::StoreError;
use leasehold_ledger::view::find;
use leasehold_protocol::{ActivationId, Units};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reserve.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReserveView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: HoldingId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The product it was made for; it stands in for all of the same compat.
    pub product: String,
    /// The no-mixing label.
    pub compat: String,
    /// Units here: encumbered are those that stand in for a dead device.
    #[serde(flatten)]
    pub counts: Counts,
    /// When they are free again.
    pub arriving: Vec<Arrival>,
    /// Made at.
    pub created: When,
}

/// Units for a reserve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveDraft {
    /// The sku of a product of the compat.
    pub product: String,
    /// How many more.
    #[schema(value_type = Quantity)]
    pub units: Units,
}

/// The reserves of an account, one a compat.
#[utoipa::path(get, path = "/accounts/{account}/reserves", tag = "activations",
    params(("account" = Id, Path, description = "The account."), Listing<Reserves>),
    responses((status = 200, description = "A page of reserves.", body = Page<ReserveView>), Reads))]
pub async fn list_reserves(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Reserves>,
) -> Result<Json<Page<ReserveView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let row = |_: &Sight<'_>, one: Holding| Ok(Some(one).filter(|one| one.role == HoldingRole::Reserve));
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), row);
        Ok(Json(list(sight, &listing, read, |sight, row| view(sight, row.id))?))
    })
}

/// Adds units to an account's reserve: for the vendor's administrators. Without that a reserve begins with the account's first
/// rehost, with as many units as the dead device has.
#[utoipa::path(post, path = "/accounts/{account}/reserves", tag = "activations", request_body = ReserveDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The reserve as it is now.", body = ReserveView), Writes))]
pub async fn mint_reserve(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<ReserveDraft>,
) -> Result<Json<ReserveView>, Problem> {
    let ReserveDraft { product: sku, units } = draft;
    let reserve = HoldingId(caller.id());
    caller.send(Command::MintReserve { account, reserve, sku: sku.clone(), units }).await?;
    caller.look(|sight| {
        let compat = sight.draft.product(&sku)?.compat;
        let rehosts = find::<Rehosts>(&sight.draft, account.bytes())?.map(|one| one.reserves).unwrap_or_default();
        for id in rehosts {
            if sight.draft.holding(id)?.compat == compat {
                return Ok(Json(view(sight, id)?));
            }
        }
        Err(StoreError::Io(format!("units were added to no reserve of {account}")).into())
    })
}

/// Ends an activation's renewal: its next check is refused, and its units come free when what it holds has run out. The key,
/// typed in again on the device, begins anew.
#[utoipa::path(post, path = "/activations/{activation}/stop", tag = "activations",
    params(("activation" = HexId, Path, description = "The activation.")),
    responses((status = 200, description = "The activation as it is now.", body = ActivationView), Writes))]
pub async fn stop_activation(caller: Caller, Path(id): Path<ActivationId>) -> Result<Json<ActivationView>, Problem> {
    caller.send(Command::StopRenewal { activation: id }).await?;
    caller.look(|sight| Ok(Json(shown(sight, id)?)))
}

/// Takes a stop back: the device is renewed at its next check, as far as there are units.
#[utoipa::path(post, path = "/activations/{activation}/resume", tag = "activations",
    params(("activation" = HexId, Path, description = "The activation.")),
    responses((status = 200, description = "The activation as it is now.", body = ActivationView), Writes))]
pub async fn resume_activation(caller: Caller, Path(id): Path<ActivationId>) -> Result<Json<ActivationView>, Problem> {
    caller.send(Command::ResumeRenewal { activation: id }).await?;
    caller.look(|sight| Ok(Json(shown(sight, id)?)))
}

/// Lets another device have a dead one's units at once: its renewal is ended, and the account's reserve stands in for what it
/// may still run on until that has ended. So many times a period, as the account's settings say.
#[utoipa::path(post, path = "/activations/{activation}/rehost", tag = "activations",
    params(("activation" = HexId, Path, description = "The activation of the dead device.")),
    responses((status = 200, description = "The activation as it is now.", body = ActivationView), Writes))]
pub async fn rehost_activation(caller: Caller, Path(id): Path<ActivationId>) -> Result<Json<ActivationView>, Problem> {
    let reserve = HoldingId(caller.id());
    caller.send(Command::Rehost { activation: id, reserve }).await?;
    caller.look(|sight| Ok(Json(shown(sight, id)?)))
}

fn view(sight: &mut Sight<'_>, id: HoldingId) -> Result<ReserveView, Problem> {
    let reserve = sight.holding_now(id)?;
    Ok(ReserveView {
        id,
        account: reserve.account,
        counts: Counts::of(&reserve),
        arriving: arriving(sight, &reserve)?,
        product: reserve.product,
        compat: reserve.compat,
        created: reserve.created.into(),
    })
}
