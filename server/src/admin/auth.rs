//! Who calls: a bearer token (RFC 6750), or the operator at the Unix socket.
//!
//! What a token is made of: [`crate::identity::secret`].

use super::idempotency::Running;
use super::problem::Problem;
use super::sight::Sight;
use crate::app::App;
pub use crate::identity::secret::{Secret, TOKEN_PREFIX, hash};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use leasehold_ledger::actor::{Actor, Place, Role};
use leasehold_ledger::record::{AccountId, Installation, Token};
use leasehold_ledger::store::StoreError;
use leasehold_ledger::view::find;
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Time;
use std::net::IpAddr;
use std::sync::Arc;

/// Where a request came from. The listener says so; a request without an origin is nobody's.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// From the network.
    Address(IpAddr),
    /// Through the Unix socket, which only the owner of the data folder can open.
    Socket,
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
    /// The token; none at the socket.
    pub token: Option<Token>,
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

    fn operator(app: &Arc<App>) -> Result<Self, Problem> {
        let view = app.view()?;
        let installation = find::<Installation>(view.as_ref(), Installation::KEY)?;
        let vendor = installation.ok_or(StoreError::Io("the store was never set up".into()))?.vendor;
        let actor = Actor::member("operator", vendor, Role::Admin).coming_from(Place::Socket);
        Ok(Self { app: app.clone(), actor, account: vendor, role: Role::Admin, token: None, running: None })
    }

    fn bearer(app: &Arc<App>, text: &str, address: IpAddr) -> Result<Self, Problem> {
        let view = app.view()?;
        let token = find::<Token>(view.as_ref(), &hash(text))?;
        let good = token.filter(|token| token.expires.is_none_or(|end| app.clock.now() < end));
        let Some(token) = good else {
            let counted = app.limits.not_signed_in(address);
            let wrong = unauthorized("token_invalid", "the token is unknown, was revoked, or has expired");
            return Err(if counted { wrong } else { too_fast() });
        };
        // The word in front keeps a token from being called `operator` or `job lapse` in the Events.
        let actor = Actor::member(&format!("token {}", token.name), token.account, token.role);
        let actor = actor.coming_from(Place::Address(address));
        Ok(Self {
            app: app.clone(),
            actor,
            account: token.account,
            role: token.role,
            token: Some(token),
            running: None,
        })
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let running = parts.extensions.get().cloned();
        Self::identified(parts, app).map(|caller| Self { running, ..caller })
    }
}

impl Caller {
    fn identified(parts: &Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let address = match parts.extensions.get::<Origin>() {
            Some(Origin::Socket) => return Self::operator(app),
            Some(Origin::Address(address)) => *address,
            None => return Err(Problem::failed("a listener did not say where a request came from")),
        };
        let given = parts.headers.get(AUTHORIZATION);
        let missing = || unauthorized("token_missing", "there is no Authorization header with a bearer token");
        let given = given.and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
        let (_, text) = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(missing)?;
        Self::bearer(app, text.trim(), address)
    }
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, "Sign in with a token", detail)
        .hint("Send `Authorization: Bearer lh_...`; an administrator of the account makes tokens.")
}

fn too_fast() -> Problem {
    let detail = "too many wrong tokens came from this address";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_fast", "Too many requests", detail)
        .hint("Wait as Retry-After says.")
}
