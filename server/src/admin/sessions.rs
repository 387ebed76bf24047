//! Sessions, as the person sees them who opened them: listed, and ended here or somewhere else.

use super::docs::{Reads, Writes};
use super::extract::Path;
use super::person::{Person, SignedIn};
use super::problem::Problem;
use super::value::{Id, When};
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::command::people::People;
use leasehold_ledger::people::secrets_of;
use leasehold_ledger::record::SecretId;
use leasehold_ledger::record::secret::SecretKind;
use serde::Serialize;
use utoipa::ToSchema;

/// A session, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: SecretId,
    /// Signed in at.
    pub created: When,
    /// Ends at the latest.
    pub expires: When,
    /// Last used at, to within five minutes.
    pub last_used: When,
    /// From where it was last used.
    pub from: String,
    /// It is the one that asks.
    pub current: bool,
}

/// The caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// Oldest first.
    pub items: Vec<SessionView>,
}

/// The caller's sessions.
#[utoipa::path(get, path = "/sessions", tag = "sessions",
    responses((status = 200, description = "The caller's sessions.", body = Sessions), Reads))]
pub async fn list_sessions(person: Person) -> Result<Json<Sessions>, Problem> {
    let now = person.now();
    let secrets = secrets_of(person.app.view()?.as_ref(), person.user.id)?;
    let good = secrets.into_iter().filter(|secret| secret.kind == SecretKind::Session && secret.is_good(now));
    let items = good.map(|secret| SessionView {
        id: secret.id,
        created: secret.created.into(),
        expires: secret.expires.into(),
        last_used: secret.last_used.into(),
        from: secret.from,
        current: secret.id == person.session.id,
    });
    Ok(Json(Sessions { items: items.collect() }))
}

/// Ends every session of the caller but the one that asks.
#[utoipa::path(delete, path = "/sessions", tag = "sessions",
    responses((status = 204, description = "They have ended."), Writes))]
pub async fn close_sessions(person: Person) -> Result<StatusCode, Problem> {
    person.send(People::CloseSessions { keep: Some(person.session.id) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one session of the caller: signs out, here or somewhere else.
#[utoipa::path(delete, path = "/sessions/{session}", tag = "sessions",
    params(("session" = Id, Path, description = "The session.")),
    responses((status = 204, description = "It has ended."), Writes))]
pub async fn close_session(SignedIn(person): SignedIn, Path(session): Path<SecretId>) -> Result<StatusCode, Problem> {
    person.send(People::CloseSession { session }).await?;
    Ok(StatusCode::NO_CONTENT)
}
