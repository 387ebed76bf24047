//! Signing in (A7, T1, V8).
//!
//! A sign-in costs one password hash and one look at the names, whoever it is; unknown, locked and wrong are one answer. What slows
//! guessing down is [`crate::identity::delays`].

use super::auth::Origin;
use super::docs::Writes;
use super::extract::Body;
use super::look_up::{accounts_of, good_secret};
use super::problem::Problem;
use super::profile::{PlaceView, ProfileView, places};
use super::slow::too_fast;
use super::value::{Id, When};
use crate::app::App;
use crate::identity::secret::{SECOND_FACTOR_PREFIX, SESSION_PREFIX, Secret, hash};
use crate::identity::{Password, second_factor};
use crate::random;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::{Basis, Factor, NewSecret, People};
use leasehold_ledger::people::user_named;
use leasehold_ledger::record::SecretId;
use leasehold_ledger::record::secret::{self, SecretKind};
use leasehold_ledger::record::user::{PasswordHash, User, UserState};
use leasehold_ledger::rule::code::fold;
use leasehold_ledger::view::find;
use leasehold_protocol::Refused;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Somebody who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Username or email.
    pub identifier: String,
    /// Password.
    pub password: Password,
}

/// The second half of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// What the first half answered.
    #[schema(examples("l2_..."))]
    pub second_factor: String,
    /// Six digits from an authenticator, or a recovery code.
    pub code: String,
}

/// A session that was just opened.
#[derive(Serialize, ToSchema)]
pub struct NewSession {
    /// What its holder sends as bearer. It is not shown again.
    #[schema(examples("ls_..."))]
    pub session: String,
    /// Its id, to end it by.
    #[schema(value_type = Id)]
    pub id: SecretId,
    /// It ends then, and after 30 minutes without use.
    pub expires: When,
    /// Who signed in.
    pub user: ProfileView,
    /// The accounts the person takes part in.
    pub accounts: Vec<PlaceView>,
    /// Until the password is changed the session is good for nothing else.
    pub must_change_password: bool,
}

/// A sign-in that waits for its second factor.
#[derive(Serialize, ToSchema)]
pub struct HalfSession {
    /// To be sent to `/sessions/second-factor` with a code.
    #[schema(examples("l2_..."))]
    pub second_factor: String,
    /// Good until.
    pub expires: When,
}

/// How far somebody came in.
pub enum Entered {
    /// All the way: 201.
    Session(Box<NewSession>),
    /// A second factor is asked for: 202.
    Half(HalfSession),
}

impl IntoResponse for Entered {
    fn into_response(self) -> Response {
        let private = [(CACHE_CONTROL, "no-store")];
        match self {
            Entered::Session(session) => (StatusCode::CREATED, private, Json(session)).into_response(),
            Entered::Half(half) => (StatusCode::ACCEPTED, private, Json(half)).into_response(),
        }
    }
}

/// Signs in by username or email. Unknown, locked and wrong are one answer: `sign_in_failed`.
#[utoipa::path(post, path = "/sessions", tag = "sessions", security(()), request_body = SignIn,
    responses((status = 201, description = "A session.", body = NewSession),
        (status = 202, description = "A second factor is asked for.", body = HalfSession), Writes))]
pub async fn open_session(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(ask): Body<SignIn>,
) -> Result<Entered, Problem> {
    let name = fold(&ask.identifier);
    let attempt = app.identity.delays.password(origin.address(), &name).await.map_err(too_fast)?;
    let user = user_named(app.view()?.as_ref(), &ask.identifier)?.filter(|user| user.state == UserState::Active);
    let known = user.as_ref().and_then(|user| user.password.clone());
    let fits = app.identity.hasher.verify(&ask.password, known.as_ref().map(|hash| hash.0.as_str())).await?;
    let (Some(user), Some(verified), true) = (user, known, fits) else { return Err(sign_in_failed()) };
    attempt.right();
    enter(&app, &user, verified, origin).await
}

