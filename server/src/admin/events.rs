//! Events: what happened to an account, newest first, filtered by what the caller sees of them.

use super::auth::Caller;
use super::docs::Reads;
use super::extract::{Path, Query};
use super::page::{Page, PageQuery, invalid, page};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, When};
use axum::Json;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::code::fold;
use leasehold_ledger::store::{StoreError, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// What an account reads in the place of somebody above it: who works there is not its business (V13).
const ABOVE: &str = "above";

/// What stands in every account of a user: its subject, the user or something of the user's, is none of the first one's alone.
const OF_USERS: [Verb; 16] = [
    Verb::UserCreated,
    Verb::UserUpdated,
    Verb::UserLocked,
    Verb::UserUnlocked,
    Verb::ResetRequested,
    Verb::PasswordChanged,
    Verb::EmailChangeRequested,
    Verb::EmailChanged,
    Verb::SecondFactorStarted,
    Verb::SecondFactorConfirmed,
    Verb::SecondFactorDropped,
    Verb::SessionOpened,
    Verb::SessionClosed,
    Verb::LinkIssued,
    Verb::MailSent,
    Verb::MailFailed,
];

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

/// Which Events, and which page of them. Filters hold together; each looks at what the caller sees.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// One of the verbs.
    pub verb: Option<String>,
    /// A part of the actor's name, in any case.
    pub actor: Option<String>,
    /// The subject, whole.
    pub subject: Option<String>,
    /// From this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<When>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<When>,
}

impl EventQuery {
    fn checked(self) -> Result<(PageQuery, Filter), Problem> {
        let known = |name: &String| Verb::ALL.iter().any(|verb| verb.name() == name);
        if let Some(verb) = self.verb.as_ref().filter(|verb| !known(verb)) {
            return Err(invalid(format!("verb: there is none called {verb:?}")));
        }
        let actor = self.actor.as_deref().map(fold);
        let Self { limit, cursor, verb, subject, since, until, .. } = self;
        Ok((PageQuery { limit, cursor }, Filter { verb, actor, subject, since, until }))
    }
}

/// What an Event has to be like.
struct Filter {
    verb: Option<String>,
    actor: Option<String>,
    subject: Option<String>,
    since: Option<When>,
    until: Option<When>,
}

impl Filter {
    /// Whether it may be one of them, as far as its row says: sparing the look at who may see what.
    fn may_want(&self, event: &Event) -> bool {
        self.verb.as_ref().is_none_or(|verb| event.verb.name() == verb)
            && self.since.is_none_or(|since| since.0 <= event.at)
            && self.until.is_none_or(|until| event.at < until.0)
    }

    /// Whether it is one of them, by what the caller sees: a filter must not tell what the answer hides.
    fn wants(&self, event: &EventView) -> bool {
        self.actor.as_ref().is_none_or(|actor| fold(&event.actor).contains(actor))
            && self.subject.as_ref().is_none_or(|subject| event.subject.as_ref() == Some(subject))
    }
}

/// The Events of an account, newest first.
#[utoipa::path(get, path = "/accounts/{account}/events", tag = "events",
    params(("account" = Id, Path, description = "The account."), EventQuery),
    responses((status = 200, description = "A page of Events.", body = Page<EventView>), Reads))]
pub async fn list_events(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<EventQuery>,
) -> Result<Json<Page<EventView>>, Problem> {
    let (query, filter) = query.checked()?;
    let paging = query.paging()?;
    caller.look(|sight| {
        sight.account(account)?;
        let list = page(sight, (Table::AccountEvents, account.bytes()), &paging, |sight, countdown, _| {
            let event = on_side(sight, countdown)?;
            if !filter.may_want(&event) {
                return Ok(None);
            }
            view(sight, account, event).map(|event| Some(event).filter(|event| filter.wants(event)))
        });
        Ok(Json(list?))
    })
}

/// The Event that a row of an account's side leads to, by what follows the account in its key.
///
/// # Errors
/// [`Problem`].
pub fn on_side(sight: &Sight<'_>, countdown: &[u8]) -> Result<Event, Problem> {
    let damaged = || StoreError::Io("a row of account_events leads nowhere".into());
    let countdown = countdown.try_into().map(u64::from_be_bytes).map_err(|_| damaged())?;
    let event: Option<Event> = sight.draft.record(&(u64::MAX - countdown).to_be_bytes())?;
    Ok(event.ok_or_else(damaged)?)
}

/// An Event from the side of `account`, as far as the caller sees: of what touches two accounts, and of who did it, only
/// what is in reach.
///
/// # Errors
/// [`Problem`].
pub fn view(sight: &Sight<'_>, account: AccountId, event: Event) -> Result<EventView, Problem> {
    let sides = event.accounts.iter().map(|side| Reach::of(sight, *side)).collect::<Result<Vec<_>, _>>()?;
    let is_seen = event.home.map_or(Ok(true), |home| sight.reaches(home))?;
    let is_first = event.accounts.first().is_none_or(|first| *first == account);
    let is_nobodys = event.other.is_some() || OF_USERS.contains(&event.verb);
    let is_told = is_first || is_nobodys || sides.first().is_some_and(|side| *side > Reach::None);
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
