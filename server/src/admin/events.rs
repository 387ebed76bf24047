//! Events: what happened to an account, newest first.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::{Path, Query};
use super::page::{Page, PageQuery, page};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, When};
use axum::Json;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{StoreError, Table};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An Event, from one account's side.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its place in the installation's chain.
    pub number: u64,
    /// When.
    pub at: When,
    /// Who: `token NAME`, `operator`, or what part of the server.
    pub actor: String,
    /// What.
    pub verb: &'static str,
    /// To what: an id. Null where it is the other side's.
    pub subject: Option<String>,
    /// Names and values.
    pub detail: BTreeMap<String, String>,
}

/// The Events of an account, newest first.
#[utoipa::path(get, path = "/accounts/{account}/events", tag = "events",
    params(("account" = Id, Path, description = "The account."), PageQuery),
    responses((status = 200, description = "A page of Events.", body = Page<EventView>), Reads))]
pub async fn list_events(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<EventView>>, Problem> {
    let paging = query.paging()?;
    caller.look(|sight| {
        sight.account(account)?;
        let list = page(sight, (Table::AccountEvents, account.bytes()), &paging, |sight, countdown, _| {
            let damaged = || StoreError::Io("a row of account_events leads nowhere".into());
            let countdown = countdown.try_into().map(u64::from_be_bytes).map_err(|_| damaged())?;
            let event: Option<Event> = sight.draft.record(&(u64::MAX - countdown).to_be_bytes())?;
            view(sight, account, event.ok_or_else(damaged)?).map(Some)
        });
        Ok(Json(list?))
    })
}

/// What touches two accounts shows each its own side only: ids of the other side are left out unless it is in reach.
fn view(sight: &Sight<'_>, account: AccountId, event: Event) -> Result<EventView, Problem> {
    let mut detail: BTreeMap<String, String> = event.detail.into_iter().collect();
    let mut subject = Some(event.subject);
    let mut others = event.accounts.iter().filter(|one| **one != account);
    let hidden = others.try_fold(false, |hidden, other| Ok::<_, Problem>(hidden || !sight.reaches(*other)?))?;
    if hidden && event.verb == Verb::UnitsMoved {
        let gave = event.accounts.first() == Some(&account);
        let (from, to) = (detail.remove("from"), detail.remove("to"));
        subject = if gave { from } else { to };
    } else if hidden && event.verb == Verb::AccountCreated {
        detail.remove("parent");
    } else if hidden {
        subject = None;
    }
    Ok(EventView {
        number: event.number,
        at: event.at.into(),
        actor: event.actor,
        verb: event.verb.name(),
        subject,
        detail,
    })
}
