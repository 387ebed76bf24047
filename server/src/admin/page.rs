//! Paging by cursor: a page follows the last row of the one before, so rows added or removed meanwhile move nothing.

use super::problem::Problem;
use super::sight::Sight;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leasehold_ledger::store::{Read as _, Table, after};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Items on a page, unless said otherwise.
const LIMIT_DEFAULT: usize = 100;
/// Items on a page at most.
pub const LIMIT_MAX: usize = 500;
/// Rows looked at for one page; where few rows fit, the page ends early and has a `next`.
const LOOK_MAX: usize = 5_000;
/// Rows read at once.
const CHUNK: usize = 512;
/// Bytes in a cursor: the longest key behind an account's id.
const CURSOR_LEN_MAX: usize = 512;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's own order.
    pub items: Vec<T>,
    /// The cursor of the next page. Only a page without it is the last; a page may hold fewer items than `limit`, even none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page asked for, checked.
#[derive(Debug)]
pub struct Paging {
    /// Items at most.
    pub limit: usize,
    /// The last row's own part of its key.
    pub after: Option<Vec<u8>>,
}

impl PageQuery {
    /// The page asked for.
    ///
    /// # Errors
    /// `query_invalid`.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(invalid(format!("limit: {limit} is not 1 to {LIMIT_MAX}")));
        }
        let decode = |cursor: &String| URL_SAFE_NO_PAD.decode(cursor).ok().filter(|key| key.len() <= CURSOR_LEN_MAX);
        let after = self.cursor.as_ref().map(|cursor| decode(cursor).ok_or_else(|| invalid("cursor: not one of ours")));
        Ok(Paging { limit, after: after.transpose()? })
    }
}

impl<T> Page<T> {
    /// A page; `last` is its last row's own part of the key, if there is more.
    #[must_use]
    pub fn new(items: Vec<T>, last: Option<&[u8]>) -> Self {
        Self { items, next: last.map(|key| URL_SAFE_NO_PAD.encode(key)) }
    }
}

/// The rows of `table` whose key starts with `prefix`, from the cursor on: calls `item` with what follows the prefix and
/// with the value, and keeps what it makes of them.
///
/// # Errors
/// [`Problem`].
pub fn page<T>(
    sight: &mut Sight<'_>,
    (table, prefix): (Table, &[u8]),
    paging: &Paging,
    mut item: impl FnMut(&mut Sight<'_>, &[u8], &[u8]) -> Result<Option<T>, Problem>,
) -> Result<Page<T>, Problem> {
    let mut items = Vec::new();
    let mut last = paging.after.clone();
    let mut looked = 0;
    loop {
        let from = last.as_ref().map_or_else(|| prefix.to_vec(), |last| [prefix, last, &[0]].concat());
        let rows = sight.draft.scan(table, &from, &after(prefix), CHUNK)?;
        let is_end = rows.len() < CHUNK;
        for (key, value) in rows {
            if items.len() == paging.limit || looked == LOOK_MAX {
                return Ok(Page::new(items, last.as_deref()));
            }
            let own = key.get(prefix.len()..).unwrap_or_default();
            items.extend(item(sight, own, &value)?);
            last = Some(own.to_vec());
            looked += 1;
        }
        if is_end {
            return Ok(Page::new(items, None));
        }
    }
}

/// A query that cannot be answered.
pub fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "query_invalid", "The query is not understood", detail)
        .hint("Take `cursor` from the `next` of the page before, as it is.")
}
