//! The signed answer.

use super::handle::MEDIA_TYPE;
use super::problem::Problem;
use crate::app::App;
use crate::random;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use leasehold_ledger::Outcome;
use std::net::IpAddr;

/// A signed answer, and the word it is counted under.
pub struct Answer {
    /// `lease`, `receipt`, `waiting`, or the code of a refusal.
    pub result: &'static str,
    status: StatusCode,
    bytes: Vec<u8>,
}

/// Seconds after which a waiting device asks again, plus up to as much: drawn, so that those announced together spread.
const WAITING_PAUSE: u32 = 300;

impl Answer {
    /// The HTTP answer.
    #[must_use]
    pub fn response(self) -> Response<Full<Bytes>> {
        if self.status == StatusCode::ACCEPTED { waiting() } else { cose(self.status, self.bytes.into()) }
    }
}

/// Signs what the writer decided. Strangers get a signed no as far as their address has a budget.
///
/// # Errors
/// [`Problem::TooFast`] for a stranger beyond it.
pub fn sign(app: &App, peer: IpAddr, outcome: Outcome) -> Result<Answer, Problem> {
    let keyring = app.keyring.load();
    let key = keyring.lease_key();
    let refused = |refusal: &leasehold_protocol::refusal::Refusal| Answer {
        result: refusal.refused().map_or("refused", |refused| refused.code()),
        status: StatusCode::CONFLICT,
        bytes: refusal.sign(key),
    };
    match outcome {
        Outcome::Lease(lease) => Ok(Answer { result: "lease", status: StatusCode::OK, bytes: lease.sign(key) }),
        Outcome::Receipt(receipt) => Ok(Answer { result: "receipt", status: StatusCode::OK, bytes: receipt.sign(key) }),
        Outcome::Waiting => Ok(Answer { result: "waiting", status: StatusCode::ACCEPTED, bytes: Vec::new() }),
        Outcome::Full => {
            app.limits.failed(peer); // looking for room is work that strangers to the account must not have for nothing
            Err(Problem::TooFast)
        }
        Outcome::Refusal(refusal) => Ok(refused(&refusal)),
        Outcome::Stranger(refusal) if app.limits.failed(peer) => Ok(refused(&refusal)),
        Outcome::Stranger(_) => Err(Problem::TooFast),
        Outcome::Done | Outcome::File(_) | Outcome::Repeated(_) | Outcome::Raced => {
            Err(Problem::failed("a device's command had no answer"))
        }
    }
}

/// An answer of the protocol's media type; never kept by anything on the way.
#[must_use]
pub fn cose(status: StatusCode, bytes: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The device is announced. Not signed: this grants nothing and takes nothing, so there is nothing to fake.
fn waiting() -> Response<Full<Bytes>> {
    let pause = WAITING_PAUSE + u32::from(u16::from_be_bytes(random::bytes())) % WAITING_PAUSE;
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(pause));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A word for people and probes.
#[must_use]
pub fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Whether the server takes work.
#[must_use]
pub fn ready(app: &App) -> Response<Full<Bytes>> {
    match app.trouble() {
        None if app.quarantine().is_some() => plain(StatusCode::OK, "ready, in quarantine after a rollback\n"),
        None => plain(StatusCode::OK, "ready\n"),
        Some(trouble) => plain(StatusCode::SERVICE_UNAVAILABLE, trouble),
    }
}
