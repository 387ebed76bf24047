//! Events: what happened to an account, newest first, filtered, as JSON or as CSV.

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

/// What an account reads in the place of somebody above it: who works there is not its business (V13).
const ABOVE: &str = "above";

/// An Event, from one account's side.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its place in the installation's chain.
    pub number: u64,
    /// When.
    pub at: When,
    /// Who: `user NAME`, `token NAME`, `operator`, `device ID` or `job NAME`; `above` for whoever acted from an account above.
    pub actor: String,
    /// From where: an IP address, or `socket`. Null for devices and jobs, and where the actor is `above`.
    pub from: Option<String>,
    /// What.
    pub verb: &'static str,
    /// To what: an id. Null where it is the other side's.
    pub subject: Option<String>,
    /// Names and values.
    pub detail: BTreeMap<String, String>,
    /// What became of what: one field each.
    pub changes: Vec<ChangeView>,
}

/// A field that changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// The field.
    pub field: String,
    /// Its value before; null for none.
    pub before: Option<String>,
    /// Its value after; null for none.
    pub after: Option<String>,
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

/// An Event from the side of `account`, as far as the caller sees: of what touches two accounts, and of who did it, only
/// what is in reach.
fn view(sight: &Sight<'_>, account: AccountId, event: Event) -> Result<EventView, Problem> {
    let sides = event.accounts.iter().map(|side| Reach::of(sight, *side)).collect::<Result<Vec<_>, _>>()?;
    let is_seen = event.home.map_or(Ok(true), |home| sight.reaches(home))?;
    let is_first = event.accounts.first().is_none_or(|first| *first == account);
    let is_told = is_first || event.other.is_some() || sides.first().is_some_and(|side| *side > Reach::None);
    let subject = is_told.then(|| event.subject_of(account).to_owned());
    let from = Some(event.from.to_string()).filter(|from| is_seen && !from.is_empty());
    let (mut detail, mut changes) = (BTreeMap::new(), Vec::new());
    for fact in event.facts.into_iter().filter(|fact| may_read(&sides, fact.eyes)) {
        match fact.value {
            Value::Is(value) => drop(detail.insert(fact.name, value)),
            Value::Was(before, after) => changes.push(ChangeView { field: fact.name, before, after }),
        }
    }
    let actor = if is_seen { event.actor } else { ABOVE.to_owned() };
    let (number, at, verb) = (event.number, event.at.into(), event.verb.name());
    Ok(EventView { number, at, actor, from, verb, subject, detail, changes })
}

/// How the caller stands to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    None,
    Own,
    Above,
}

impl Reach {
    fn of(sight: &Sight<'_>, account: AccountId) -> Result<Self, Problem> {
        Ok(match sight.reaches(account)? {
            false => Self::None,
            // Nobody is above the vendor.
            true if account == sight.caller.account && sight.account(account)?.parent.is_some() => Self::Own,
            true => Self::Above,
        })
    }
}

fn may_read(sides: &[Reach], eyes: Eyes) -> bool {
    // A move inside one account has one account for both sides.
    let side = |number: u8| sides.get(usize::from(number)).or(sides.last()).copied().unwrap_or(Reach::None);
    match eyes {
        Eyes::All => true,
        Eyes::Side(number) => side(number) >= Reach::Own,
        Eyes::Above(number) => side(number) == Reach::Above,
    }
}
