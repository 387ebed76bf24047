//! Every error of the API: problem details (RFC 9457) with a stable code and, where there is one, a hint.

use crate::writer::NotWritten;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use leasehold_ledger::Fault;
use leasehold_ledger::store::StoreError;
use leasehold_protocol::Refused;
use leasehold_signer::opening::OpenError;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every problem.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// Seconds after which to come again when the server is busy or the sender too fast.
const RETRY_AFTER_S: u64 = 10;

/// Why a request was not carried out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    hint: Option<&'static str>,
    problems: Vec<LineProblem>,
    retry_after: u64,
}

/// What is wrong with a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// The line; the head is line 1.
    pub line: u64,
    /// The column, where it is one cell's problem.
    pub column: Option<String>,
    /// The stable code.
    pub code: &'static str,
    /// What happened.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A problem as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails<'a> {
    /// `urn:leasehold:problem:` and the code.
    pub r#type: String,
    /// What happened, in words that are the same each time.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The stable code: programs compare this and nothing else.
    pub code: &'a str,
    /// What happened this time.
    pub detail: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'a str>,
    /// Of one of several answers: seconds after which to come again. Of a whole answer the header Retry-After says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Of a file that was sent: everything that is wrong with it, by line.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub problems: &'a [LineProblem],
}

impl Problem {
    /// A problem of the API itself.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            hint: None,
            problems: Vec::new(),
            retry_after: RETRY_AFTER_S,
        }
    }

    /// The same problem with a hint.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same problem with what is wrong with each line.
    #[must_use]
    pub fn with_lines(self, problems: Vec<LineProblem>) -> Self {
        Self { problems, ..self }
    }

    /// This problem as that of one line of a file. Rules name the field in front of their detail.
    #[must_use]
    pub fn of_line(self, line: u64) -> LineProblem {
        let column = self.detail.split_once(": ").map(|(field, _)| field.to_owned());
        let column = column.filter(|field| field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        LineProblem { line, column, code: self.code, detail: self.detail, hint: self.hint.map(str::to_owned) }
    }

    /// The same problem, with the seconds after which to come again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: seconds, ..self }
    }

    /// Logs what failed, once, and tells the client no more than that.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "an API request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "The server failed", "its log says more")
    }

    /// A thing that is not there, or not for the caller.
    #[must_use]
    pub fn out_of_reach() -> Self {
        Self::refused(Refused::OutOfReach, String::new())
    }

    /// A rule's no: the one place where refusals become HTTP.
    #[must_use]
    pub fn refused(refused: Refused, detail: String) -> Self {
        // The rules name what they met, and that may be an account whose existence is none of the caller's business.
        let detail =
            if refused == Refused::OutOfReach { "nothing with this id is in your reach".into() } else { detail };
        let text = refused.text();
        let (title, hint) = text.split_once(". ").unwrap_or((text.trim_end_matches('.'), ""));
        Self {
            status: StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::CONFLICT),
            code: refused.code(),
            title,
            detail,
            hint: Some(hint).filter(|hint| !hint.is_empty()),
            problems: Vec::new(),
            retry_after: RETRY_AFTER_S,
        }
    }

    /// The problem as one of several answers.
    #[must_use]
    pub fn details(&self) -> serde_json::Value {
        let retry_after = Some(self.retry_after).filter(|_| self.status == StatusCode::TOO_MANY_REQUESTS);
        let described = ProblemDetails { retry_after, ..self.described() };
        serde_json::to_value(described).unwrap_or_default() // strings and numbers: always encodable
    }

    fn described(&self) -> ProblemDetails<'_> {
        ProblemDetails {
            r#type: format!("urn:leasehold:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            hint: self.hint,
            retry_after: None,
            problems: &self.problems,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.described()).unwrap_or_default(); // strings and a number: always encodable
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"leasehold\""));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
            }
            _ => {}
        }
        (self.status, headers, body).into_response()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused { refused, detail } => Self::refused(refused, detail),
            Fault::Store(error) => Self::failed(error),
            Fault::Unsigned(reason) => {
                tracing::error!(%reason, "no licence file can be signed");
                let title = "No licence file can be signed now";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unsigned", title, "no key of this installation may sign it")
                    .hint("An operator has to certify a file key; the server's log says why.")
            }
        }
    }
}

impl From<NotWritten> for Problem {
    fn from(error: NotWritten) -> Self {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match error {
            NotWritten::Fault(fault) => fault.into(),
            NotWritten::Busy => Self::new(unavailable, "busy", "The server is busy", "nothing was changed")
                .hint("Send it again as Retry-After says."),
            NotWritten::Stopped => {
                let detail = "whether the change was made is not known";
                Self::new(unavailable, "stopped", "The server is stopping", detail)
                    .hint("Look whether it was made before you send it again.")
            }
        }
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        // A bad signature in a file is 422 too: 401 would tell the client to bring another token (RFC 9110, 15.5.2).
        let status = match error {
            OpenError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code(), "The file is not acceptable", error.to_string()).hint(error.hint())
    }
}
