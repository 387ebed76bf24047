//! Who calls: a program with an API token, a person with a session, or the operator at the Unix socket. Tokens and sessions are
//! bearer credentials (RFC 6750), told apart by how they begin: `lh_` and `ls_`.
//!
//! A [`Caller`] speaks for one account. A token has its own; a person chooses one of the accounts it takes part in with the header
//! `Leasehold-Account`, or speaks for the only one, or for its organisation. What concerns the person and no account asks for a
//! [`super::person::Person`].

use super::idempotency::Running;
use super::person::Person;
use super::problem::Problem;
use super::scopes;
use super::sight::Sight;
use crate::app::App;
use crate::identity::secret::SESSION_PREFIX;
pub use crate::identity::secret::{Secret, TOKEN_PREFIX, hash};
use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use leasehold_ledger::actor::{Actor, Place, Role, Shown};
use leasehold_ledger::record::{AccountId, Installation, Token};
use leasehold_ledger::store::StoreError;
use leasehold_ledger::view::find;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Time;
use std::net::IpAddr;
use std::sync::Arc;

/// The header in which a person says which account it speaks for.
pub const ACCOUNT_HEADER: &str = "leasehold-account";

/// Where a request came from. The listener says so; a request without an origin is nobody's.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// From the network.
    Address(IpAddr),
    /// Through the Unix socket, which only the owner of the data folder can open.
    Socket,
}

impl Origin {
    /// The address it counts as; the socket is this machine.
    #[must_use]
    pub fn address(self) -> IpAddr {
        match self {
            Origin::Address(address) => address,
            Origin::Socket => IpAddr::from([127, 0, 0, 1]),
        }
    }

    /// What Events say of it.
    #[must_use]
    pub fn place(self) -> Place {
        match self {
            Origin::Address(address) => Place::Address(address),
            Origin::Socket => Place::Socket,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let origin = parts.extensions.get::<Origin>().copied();
        origin.ok_or_else(|| Problem::failed("a listener did not say where a request came from"))
    }
}

/// What a caller has shown.
pub enum Credential {
    /// An API token.
    Token(Token),
    /// A session; whose it is, the store says.
    Person(Box<Person>),
    /// The socket.
    Operator,
}

/// Somebody who may speak, with the application they speak to.
pub struct Caller {
    /// The application.
    pub app: Arc<App>,
    /// Who acts.
    pub actor: Actor,
    /// The account spoken for.
    pub account: AccountId,
    /// As what.
    pub role: Role,
    /// By what.
    pub by: Credential,
    /// The request, if it names an idempotency key.
    pub running: Option<Arc<Running>>,
}

impl Caller {
    /// Now, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.app.clock.now()
    }

    /// Sends a command as this caller and waits until it is durable.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn send(&self, command: Command) -> Result<Outcome, Problem> {
        match &self.running {
            Some(running) => running.send(self, command).await,
            None => Ok(self.app.send(self.actor.clone(), command).await?),
        }
    }

    /// Looks at one snapshot of the store, as far as this caller sees.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn look<T>(&self, look: impl FnOnce(&mut Sight<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let view = self.app.view()?;
        look(&mut Sight::new(view.as_ref(), self))
    }

    /// The token, if it is a program with one.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        match &self.by {
            Credential::Token(token) => Some(token),
            _ => None,
        }
    }

    /// The person, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match &self.by {
            Credential::Person(person) => Some(person),
            _ => None,
        }
    }

    fn operator(app: &Arc<App>) -> Result<Self, Problem> {
        let view = app.view()?;
        let installation = find::<Installation>(view.as_ref(), Installation::KEY)?;
        let vendor = installation.ok_or(StoreError::Io("the store was never set up".into()))?.vendor;
        let actor = Actor::member("operator", vendor, Role::Admin).coming_from(Place::Socket);
        Ok(Self {
            app: app.clone(),
            actor,
            account: vendor,
            role: Role::Admin,
            by: Credential::Operator,
            running: None,
        })
    }

    async fn program(app: &Arc<App>, parts: &Parts, text: &str, address: IpAddr) -> Result<Self, Problem> {
        let now = app.clock.now();
        let token = find::<Token>(app.view()?.as_ref(), &hash(text))?;
        let good = token.filter(|token| token.expires.is_none_or(|end| now < end));
        let token = good.ok_or_else(|| {
            not_good(app, address, "token_invalid", "the token is unknown, was revoked, or has expired")
        })?;
        scopes::admit(&token, &parts.method, parts.extensions.get::<MatchedPath>())?;
        // The word in front keeps a token from being called `operator` or `job lapse` in the Events.
        let actor = Actor::member(&format!("token {}", token.name), token.account, token.role);
        let actor = actor.coming_from(Place::Address(address)).showing(Shown::Token(token.id));
        if token.is_touched(now) {
            // Only a note: the call is good whether or not it is kept.
            app.send(actor.clone(), Command::TouchToken { token: token.id }).await.ok();
        }
        let (account, role) = (token.account, token.role);
        Ok(Self { app: app.clone(), actor, account, role, by: Credential::Token(token), running: None })
    }

    fn speaking(person: Person, parts: &Parts) -> Result<Self, Problem> {
        let (account, role) = person.speaks_for(parts.headers.get(ACCOUNT_HEADER))?;
        super::maintenance::admit(&person.app, account, &parts.method, parts.extensions.get::<MatchedPath>())?;
        let actor = person.actor(Some((account, role)));
        Ok(Self {
            app: person.app.clone(),
            actor,
            account,
            role,
            by: Credential::Person(Box::new(person)),
            running: None,
        })
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let running = parts.extensions.get().cloned();
        Self::identified(parts, app).await.map(|caller| Self { running, ..caller })
    }
}

impl Caller {
    async fn identified(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let origin = Origin::from_request_parts(parts, app).await?;
        let Origin::Address(address) = origin else { return Self::operator(app) };
        let text = bearer(parts)?;
        if text.starts_with(SESSION_PREFIX) {
            let person = Person::signed_in(app, text, address).await?.may_do_anything()?;
            return Self::speaking(person, parts);
        }
        Self::program(app, parts, text, address).await
    }
}

/// The credential in a request's head.
///
/// # Errors
/// `token_missing`.
pub fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let missing = || unauthorized("token_missing", "there is no Authorization header with a bearer token");
    let given = parts.headers.get(AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let (_, text) = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(missing)?;
    Ok(text.trim())
}

/// A credential that is not good, counted against the address it came from.
#[must_use]
pub fn not_good(app: &App, address: IpAddr, code: &'static str, detail: &str) -> Problem {
    if app.limits.not_signed_in(address) {
        return unauthorized(code, detail);
    }
    let detail = "too many wrong tokens came from this address";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_fast", "Too many requests", detail)
        .hint("Wait as Retry-After says.")
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, "Sign in", detail).hint(
        "Send `Authorization: Bearer ...` with a session from `POST /api/v1/sessions`, or with a token that an administrator made.",
    )
}
