//! One device's life: what happened to it, newest first, and what it has in hand, claim by claim.

use super::auth::Caller;
use super::claims::ClaimsView;
use super::devices::{DeviceView, seen, view};
use super::docs::Reads;
use super::events::{EventView, on_side, view as event_view};
use super::extract::{Path, Query};
use super::page::{Page, PageQuery, page};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id};
use axum::Json;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Table;
use leasehold_protocol::{ActivationId, DeviceId};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One device's life.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifeView {
    /// The device.
    pub device: DeviceView,
    /// The lease or licence file of each of its activations, decoded; those that were given back are left out.
    pub leases: Vec<ClaimsView>,
    /// What happened to it and to its activations, newest first.
    pub items: Vec<EventView>,
    /// The cursor of the next page. Only a page without it is the last; a page may hold fewer items than `limit`, even none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One device's life as a list of Events, newest first, and its leases decoded.
#[utoipa::path(get, path = "/accounts/{account}/devices/{device}/life", tag = "devices",
    params(("account" = Id, Path, description = "The account."),
        ("device" = HexId, Path, description = "The device."), PageQuery),
    responses((status = 200, description = "A page of the device's life.", body = LifeView), Reads))]
pub async fn show_device_life(
    caller: Caller,
    Path((account, id)): Path<(AccountId, DeviceId)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<LifeView>, Problem> {
    let paging = query.paging()?;
    let keyset_version = caller.app.keyring.load().keyset().version;
    caller.look(|sight| {
        let seen = seen(sight, account, id)?;
        let leases = leases(sight, &seen.licences, keyset_version)?;
        let own = seen.licences.iter().map(ToString::to_string).chain([id.to_string()]);
        let own: BTreeSet<String> = own.collect();
        let Page { items, next } = page(sight, (Table::AccountEvents, account.bytes()), &paging, |sight, key, _| {
            let event = on_side(sight, key)?;
            let is_own = own.contains(event.subject_of(account));
            is_own.then(|| event_view(sight, account, event)).transpose()
        })?;
        Ok(Json(LifeView { device: view(seen), leases, items, next }))
    })
}

fn leases(sight: &mut Sight<'_>, licences: &[ActivationId], keyset_version: u32) -> Result<Vec<ClaimsView>, Problem> {
    let mut leases = Vec::new();
    for id in licences {
        let (activation, slot) = sight.activation(*id)?;
        if slot.seq > 0 && !slot.is_released() {
            leases.push(ClaimsView::of(sight, &activation, &slot, keyset_version)?);
        }
    }
    Ok(leases)
}
