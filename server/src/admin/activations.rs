//! Activations: products on devices, and the lease or licence file each holds.

mod walk;

use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::list::rows::Activations;
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{HexId, Id, Quantity, When};
use super::words::{ActivationWord, ModeWord};
use axum::Json;
use leasehold_ledger::charge::living;
use leasehold_ledger::record::*;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::store::Table;
use leasehold_ledger::view::seconds;
use leasehold_protocol::{ActivationId, DeviceId, Refused, Time, Units};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use walk::{of_account, of_key};

/// An activation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivationView {
    /// Its id; stands in its leases and licence files.
    #[schema(value_type = HexId)]
    pub id: ActivationId,
    /// The key it was made with.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// The lot or allotment it draws on.
    #[schema(value_type = Id)]
    pub holding: HoldingId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The product's sku.
    pub product: String,
    /// Where it runs.
    #[schema(value_type = HexId)]
    pub device: DeviceId,
    /// On leases or on a licence file.
    #[schema(value_type = ModeWord)]
    pub mode: Mode,
    /// What became of it, by the clock.
    #[schema(value_type = ActivationWord)]
    pub state: ActivationState,
    /// Units asked for; null for all the key gives.
    #[schema(value_type = Option<Quantity>)]
    pub wanted: Option<Units>,
    /// The current lease or licence file; null once it was given back.
    pub lease: Option<LeaseView>,
    /// Units charged to its lot or allotment.
    #[schema(value_type = Quantity)]
    pub charged: Units,
    /// Units it carries that were moved on, oldest first to the second.
    pub encumbrances: Vec<EncumbranceView>,
    /// Older leases that may still be alive.
    pub older: Vec<LeaseView>,
    /// When the device was last heard.
    pub last_seen: Option<When>,
    /// Units in use as the device reported them.
    pub usage: BTreeMap<String, u32>,
    /// The product's version, as last reported.
    pub version: String,
    /// The code of the refusal it got last, if its last answer was one.
    pub refused: Option<&'static str>,
    /// Made at.
    pub created: When,
}

/// A lease or licence file.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaseView {
    /// Its sequence number.
    pub seq: u32,
    /// What it carries.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Signed at; not known of older ones.
    pub issued: Option<When>,
    /// Ends at; null for a licence file without an end.
    pub expires: Option<When>,
}

/// Units of another holding that an activation still carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct EncumbranceView {
    /// Where they are now.
    #[schema(value_type = Id)]
    pub holding: HoldingId,
    /// How many.
    #[schema(value_type = Quantity)]
    pub units: Units,
}

/// The activations of an account.
#[utoipa::path(get, path = "/accounts/{account}/activations", tag = "activations",
    params(("account" = Id, Path, description = "The account."), Listing<Activations>),
    responses((status = 200, description = "A page of activations.", body = Page<ActivationView>), Reads))]
pub async fn list_activations(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Activations>,
) -> Result<Json<Page<ActivationView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, last, most);
        Ok(Json(list(sight, &listing, read, |sight, row| shown(sight, row.id))?))
    })
}

/// The activations of a key.
#[utoipa::path(get, path = "/keys/{key}/activations", tag = "activations",
    params(("key" = Id, Path, description = "The key."), Listing<Activations>),
    responses((status = 200, description = "A page of activations.", body = Page<ActivationView>), Reads))]
pub async fn list_key_activations(
    caller: Caller,
    Path(key): Path<KeyId>,
    listing: Listing<Activations>,
) -> Result<Json<Page<ActivationView>>, Problem> {
    caller.look(|sight| {
        let key = sight.key(key)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_key(sight, &key, last, most);
        Ok(Json(list(sight, &listing, read, |sight, row| shown(sight, row.id))?))
    })
}

/// One activation.
#[utoipa::path(get, path = "/activations/{activation}", tag = "activations",
    params(("activation" = HexId, Path, description = "The activation.")),
    responses((status = 200, description = "The activation.", body = ActivationView), Reads))]
pub async fn show_activation(caller: Caller, Path(id): Path<ActivationId>) -> Result<Json<ActivationView>, Problem> {
    caller.look(|sight| Ok(Json(shown(sight, id)?)))
}

/// When the last of the living leases and licence files that stem from a holding ends; none where none is out.
///
/// # Errors
/// [`Problem`].
pub fn last_end(sight: &Sight<'_>, holding: HoldingId) -> Result<Option<Time>, Problem> {
    let mut last = None;
    for id in seconds(&sight.draft, Table::OpenActivations, holding.bytes())? {
        let (activation, slot) = sight.draft.indexed(id)?;
        if !living(&activation, &slot, sight.now).is_none() {
            let older = activation.older.iter().map(|artefact| artefact.exp);
            last = last.max(Some(older.fold(slot.exp, Time::max)));
        }
    }
    Ok(last)
}

/// An activation in reach.
///
/// # Errors
/// [`Problem`].
pub fn shown(sight: &mut Sight<'_>, id: ActivationId) -> Result<ActivationView, Problem> {
    let (activation, slot) = sight.activation(id)?;
    let kinds = sight.draft.product(&activation.product)?.kinds;
    Ok(view(activation, &slot, kinds, sight.now))
}

fn view(activation: Activation, slot: &Renewal, kinds: Vec<String>, now: Time) -> ActivationView {
    let has_ended = activation.state == ActivationState::Active && slot.exp <= now;
    let current = LeaseView {
        seq: slot.seq,
        units: activation.units,
        issued: Some(slot.iat.into()),
        expires: When::end(slot.exp),
    };
    let older = |artefact: Artefact| LeaseView {
        seq: artefact.seq,
        units: artefact.units,
        issued: None,
        expires: When::end(artefact.exp),
    };
    ActivationView {
        id: activation.id,
        key: activation.key,
        holding: activation.holding,
        account: activation.account,
        product: activation.product,
        device: activation.device,
        mode: activation.mode,
        state: if has_ended { ActivationState::Lapsed } else { activation.state },
        wanted: activation.wanted,
        lease: (!slot.is_released() && slot.seq > 0).then_some(current),
        charged: activation.charged,
        encumbrances: activation
            .encumbrances
            .into_iter()
            .map(|one| EncumbranceView { holding: one.at, units: one.units })
            .collect(),
        older: activation.older.into_iter().map(older).collect(),
        last_seen: (slot.last_seen > 0).then(|| Time(slot.last_seen.into()).into()),
        usage: kinds.into_iter().zip(slot.usage).filter(|(_, count)| *count > 0).collect(),
        version: activation.version,
        refused: activation.refused.map(|number| Refused::from_number(number).map_or("unknown", Refused::code)),
        created: activation.created.into(),
    }
}
