//! What a handler takes from a request, and what it answers: axum's own, with every rejection as a problem.

use super::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A JSON body. Unknown fields are refused: a field that was misspelt must not be lost in silence.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(rejection)) => Err(not_read(&rejection)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(media_type("application/json")),
            Err(rejection) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Err(Problem::new(status, "body_invalid", "The body is not understood", rejection.body_text())
                    .hint("Compare it with the schema in /api/v1/openapi.json."))
            }
        }
    }
}

/// A file from a device, as it is.
pub struct File(pub Bytes);

/// Media types a device's file may come as.
const FILE_TYPES: [&str; 3] = ["text/plain", "application/x-leasehold-request", "application/x-leasehold-return"];

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !FILE_TYPES.contains(&essence.as_str()) {
            return Err(media_type("text/plain"));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| not_read(&rejection))
    }
}

/// The path's parameters.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| {
            let title = "The path holds an id of another form";
            Problem::new(StatusCode::BAD_REQUEST, "path_invalid", title, rejection.body_text())
                .hint("Take ids from the answers of this API, as they are.")
        })
    }
}

/// The query's parameters. Unknown ones are refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|rejection| {
            Problem::new(StatusCode::BAD_REQUEST, "query_invalid", "The query is not understood", rejection.body_text())
        })
    }
}

/// 201, the record, and where it is.
pub struct Created<T> {
    /// The path behind `/api/v1`.
    pub at: String,
    /// The record.
    pub record: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        if let Ok(at) = HeaderValue::from_str(&format!("/api/v1{}", self.at)) {
            headers.insert(LOCATION, at);
        }
        (StatusCode::CREATED, headers, Json(self.record)).into_response()
    }
}

fn not_read(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::new(StatusCode::BAD_REQUEST, "body_broken", "The body did not arrive", rejection.body_text()),
    }
}

/// A body beyond the cap.
#[must_use]
pub fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large", "at most 64 KiB are taken")
}

/// A body of another media type.
#[must_use]
pub fn media_type(expected: &'static str) -> Problem {
    let title = "The body has another media type";
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", title, format!("expected {expected}"))
        .hint("Say what the body is with the Content-Type header.")
}
