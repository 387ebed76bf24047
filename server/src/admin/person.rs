//! A person who is signed in, whichever account it speaks for.
//!
//! [`SignedIn`] is for what somebody may do who has to change the password first; [`Person`] for everything else, and
//! [`Recent`] for what would hurt most in the hands of whoever found an open session.

use super::auth::{Origin, bearer, not_good};
use super::look_up::accounts_of;
use super::problem::Problem;
use crate::app::App;
use crate::identity::secret::{SESSION_PREFIX, hash};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use leasehold_ledger::actor::{Actor, Place, Role, Shown};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::secret::{Secret, SecretKind, TOUCH_EVERY};
use leasehold_ledger::record::user::{User, UserState};
use leasehold_ledger::record::{Account, AccountId, Membership};
use leasehold_ledger::view::find;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Time;
use std::net::IpAddr;
use std::sync::Arc;

/// The code for programs where a person is needed.
pub const PERSON_REQUIRED: &str = "person_required";
/// Seconds after signing in within which a person may change what it signs in with.
const RECENT: i64 = 15 * 60;

/// Somebody with a session.
#[derive(Clone)]
pub struct Person {
    /// The application.
    pub app: Arc<App>,
    /// Who.
    pub user: User,
    /// The session.
    pub session: Secret,
    /// The accounts it takes part in, and as what.
    pub accounts: Vec<(Account, Membership)>,
    /// From where it speaks.
    pub from: Place,
}

/// Somebody with a session who may have to change the password before anything else.
pub struct SignedIn(pub Person);

/// Somebody who signed in a short while ago.
pub struct Recent(pub Person);

impl Person {
    /// The person whose session this is. Notes the use now and then.
    ///
    /// # Errors
    /// `session_invalid`, for whatever reason it is not good; `too_fast`.
    pub async fn signed_in(app: &Arc<App>, text: &str, address: IpAddr) -> Result<Self, Problem> {
        let now = app.clock.now();
        let person = Self::of_session(app, &hash(text), now, Place::Address(address))?;
        let person = person.ok_or_else(|| {
            not_good(
                app,
                address,
                "session_invalid",
                "the session is unknown, was ended, or has been idle for too long",
            )
        })?;
        if now >= person.session.last_used.plus(TOUCH_EVERY) {
            let touch = People::TouchSession { session: person.session.hash, from: person.from.to_string() };
            // Only a note: the call is good whether or not it is kept.
            person.send(touch).await.ok();
        }
        Ok(person)
    }

    fn of_session(app: &Arc<App>, hash: &[u8; 32], now: Time, from: Place) -> Result<Option<Self>, Problem> {
        let view = app.view()?;
        let session = find::<Secret>(view.as_ref(), hash)?;
        let session = session.filter(|session| session.kind == SecretKind::Session && session.is_good(now));
        let Some(session) = session else { return Ok(None) };
        let user = find::<User>(view.as_ref(), session.user.bytes())?;
        let Some(user) = user.filter(|user| user.state == UserState::Active) else { return Ok(None) };
        let accounts = accounts_of(view.as_ref(), user.id)?;
        Ok(Some(Self { app: app.clone(), user, session, accounts, from }))
    }

    /// Now, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.app.clock.now()
    }

    /// This person as the ledger knows it, speaking for an account or for none.
    #[must_use]
    pub fn actor(&self, member: Option<(AccountId, Role)>) -> Actor {
        Actor::person(&self.user, member).coming_from(self.from).showing(Shown::Session(self.session.hash))
    }

    /// Sends a command as this person, for no account, and waits until it is durable.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn send(&self, command: People) -> Result<Outcome, Problem> {
        Ok(self.app.send(self.actor(None), Command::People(Box::new(command))).await?)
    }

    /// The account this person speaks for: the one it names, the only one it has, or its organisation.
    ///
    /// # Errors
    /// `out_of_reach` for an account it takes no part in; `account_needed` where it takes part in none.
    pub fn speaks_for(&self, named: Option<&HeaderValue>) -> Result<(AccountId, Role), Problem> {
        let acting = self.accounts.iter().filter_map(|(account, membership)| Some((account, membership.acts_as()?)));
        let acting: Vec<(&Account, Role)> = acting.collect();
        let chosen = match named {
            Some(id) => {
                let id = id.to_str().ok().and_then(|id| id.parse::<AccountId>().ok());
                let found = acting.iter().find(|(account, _)| Some(account.id) == id);
                return found.map(|(account, role)| (account.id, *role)).ok_or_else(Problem::out_of_reach);
            }
            None if acting.len() == 1 => acting.first(),
            None => acting.iter().find(|(account, _)| account.organisation),
        };
        chosen.map(|(account, role)| (account.id, *role)).ok_or_else(|| {
            let detail = format!("{} takes part in {} accounts now", self.user.name(), acting.len());
            Problem::new(StatusCode::FORBIDDEN, "account_needed", "This is done for an account", detail)
                .hint("Name one of yours in the header Leasehold-Account, or have yourself invited to one.")
        })
    }

    /// This person, unless the password is to be changed first (A52).
    ///
    /// # Errors
    /// `password_change_required`.
    pub fn may_do_anything(self) -> Result<Self, Problem> {
        if !self.user.must_change {
            return Ok(self);
        }
        let title = "The password has to be changed first";
        let detail = "it was given by somebody else";
        Err(Problem::new(StatusCode::FORBIDDEN, "password_change_required", title, detail)
            .hint("Choose your own with `POST /api/v1/password/change`."))
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let origin = Origin::from_request_parts(parts, app).await?;
        let Origin::Address(address) = origin else { return Err(nobody()) };
        let text = bearer(parts)?;
        if text.starts_with(SESSION_PREFIX) {
            return Person::signed_in(app, text, address).await.map(Self);
        }
        super::auth::Caller::from_request_parts(parts, app).await?; // a token that is not good is told so
        Err(nobody())
    }
}

impl FromRequestParts<Arc<App>> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        SignedIn::from_request_parts(parts, app).await?.0.may_do_anything()
    }
}

impl FromRequestParts<Arc<App>> for Recent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        if person.now() < person.session.created.plus(RECENT) {
            return Ok(Self(person));
        }
        let title = "Sign in again for this";
        let detail = "it changes what you sign in with, and you signed in more than 15 minutes ago";
        Err(Problem::new(StatusCode::FORBIDDEN, "sign_in_again", title, detail)
            .hint("Sign in with `POST /api/v1/sessions` and send it again with the new session."))
    }
}

fn nobody() -> Problem {
    let title = "This is for a person who is signed in";
    Problem::new(
        StatusCode::FORBIDDEN,
        PERSON_REQUIRED,
        title,
        "tokens and the operator have no profile, password or sessions",
    )
    .hint("Sign in with `POST /api/v1/sessions`.")
}
