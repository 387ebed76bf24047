//! Devices that announced themselves under an account's enrolment code, and wait until somebody licenses them (A5).

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::list::rows::WaitingDevices;
use super::list::{Listing, list};
use super::page::{Page, indexed};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id, Quantity, When};
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::store::Table;
use leasehold_protocol::{DeviceId, Units};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A device that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// The hash of its public key.
    #[schema(value_type = HexId)]
    pub id: DeviceId,
    /// Under whose code it announced itself.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The product's sku.
    pub product: String,
    /// What it is called, as it said last.
    pub name: Option<String>,
    /// The product's version, as it said last.
    pub version: String,
    /// `waiting`; `licensed` until it asks for its lease; `turned_away`.
    pub state: &'static str,
    /// The key it was given.
    #[schema(value_type = Option<Id>)]
    pub key: Option<KeyId>,
    /// Units of it; null for all the key gives.
    #[schema(value_type = Option<Quantity>)]
    pub units: Option<Units>,
    /// When it was given that.
    pub licensed: Option<When>,
    /// First heard.
    pub announced: When,
    /// Last heard, to the hour. Thirty days later it waits no more.
    pub heard: When,
}

/// What a waiting device is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Licensing {
    /// A key of the account for the device's product.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// Units of it; null for all the key gives.
    #[schema(value_type = Option<Quantity>)]
    pub units: Option<Units>,
}

/// The devices that wait in an account.
#[utoipa::path(get, path = "/accounts/{account}/waiting-devices", tag = "devices",
    params(("account" = Id, Path, description = "The account."), Listing<WaitingDevices>),
    responses((status = 200, description = "A page of waiting devices.", body = Page<WaitingView>), Reads))]
pub async fn list_waiting_devices(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<WaitingDevices>,
) -> Result<Json<Page<WaitingView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], row: &[u8]| {
                let waiting: Waiting = decode(&[account.bytes(), id].concat(), row)?;
                Ok(Some(waiting).filter(|waiting| !waiting.is_over(sight.now)))
            };
            indexed(sight, (Table::WaitingDevices, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |_, waiting| Ok(view(waiting)))?))
    })
}

/// Gives a waiting device a key of the account, by the rules of an activation. It gets its lease when it asks for the next time, within ten
/// minutes as a rule, and its units are charged then: nothing is taken for a device that never asks again.
#[utoipa::path(post, path = "/accounts/{account}/waiting-devices/{device}/license", tag = "devices",
    request_body = Licensing,
    params(("account" = Id, Path, description = "The account."),
        ("device" = HexId, Path, description = "The waiting device.")),
    responses((status = 204, description = "The device gets its lease when it asks."), Writes))]
pub async fn license_waiting_device(
    caller: Caller,
    Path((account, device)): Path<(AccountId, DeviceId)>,
    Body(Licensing { key, units }): Body<Licensing>,
) -> Result<StatusCode, Problem> {
    caller.send(Command::LicenseWaiting { account, device, key, units }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turns a waiting device away: it is told that its enrolment is not valid, and stops asking. It stays on the list for thirty days, in which
/// it can be licensed still.
#[utoipa::path(delete, path = "/accounts/{account}/waiting-devices/{device}", tag = "devices",
    params(("account" = Id, Path, description = "The account."),
        ("device" = HexId, Path, description = "The waiting device.")),
    responses((status = 204, description = "It waits no more."), Writes))]
pub async fn turn_away_device(
    caller: Caller,
    Path((account, device)): Path<(AccountId, DeviceId)>,
) -> Result<StatusCode, Problem> {
    caller.send(Command::TurnAway { account, device }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(waiting: Waiting) -> WaitingView {
    let given = waiting.given().cloned();
    WaitingView {
        id: waiting.device,
        account: waiting.account,
        state: waiting.verdict.word(),
        product: waiting.product,
        name: waiting.name,
        version: waiting.version,
        key: given.as_ref().map(|given| given.key),
        licensed: given.as_ref().map(|given| given.at.into()),
        units: given.and_then(|given| given.units),
        announced: waiting.announced.into(),
        heard: waiting.heard.into(),
    }
}
