//! Devices: where an account's keys are used.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::list::rows::Devices;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id, When};
use axum::Json;
use leasehold_ledger::charge::living;
use leasehold_ledger::record::*;
use leasehold_ledger::row::decode;
use leasehold_ledger::store::Table;
use leasehold_ledger::view::seconds;
use leasehold_protocol::{DeviceId, Time};
use serde::Serialize;
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
    /// A living lease or licence file of this account is on it.
    pub in_use: bool,
    /// Its activations in this account.
    pub activations: usize,
    /// First heard.
    pub first_seen: When,
    /// Last heard.
    pub last_seen: Option<When>,
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
            let row =
                |_: &mut Sight<'_>, id: &[u8], row: &[u8]| Ok(Some(decode(&[account.bytes(), id].concat(), row)?));
            indexed(sight, (Table::Devices, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |sight, device| view(sight, device))?))
    })
}

fn view(sight: &Sight<'_>, device: Device) -> Result<DeviceView, Problem> {
    let (mut in_use, mut activations, mut last_seen) = (false, 0, 0);
    for id in seconds(&sight.draft, Table::DeviceActivations, &device.id.0)? {
        let (activation, slot) = sight.draft.indexed(id)?;
        // The same device may serve another account, which is none of this one's business.
        if activation.account == device.account {
            in_use |= !living(&activation, &slot, sight.now).is_none();
            last_seen = last_seen.max(slot.last_seen);
            activations += 1;
        }
    }
    Ok(DeviceView {
        id: device.id,
        account: device.account,
        name: device.name,
        in_use,
        activations,
        first_seen: device.first_seen.into(),
        last_seen: (last_seen > 0).then(|| Time(last_seen.into()).into()),
    })
}
