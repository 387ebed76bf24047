//! What of the API a token is for: a token may be given scopes, and then opens nothing else.
//!
//! A scope is a part of the API and `read` or `write`: `pools:read`, `keys:write`. Parts are the tags of the OpenAPI document, so
//! a new route has its scope without a word here. `read` is for GET, `write` for everything; `*:read` reads all parts. Scopes only
//! take away: what the token's role may not do, no scope gives.

use super::problem::Problem;
use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use leasehold_ledger::record::Token;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;

/// Parts of the API that are everybody's.
const OPEN: [&str; 2] = ["openapi", "whoami"];

/// (method, path) -> part, of every route.
static PARTS: LazyLock<BTreeMap<(Method, String), String>> = LazyLock::new(|| {
    let document = super::document();
    let paths = document.paths.paths.into_iter().flat_map(|(path, item)| {
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let operations = [item.get, item.post, item.put, item.patch, item.delete];
        let part = |operation: Operation| operation.tags.and_then(|tags| tags.into_iter().next());
        let named = methods.into_iter().zip(operations);
        named.filter_map(move |(method, operation)| Some(((method, path.clone()), part(operation?)?)))
    });
    paths.collect()
});

/// The part of the API a route belongs to.
#[must_use]
pub fn part_of(method: &Method, path: &str) -> Option<&'static str> {
    PARTS.get(&(method.clone(), path.to_owned())).map(String::as_str)
}

/// Every scope there is.
#[must_use]
pub fn all() -> BTreeSet<String> {
    let parts = PARTS.values().map(String::as_str).filter(|part| !OPEN.contains(part));
    parts.chain(["*"]).flat_map(|part| [format!("{part}:read"), format!("{part}:write")]).collect()
}

/// Whether a token may be used for a route.
///
/// # Errors
/// `scope_missing`.
pub fn admit(token: &Token, method: &Method, path: Option<&MatchedPath>) -> Result<(), Problem> {
    let Some(scopes) = &token.scopes else { return Ok(()) };
    match path.and_then(|path| part_of(method, path.as_str())) {
        Some(part) if OPEN.contains(&part) || holds(scopes, part, method == Method::GET) => Ok(()),
        part => Err(missing(part.unwrap_or("*"), method)),
    }
}

/// Scopes for a new token, made by somebody who has `own`.
///
/// # Errors
/// `field_invalid` for a word that is no scope; `scope_missing` for one the maker has not.
pub fn given(
    scopes: Option<BTreeSet<String>>,
    own: Option<&BTreeSet<String>>,
) -> Result<Option<BTreeSet<String>>, Problem> {
    let known = all();
    if let Some(unknown) = scopes.iter().flatten().find(|scope| !known.contains(*scope)) {
        let detail = format!("scopes: {unknown:?} is none of {}", Vec::from_iter(known).join(", "));
        return Err(Problem::refused(leasehold_protocol::Refused::FieldInvalid, detail));
    }
    let Some(own) = own else { return Ok(scopes) };
    let wanted = scopes.unwrap_or_else(|| own.clone());
    let beyond = wanted.iter().find(|scope| {
        let (part, what) = scope.split_once(':').unwrap_or((scope, "write"));
        !holds(own, part, what == "read")
    });
    match beyond {
        Some(scope) => Err(missing(scope, &Method::POST)),
        None => Ok(Some(wanted)),
    }
}

fn holds(scopes: &BTreeSet<String>, part: &str, is_read: bool) -> bool {
    let has = |part: &str, what: &str| scopes.contains(&format!("{part}:{what}"));
    [part, "*"].iter().any(|part| has(part, "write") || (is_read && has(part, "read")))
}

fn missing(part: &str, method: &Method) -> Problem {
    let detail = format!("{method} in {part} is in none of its scopes");
    Problem::new(StatusCode::FORBIDDEN, "scope_missing", "The token is not for this", detail)
        .hint("Make a token with the scope, or without scopes.")
}
