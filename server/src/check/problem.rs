//! Answers that are not signed: bare problem details (RFC 9457), cheap enough for anybody who asks.

use super::overload::Spread;
use crate::metrics::Metrics;
use crate::random;
use crate::writer::NotWritten;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use leasehold_ledger::Fault;
use leasehold_protocol::{FormatError, Refused, SignatureError};
use serde_json::json;

/// Why a message was not answered by a signed one.
#[derive(Debug)]
pub enum Problem {
    /// Not a message of this protocol.
    Malformed(FormatError),
    /// Its signature does not hold.
    Signature(SignatureError),
    /// No such path.
    Path,
    /// Not the path's method.
    Method,
    /// The body did not arrive in time.
    Slow,
    /// The body is longer than any message.
    TooLarge,
    /// The body broke off, or its framing is wrong.
    Broken,
    /// Another media type.
    Type,
    /// More than the sender's budget.
    TooFast,
    /// More than the server can take, or it is stopping.
    Busy(Spread),
    /// The machine's clock is not believed: nothing is signed.
    ClockUntrusted,
    /// Something here failed; it was logged.
    Failed,
}

impl Problem {
    /// Logs what failed, once, and tells the client no more than that.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Problem::Failed
    }

    fn status(&self) -> StatusCode {
        match self {
            Problem::Malformed(_) | Problem::Broken => StatusCode::BAD_REQUEST,
            Problem::Signature(_) => StatusCode::UNAUTHORIZED,
            Problem::Path => StatusCode::NOT_FOUND,
            Problem::Method => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Slow => StatusCode::REQUEST_TIMEOUT,
            Problem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::TooFast => StatusCode::TOO_MANY_REQUESTS,
            Problem::Busy(_) | Problem::ClockUntrusted => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code, in answers and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Problem::Malformed(_) => "malformed",
            Problem::Signature(_) => "signature_bad",
            Problem::Path => "path_unknown",
            Problem::Method => "method_not_allowed",
            Problem::Slow => "too_slow",
            Problem::TooLarge => "too_large",
            Problem::Broken => "body_broken",
            Problem::Type => "media_type",
            Problem::TooFast => "too_fast",
            Problem::Busy(_) => "busy",
            Problem::ClockUntrusted => Refused::ClockUntrusted.code(),
            Problem::Failed => "failed",
        }
    }

    fn detail(&self) -> String {
        match self {
            Problem::Malformed(error) => error.to_string(),
            Problem::Signature(error) => error.to_string(),
            Problem::Path => "there is no such path".into(),
            Problem::Method => "this path has another method".into(),
            Problem::Slow => "the body did not arrive in time".into(),
            Problem::TooLarge => "the body is longer than any message".into(),
            Problem::Broken => "the body broke off or is wrongly framed".into(),
            Problem::Type => "messages are application/cose".into(),
            Problem::TooFast => "too many requests; wait as Retry-After says".into(),
            Problem::Busy(_) => "the server is busy; try again as Retry-After says".into(),
            Problem::ClockUntrusted => "the server's clock is not trusted; an operator has to check it".into(),
            Problem::Failed => "the server failed; its log says more".into(),
        }
    }

    /// Seconds after which to come again: drawn, so that those sent away together do not come back together.
    fn retry_after(&self) -> Option<u32> {
        let spread = |from: u32, len: u32| from + u32::from(u16::from_be_bytes(random::bytes())) % len;
        match self {
            Problem::TooFast => Some(spread(10, 50)),
            Problem::Busy(Spread(seconds)) => Some(spread(1, *seconds)),
            Problem::ClockUntrusted => Some(spread(300, 300)),
            _ => None,
        }
    }

    /// The answer to another method than the path's (RFC 9110, section 15.5.6).
    #[must_use]
    pub fn method(allowed: &'static str) -> Response<Full<Bytes>> {
        let mut response = Problem::Method.response();
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        response
    }

    /// Counts what has a counter of its own.
    pub fn count(&self, metrics: &Metrics) {
        match self {
            Problem::Busy(_) => metrics.shed.inc(),
            Problem::TooFast => metrics.limited.inc(),
            _ => {}
        }
    }

    /// The answer.
    #[must_use]
    pub fn response(&self) -> Response<Full<Bytes>> {
        let status = self.status();
        let code = self.code();
        let body = json!({
            "type": format!("urn:leasehold:problem:{code}"),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": code,
            "detail": self.detail(),
        });
        let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<NotWritten> for Problem {
    fn from(error: NotWritten) -> Self {
        match error {
            NotWritten::Busy | NotWritten::Stopped => Problem::Busy(Spread::default()),
            NotWritten::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused { refused: Refused::ClockUntrusted, .. } => Problem::ClockUntrusted,
            fault => Problem::failed(fault),
        }
    }
}
