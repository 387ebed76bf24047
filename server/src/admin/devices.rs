//! Devices: where an account's keys are used, what they are called, and how they do.

pub mod health;

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::list::rows::Devices;
use super::list::{Listing, list};
use super::page::{Page, indexed};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id, When};
use axum::Json;
use health::{Health, Seen};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::store::Table;
use leasehold_protocol::{ActivationId, DeviceId, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A device, as one account knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceView {
    /// The hash of its public key.
    #[schema(value_type = HexId)]
    pub id: DeviceId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// What people call it.
    pub name: Option<String>,
    /// How it does.
    pub health: Health,
    /// A living lease or licence file of this account is on it.
    pub in_use: bool,
    /// Its activations in this account: how many.
    pub activations: usize,
    /// Those activations; `GET /activations/{activation}` shows one.
    #[schema(value_type = Vec<HexId>)]
    pub licences: Vec<ActivationId>,
    /// First heard.
    pub first_seen: When,
    /// Last heard.
    pub last_seen: Option<When>,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceChange {
    /// What people call it; null for nothing.
    pub name: Option<String>,
}

/// The devices of an account.
#[utoipa::path(get, path = "/accounts/{account}/devices", tag = "devices",
    params(("account" = Id, Path, description = "The account."), Listing<Devices>),
    responses((status = 200, description = "A page of devices.", body = Page<DeviceView>), Reads))]
pub async fn list_devices(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Devices>,
) -> Result<Json<Page<DeviceView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], row: &[u8]| {
                Seen::of(sight, decode(&[account.bytes(), id].concat(), row)?).map(Some)
            };
            indexed(sight, (Table::Devices, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |_, seen| Ok(view(seen)))?))
    })
}

/// Gives a device another name, or none.
#[utoipa::path(patch, path = "/accounts/{account}/devices/{device}", tag = "devices", request_body = DeviceChange,
    params(("account" = Id, Path, description = "The account."),
        ("device" = HexId, Path, description = "The device.")),
    responses((status = 200, description = "The device as it is now.", body = DeviceView), Writes))]
pub async fn update_device(
    caller: Caller,
    Path((account, device)): Path<(AccountId, DeviceId)>,
    Body(DeviceChange { name }): Body<DeviceChange>,
) -> Result<Json<DeviceView>, Problem> {
    caller.send(Command::RenameDevice { account, device, name }).await?;
    caller.look(|sight| Ok(Json(view(seen(sight, account, device)?))))
}

/// A device of an account in reach.
///
/// # Errors
/// [`Problem`].
pub fn seen(sight: &Sight<'_>, account: AccountId, device: DeviceId) -> Result<Seen, Problem> {
    sight.account(account)?;
    let device: Option<Device> = sight.draft.record(&Device::key_of(account, device))?;
    Seen::of(sight, device.ok_or_else(Problem::out_of_reach)?)
}

/// A device as it is shown.
#[must_use]
pub fn view(Seen { device, health, in_use, licences, last_seen }: Seen) -> DeviceView {
    DeviceView {
        id: device.id,
        account: device.account,
        name: device.name,
        health,
        in_use,
        activations: licences.len(),
        licences,
        first_seen: device.first_seen.into(),
        last_seen: (last_seen > 0).then(|| Time(last_seen.into()).into()),
    }
}
