//! Passwords: forgotten, set by link, changed, drawn at random.

use super::auth::{Caller, Origin};
use super::chosen::hashed_for;
use super::docs::{Reads, Writes};
use super::extract::Body;
use super::look_up::good_link;
use super::person::SignedIn;
use super::problem::Problem;
use super::sign_in::{Entered, HalfSession, NewSession, draw, enter, opened};
use super::slow::too_fast;
use crate::app::App;
use crate::identity::Password;
use crate::identity::secret::{SESSION_PREFIX, hash};
use crate::random;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::{Authority, People};
use leasehold_ledger::people::user_named;
use leasehold_ledger::record::secret::SecretKind;
use leasehold_ledger::record::user::UserState;
use leasehold_ledger::rule::code::fold;
use leasehold_protocol::Refused;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Somebody who forgot the password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// Email or username.
    pub identifier: String,
}

/// A password by link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// The secret at the end of the mailed link.
    #[schema(examples("ll_..."))]
    pub link: String,
    /// The new password: 12 to 256 characters, none of the common ones.
    pub password: Password,
    /// The same again, if somebody types it.
    pub confirm_password: Option<Password>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one so far.
    pub old_password: Password,
    /// The new password: 12 to 256 characters, none of the common ones.
    pub password: Password,
    /// The same again, if somebody types it.
    pub confirm_password: Option<Password>,
}

/// A password that nobody has.
#[derive(Serialize, ToSchema)]
pub struct RandomPassword {
    /// The password.
    pub password: String,
}

/// Mails a link to set a new password, if there is such a person. The answer is the same for everybody.
#[utoipa::path(post, path = "/password/forgot", tag = "password", security(()), request_body = Forgotten,
    responses((status = 202, description = "If there is such a person, a link is on its way."), Writes))]
pub async fn forgot_password(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(ask): Body<Forgotten>,
) -> Result<StatusCode, Problem> {
    app.identity.delays.favour(origin.address()).map_err(too_fast)?;
    // Answered before anything is looked at: how long it takes says nothing.
    tokio::spawn(async move { remind(&app, &ask.identifier, origin).await });
    Ok(StatusCode::ACCEPTED)
}

async fn remind(app: &App, identifier: &str, origin: Origin) {
    let found = app.view().and_then(|view| user_named(view.as_ref(), identifier));
    let Ok(Some(user)) = found else { return };
    if user.state != UserState::Active || app.identity.delays.mail(fold(&user.email).as_bytes()).is_err() {
        return; // mailboxes are not to be flooded either
    }
    let request = Command::People(Box::new(People::RequestReset { user: user.id }));
    if let Err(error) = app.send(Actor::system("a stranger").coming_from(origin.place()), request).await {
        tracing::warn!(%error, user = %user.id, "a reset was asked for and not mailed");
    }
}

/// Sets a password by a link out of a mail, which works once, and signs in (A9). Every session there was ends.
#[utoipa::path(post, path = "/password/set", tag = "password", security(()), request_body = SetPassword,
    responses((status = 201, description = "A session.", body = NewSession),
        (status = 202, description = "A second factor is asked for.", body = HalfSession), Writes))]
pub async fn set_password(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(ask): Body<SetPassword>,
) -> Result<Entered, Problem> {
    let link = hash(&ask.link);
    // Nothing is computed for somebody without a link.
    let (_, user) = good_link(&app, origin, &link, &SecretKind::SetPassword)?;
    let password = hashed_for(&app, &user, &ask.password, ask.confirm_password.as_ref()).await?;
    let set = People::SetPassword { authority: Authority::Link { hash: link }, password: password.clone() };
    app.send(Actor::person(&user, None).coming_from(origin.place()), Command::People(Box::new(set))).await?;
    enter(&app, &user, password, origin).await
}

/// Changes the caller's password. Every other session ends, and this one's secret is exchanged.
#[utoipa::path(post, path = "/password/change", tag = "password", request_body = ChangePassword,
    responses((status = 201, description = "The session, with its new secret.", body = NewSession), Writes))]
pub async fn change_password(
    SignedIn(person): SignedIn,
    origin: Origin,
    Body(ask): Body<ChangePassword>,
) -> Result<Entered, Problem> {
    let (app, user) = (&person.app, &person.user);
    // Who found an open session must not guess the password here at leisure.
    let attempt = app.identity.delays.password(origin.address(), &fold(user.name())).await.map_err(too_fast)?;
    let known = user.password.clone().ok_or_else(wrong)?;
    if !app.identity.hasher.verify(&ask.old_password, Some(&known.0)).await? {
        return Err(wrong());
    }
    attempt.right();
    let password = hashed_for(app, user, &ask.password, ask.confirm_password.as_ref()).await?;
    if ask.password.text() == ask.old_password.text() {
        let detail = "the password will not do: it is the one so far";
        return Err(Problem::refused(Refused::PasswordWeak, detail.to_owned()));
    }
    let (drawn, next) = draw(app, SESSION_PREFIX, origin);
    let authority = Authority::Own { verified: known, session: person.session.hash, next: next.hash };
    person.send(People::SetPassword { authority, password }).await?;
    Ok(Entered::Session(Box::new(opened(app, drawn.text)?)))
}

/// A random password that meets the rules (T32). It is nobody's until somebody is given it.
#[utoipa::path(get, path = "/password/random", tag = "password",
    responses((status = 200, description = "A password.", body = RandomPassword), Reads))]
pub async fn random_password(_: Caller) -> impl IntoResponse {
    let password = random::key_code();
    ([(CACHE_CONTROL, "no-store")], Json(RandomPassword { password }))
}

fn wrong() -> Problem {
    let title = "The old password is another one";
    Problem::new(StatusCode::FORBIDDEN, "password_wrong", title, "nothing was changed")
        .hint("Type it again, or have a link mailed with `POST /api/v1/password/forgot`.")
}
