//! The outbox, for the operator of this machine at the Unix socket, and in no document of the API: a mail that is read has a link
//! in it that works.
//!
//! | call | does |
//! |---|---|
//! | `GET /api/v1/local/mails` | lists all mails, oldest first |
//! | `GET /api/v1/local/mails/in/{state}` | lists those that are `waiting`, `sent`, `failed` or `withdrawn` |
//! | `POST /api/v1/local/mails/{mail}/show` | renders one, with a link drawn for this reading |

use super::auth::Caller;
use super::extract::{Path, Query};
use super::page::{Page, PageQuery, page};
use super::problem::Problem;
use super::value::When;
use crate::app::App;
use crate::mail::post::Post;
use crate::mail::render::{NotRendered, render};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use leasehold_ledger::record::{AccountId, Mail, MailId, MailState};
use leasehold_ledger::row;
use leasehold_ledger::store::Table;
use serde::Serialize;
use std::sync::Arc;

/// Said with each letter that has a link.
const FRESH: &str =
    "The link was drawn for this reading and works once; links in earlier copies of this mail no longer work.";
/// Said with each letter that is still to be sent.
const TO_BE_SENT: &str = "The mail is still to be sent, and then has another link: this one stops working.";

/// The routes over an application.
pub fn router(app: Arc<App>, mail: Arc<Post>) -> Router {
    Router::new()
        .route("/api/v1/local/mails", get(list_mails))
        .route("/api/v1/local/mails/in/{state}", get(list_mails_in))
        .route("/api/v1/local/mails/{mail}/show", post(show_mail))
        .layer(Extension(mail))
        .with_state(app)
}

/// A mail, without its words.
#[derive(Debug, Serialize)]
struct MailView {
    id: MailId,
    kind: &'static str,
    to: String,
    state: MailState,
    account: Option<AccountId>,
    created: When,
    failed_tries: u32,
    next_try: Option<When>,
    last_error: String,
}

impl From<Mail> for MailView {
    fn from(mail: Mail) -> Self {
        let waits = mail.state == MailState::Waiting;
        Self {
            id: mail.id,
            kind: mail.kind.name(),
            to: mail.to,
            state: mail.state,
            account: mail.account,
            created: mail.created.into(),
            failed_tries: mail.tries,
            next_try: waits.then(|| mail.next_try.into()),
            last_error: mail.last_error,
        }
    }
}

/// A mail as its reader gets it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    mail: MailView,
    from: Option<String>,
    subject: String,
    text: String,
    html: String,
    notes: Vec<&'static str>,
}

async fn list_mails(caller: Caller, Query(query): Query<PageQuery>) -> Result<Json<Page<MailView>>, Problem> {
    list(&caller, &query, None)
}

async fn list_mails_in(
    caller: Caller,
    Path(state): Path<MailState>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MailView>>, Problem> {
    list(&caller, &query, Some(state))
}

fn list(caller: &Caller, query: &PageQuery, state: Option<MailState>) -> Result<Json<Page<MailView>>, Problem> {
    let paging = query.paging()?;
    caller.look(|sight| {
        let list = page(sight, (Table::Outbox, &[]), &paging, |_, key, value| {
            let mail: Mail = row::decode(key, value)?;
            Ok(state.is_none_or(|state| state == mail.state).then(|| mail.into()))
        });
        Ok(Json(list?))
    })
}

async fn show_mail(
    caller: Caller,
    Extension(post): Extension<Arc<Post>>,
    Path(id): Path<MailId>,
) -> Result<Json<Shown>, Problem> {
    let mail =
        caller.look(|sight| sight.draft.record::<Mail>(&id.0.to_be_bytes())?.ok_or_else(Problem::out_of_reach))?;
    let written = render(&caller.app, (&post.settings, &post.portal), (caller.actor.clone(), &mail)).await?;
    let text = |made: askama::Result<String>| made.map_err(Problem::failed);
    let mut notes = Vec::new();
    if mail.link().is_some() {
        notes.push(FRESH);
    }
    if mail.link().is_some() && mail.state == MailState::Waiting && post.settings.smtp.is_some() {
        notes.push(TO_BE_SENT);
    }
    Ok(Json(Shown {
        from: post.settings.from.as_ref().map(ToString::to_string),
        text: text(written.letter.plain())?,
        html: text(written.letter.html())?,
        subject: written.letter.subject,
        mail: mail.into(),
        notes,
    }))
}

impl From<NotRendered> for Problem {
    fn from(error: NotRendered) -> Self {
        match error {
            NotRendered::NotWritten(error) => error.into(),
            other => Self::failed(other),
        }
    }
}