/// Opens a session for somebody whose password was right, or asks for the second factor.
///
/// # Errors
/// [`Problem`]; `sign_in_failed` for who was locked, or whose password was changed, meanwhile.
pub async fn enter(app: &App, user: &User, verified: PasswordHash, origin: Origin) -> Result<Entered, Problem> {
    if user.second_factor().is_none() {
        return open(app, user, Basis::Password { verified }, origin).await.map_err(unless_refused);
    }
    let (drawn, secret) = draw(app, SECOND_FACTOR_PREFIX, origin);
    send(app, user, People::BeginSecondFactor { user: user.id, secret, verified }, origin)
        .await
        .map_err(unless_refused)?;
    let expires = When(app.clock.now().plus(secret::SECOND_FACTOR_LIFE));
    Ok(Entered::Half(HalfSession { second_factor: drawn.text, expires }))
}

/// Finishes a sign-in with a code. A code works once; wrong ones are limited for each person, recovery codes are not.
#[utoipa::path(post, path = "/sessions/second-factor", tag = "sessions", security(()), request_body = SecondFactor,
    responses((status = 201, description = "A session.", body = NewSession), Writes))]
pub async fn pass_second_factor(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(ask): Body<SecondFactor>,
) -> Result<Entered, Problem> {
    let half = hash(&ask.second_factor);
    let Some((_, user)) = good_secret(&app, &half, &SecretKind::SecondFactor)? else {
        let counted =
            super::auth::not_good(&app, origin.address(), "second_factor_invalid", "sign in again from the start");
        return Err(counted);
    };
    let factor = match second_factor::recovery_hash(&ask.code) {
        Some(hash) => Factor::Recovery { hash },
        None => Factor::Totp { step: step(&app, &user, &ask.code)? },
    };
    open(&app, &user, Basis::SecondFactor { half, factor }, origin).await
}

/// The step a right code is of; a wrong one is counted.
///
/// # Errors
/// `code_invalid`, `too_fast`.
pub fn step(app: &App, user: &User, code: &str) -> Result<u64, Problem> {
    let attempt = app.identity.delays.code(user.id.bytes()).map_err(too_fast)?;
    let secret = user.totp.as_ref().map(|totp| totp.secret.0.as_slice()).unwrap_or_default();
    let step = second_factor::check(secret, code, app.clock.now()).filter(|_| !secret.is_empty());
    let step = step.ok_or_else(|| Problem::refused(Refused::CodeInvalid, "no code of this moment".to_owned()))?;
    attempt.right();
    Ok(step)
}

async fn open(app: &App, user: &User, basis: Basis, origin: Origin) -> Result<Entered, Problem> {
    let (drawn, secret) = draw(app, SESSION_PREFIX, origin);
    send(app, user, People::OpenSession { user: user.id, secret, basis }, origin).await?;
    Ok(Entered::Session(Box::new(opened(app, drawn.text)?)))
}

/// A session's first answer, from the store as it is now.
///
/// # Errors
/// [`Problem`].
pub fn opened(app: &App, text: String) -> Result<NewSession, Problem> {
    let view = app.view()?;
    let gone = || super::auth::not_good(app, Origin::Socket.address(), "session_invalid", "it was ended at once");
    let session = find::<secret::Secret>(view.as_ref(), &hash(&text))?.ok_or_else(gone)?;
    let user = find::<User>(view.as_ref(), session.user.bytes())?.ok_or_else(gone)?;
    let accounts = places(&accounts_of(view.as_ref(), user.id)?);
    Ok(NewSession {
        session: text,
        id: session.id,
        expires: session.expires.into(),
        must_change_password: user.must_change,
        user: user.into(),
        accounts,
    })
}

/// A secret with this prefix, and what the ledger is told of it.
pub fn draw(app: &App, prefix: &str, origin: Origin) -> (Secret, NewSecret) {
    let drawn = Secret::drawn(prefix);
    let id = SecretId(random::id(app.clock.now()));
    let secret = NewSecret { id, hash: drawn.hash, from: origin.place().to_string() };
    (drawn, secret)
}

async fn send(app: &App, user: &User, command: People, origin: Origin) -> Result<(), Problem> {
    app.send(Actor::person(user, None).coming_from(origin.place()), Command::People(Box::new(command))).await?;
    Ok(())
}

/// What a rule has against a right password tells a stranger nothing.
fn unless_refused(problem: Problem) -> Problem {
    if problem.status().is_client_error() { sign_in_failed() } else { problem }
}

fn sign_in_failed() -> Problem {
    let title = "This did not sign you in";
    Problem::new(StatusCode::UNAUTHORIZED, "sign_in_failed", title, "no such name with this password may sign in")
        .hint("Check both, or ask for a new password; an administrator sees whether you are locked.")
}
