//! Every list as CSV (RFC 4180): with `Accept: text/csv`, or `?format=csv`.
//!
//! A layer in front of the routes asks the list's own route for page after page, with the same token each time, and writes each
//! item as a line while it goes: nothing is held but one page, and who loses the right to see a list stops seeing it. A list that
//! breaks off in the middle ends the connection, so that half a file does not look like a whole one.
//!
//! Columns are the fields of the list's items, in the order of the OpenAPI document ([`mod@column`]); how they are written: [`cell`].

pub mod cell;
pub mod column;

use super::page::{LIMIT_MAX, invalid};
use super::problem::Problem;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Query, Request};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use column::Columns;
use futures_util::stream::{StreamExt, once, unfold};
use serde::Deserialize;
use serde_json::Value;

/// The media type, with what RFC 4180 and 7111 have for it.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// A page as a list's route gives it.
#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    next: Option<String>,
}

/// Answers with CSV where that is asked for and the path is a list's; lets everything else pass.
pub async fn layer(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let columns = path.as_deref().filter(|_| request.method() == Method::GET).and_then(column::of_list);
    let Some(columns) = columns else { return next.run(request).await };
    match asked(&request) {
        Ok(Asked { is_csv: false, uri }) => {
            let (mut parts, body) = request.into_parts();
            parts.uri = uri;
            next.run(Request::from_parts(parts, body)).await
        }
        Ok(Asked { is_csv: true, uri }) => {
            let (mut parts, _) = request.into_parts();
            parts.uri = uri;
            whole(List { columns, parts, next }).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// What is asked for, and the address without `format`, which only this layer knows.
struct Asked {
    is_csv: bool,
    uri: Uri,
}

fn asked(request: &Request) -> Result<Asked, Problem> {
    let uri = request.uri();
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|error| invalid(error.body_text()))?.0;
    let format = pairs.iter().find(|(name, _)| name == "format").map(|(_, value)| value.as_str());
    let is_csv = match format {
        Some("csv") => true,
        Some("json") => false,
        Some(other) => return Err(invalid(format!("format: {other:?} is neither json nor csv"))),
        None => accepts(request.headers()),
    };
    if is_csv && pairs.iter().any(|(name, _)| name == "limit" || name == "cursor") {
        return Err(invalid("limit, cursor: a CSV file holds the whole list"));
    }
    let query = uri.query().unwrap_or_default();
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("format=") && !pair.is_empty()).collect();
    Ok(Asked { is_csv, uri: located(uri, &rest)? })
}

/// Whether CSV is wanted at least as much as JSON (RFC 9110, 12.5.1).
fn accepts(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut csv, mut json) = (0, 0);
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok());
        #[allow(clippy::cast_possible_truncation, reason = "a weight is 0 to 1")]
        let weight = (weight.unwrap_or(0.0_f32).clamp(0.0, 1.0) * 1000.0) as i32;
        match media_type.as_str() {
            "text/csv" => csv = weight,
            "application/json" => json = weight,
            _ => {}
        }
    }
    csv > 0 && csv >= json
}

fn located(uri: &Uri, pairs: &[&str]) -> Result<Uri, Problem> {
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{}{query}", uri.path()).parse().map_err(Problem::failed)
}

/// A list that is being written.
struct List {
    columns: &'static Columns,
    parts: Parts,
    next: Next,
}

impl List {
    /// The page at a cursor, or what its route answered instead.
    async fn page(&self, cursor: Option<&str>) -> Result<Page, Response> {
        let mut pairs: Vec<&str> = self.parts.uri.query().into_iter().collect();
        let limit = format!("limit={LIMIT_MAX}");
        let cursor = cursor.map(|cursor| format!("cursor={cursor}"));
        pairs.push(&limit);
        pairs.extend(cursor.as_deref());
        let mut parts = self.parts.clone();
        parts.uri = located(&self.parts.uri, &pairs).map_err(IntoResponse::into_response)?;
        let response = self.next.clone().run(Request::from_parts(parts, Body::empty())).await;
        if response.status() != StatusCode::OK {
            return Err(response);
        }
        let failed = |error: &dyn std::fmt::Display| Problem::failed(error).into_response();
        let body = to_bytes(response.into_body(), usize::MAX).await.map_err(|error| failed(&error))?;
        serde_json::from_slice(&body).map_err(|error| failed(&error))
    }
}

async fn whole(list: List) -> Response {
    let first = match list.page(None).await {
        Ok(page) => page,
        Err(response) => return response,
    };
    let name = list.parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let head = [list.columns.head(), list.columns.lines(&first.items)].concat();
    let rest = unfold((list, first.next), async |(list, next)| {
        let cursor = next?;
        // Pages come from memory without ever waiting: a long list of few lines would hold up everybody else.
        tokio::task::yield_now().await;
        let page = list.page(Some(&cursor)).await.map_err(|response| {
            std::io::Error::other(format!("a list broke off: {}", response.status())) // the connection ends with it
        });
        Some(match page {
            Ok(page) => (Ok(Bytes::from(list.columns.lines(&page.items))), (list, page.next)),
            Err(error) => (Err(error), (list, None)),
        })
    });
    let body = once(async { Ok::<_, std::io::Error>(Bytes::from(head)) }).chain(rest);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\""));
    headers.extend(disposition.ok().map(|value| (CONTENT_DISPOSITION, value)));
    (headers, Body::from_stream(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_sent_to_who_wants_it_at_least_as_much_as_json() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(value).expect("a header"));
            super::accepts(&headers)
        };
        for yes in
            ["text/csv", "TEXT/CSV; q=0.5", "text/csv, application/json", "application/json;q=0.1,text/csv;q=0.2"]
        {
            assert!(accepts(yes), "{yes}");
        }
        for no in ["", "*/*", "application/json", "text/csv;q=0", "text/csv;q=0.1, application/json", "text/csv;q=x"] {
            assert!(!accepts(no), "{no}");
        }
    }
}
