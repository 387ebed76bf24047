//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a write that is sent again is done once.
//!
//! | the key was | answer |
//! |---|---|
//! | never used, or more than 24 hours ago | the write is done |
//! | used for the same request | the same answer again, with `Idempotency-Replayed: true` |
//! | used for a request whose answer held a secret | 409 `idempotent_secret`: a secret is not kept |
//! | used for another method, path, query or body | 422 `idempotency_key_reused` |
//! | used for a request that is being answered | 409 `idempotency_in_flight` |
//!
//! The note that a command was carried out is written with its changes (`ledger/rule/once`); the answer follows before it is
//! sent. When the server ends in between, the request runs again with the ids it drew before, and each command that was carried
//! out says so instead of doing anything. Answers of 401, 408, 429 and 5xx are not kept, nor those above [`ANSWER_LEN_MAX`], which
//! are made again from what there is. Keys belong to a caller: the token or person, and the account it speaks for.

mod key;
mod running;

use super::auth::{Caller, Origin};
use super::extract::too_large;
use super::import::FILE_LEN_MAX;
use super::problem::Problem;
use crate::app::App;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LOCATION, CONTENT_TYPE, HeaderName, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leasehold_ledger::Command;
use leasehold_ledger::record::{IdempotencyKey, KeptAnswer};
use leasehold_ledger::rule::once::recall;
use ring::digest::{SHA256, digest};
pub use running::Running;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The header of a request.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Bytes in the longest answer that is kept.
pub const ANSWER_LEN_MAX: usize = 64 * 1024;
/// Where people sign in and see to their own affairs, which no key is for: answers there hold secrets, and what they take (a link, a
/// code, a password) is good once or sets the same again.
const OWN: [&str; 5] = ["sessions", "password/", "profile", "invitations/confirm", "organisations"];
/// Headers that belong to an answer.
const KEPT: [HeaderName; 4] = [CONTENT_TYPE, LOCATION, CONTENT_DISPOSITION, CONTENT_LOCATION];

/// Requests with a key that are being answered.
#[derive(Debug, Default)]
pub struct InFlight(Mutex<BTreeSet<IdempotencyKey>>);

impl InFlight {
    /// Takes a place, unless somebody has it.
    fn enter(&self, place: IdempotencyKey) -> Option<Entered<'_>> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
        is_new.then_some(Entered { all: self, place })
    }
}

/// A place that is given back when this is dropped, also where the client has gone.
struct Entered<'a> {
    all: &'a InFlight,
    place: IdempotencyKey,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

/// Answers writes that name a key; lets everything else pass.
pub async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_own(request.uri().path()) || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match identify(&app, &mut parts).await {
        Ok(None) => next.run(Request::from_parts(parts, body)).await,
        Ok(Some(caller)) => {
            let answer = once(&app, &caller, parts, body, next).await;
            answer.unwrap_or_else(IntoResponse::into_response)
        }
        Err(problem) => problem.into_response(),
    }
}

/// Whether a path is one of those no key is for.
#[must_use]
pub fn is_own(path: &str) -> bool {
    path.strip_prefix("/api/v1/").is_some_and(|path| OWN.iter().any(|own| path.starts_with(own)))
}

/// Who calls; nobody where no token was sent, as for signing in: such a route says itself what it wants.
async fn identify(app: &Arc<App>, parts: &mut Parts) -> Result<Option<Caller>, Problem> {
    let is_local = matches!(parts.extensions.get(), Some(Origin::Socket));
    if !is_local && !parts.headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    Caller::from_request_parts(parts, app).await.map(Some)
}

async fn once(app: &Arc<App>, caller: &Caller, mut parts: Parts, body: Body, next: Next) -> Result<Response, Problem> {
    let place = IdempotencyKey { caller: caller_hash(caller), key: sha256(key::read(&parts.headers)?.as_bytes()) };
    let body = to_bytes(body, FILE_LEN_MAX).await.map_err(|_| too_large())?;
    let request = fingerprint(app, &parts, &body);
    let _entered = app.in_flight.enter(place).ok_or_else(in_flight)?;
    let known = recall(app.view()?.as_ref(), &place, caller.now())?;
    if let Some(known) = &known {
        if known.request != request {
            return Err(reused());
        }
        if let Some(answer) = &known.answer {
            return replay(answer);
        }
    }
    let running = Arc::new(Running::new(place, request, known.as_ref(), caller.now()));
    parts.extensions.insert(running.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(app, caller, &running, response).await
}

/// Keeps the answer, then lets it go out.
async fn keep(app: &App, caller: &Caller, running: &Running, response: Response) -> Result<Response, Problem> {
    let status = response.status();
    let again = [StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    if status.is_server_error() || again.contains(&status) || running.was_raced() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Problem::failed)?;
    let header = |name: &HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    };
    let answer = match () {
        () if running.told_a_secret() && status.is_success() => Some(KeptAnswer::Secret),
        () if body.len() > ANSWER_LEN_MAX => None,
        () => Some(KeptAnswer::Sent {
            status: status.as_u16(),
            headers: KEPT.iter().filter_map(header).collect(),
            body: body.to_vec(),
        }),
    };
    if let Some(answer) = answer {
        let command = Command::RememberAnswer { asked: running.asked.clone(), answer };
        app.send(caller.actor.clone(), command).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(answer: &KeptAnswer) -> Result<Response, Problem> {
    let KeptAnswer::Sent { status, headers, body } = answer else { return Err(secret()) };
    let damaged = || Problem::failed("a remembered answer is not one");
    let mut response = Response::new(Body::from(body.clone()));
    *response.status_mut() = StatusCode::from_u16(*status).map_err(|_| damaged())?;
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|_| damaged())?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|_| damaged())?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Who calls, for as long as the token or session is theirs.
fn caller_hash(caller: &Caller) -> [u8; 16] {
    let token = caller.token().map(|token| token.id.to_string()).unwrap_or_default();
    let who = format!("{}\n{token}\n{}", caller.account, caller.actor.name);
    let mut hash = [0; 16];
    hash.copy_from_slice(&sha256(who.as_bytes())[..16]);
    hash
}

fn fingerprint(app: &App, parts: &Parts, body: &[u8]) -> [u8; 32] {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let media_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    app.keyring.load().fingerprint([parts.method.as_str().as_bytes(), path.as_bytes(), media_type, body])
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text).as_ref());
    hash
}

fn in_flight() -> Problem {
    let detail = "a request with this key is being answered";
    Problem::new(StatusCode::CONFLICT, "idempotency_in_flight", "The request is being answered", detail)
        .hint("Wait a moment and send it again: it will not be done twice.")
}

fn reused() -> Problem {
    let detail = "another request was sent with this Idempotency-Key";
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "idempotency_key_reused", "The key stands for another request", detail)
        .hint("Draw a new key for each new request; send the same one only with the same body.")
}

fn secret() -> Problem {
    let detail = "the request was carried out; its answer held a secret, which is shown once and not kept";
    Problem::new(StatusCode::CONFLICT, "idempotent_secret", "The secret is not shown again", detail)
        .hint("Find what was made in its list, take it away, and make another with a new key.")
}
