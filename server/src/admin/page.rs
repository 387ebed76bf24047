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
pub const CHUNK: usize = 512;
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

/// Some rows of a list in its own order, each with its own part of the key; none where the key's row is no part of the list. Without a
/// row and yet not the end: as much was looked at as one page may.
pub struct Chunk<R> {
    /// Keys and rows.
    pub rows: Vec<(Vec<u8>, Option<R>)>,
    /// There are no more.
    pub is_end: bool,
}

/// What `keep` makes of the next rows, as many as the page holds, and the key to go on after. `read` gives at most as many rows as it is
/// asked for, after a key, which are `step`. Every list that comes in its own order is paged by this loop.
///
/// # Errors
/// [`Problem`].
pub fn in_order<R, T>(
    sight: &mut Sight<'_>,
    (paging, step): (&Paging, usize),
    mut read: impl FnMut(&mut Sight<'_>, Option<&[u8]>, usize) -> Result<Chunk<R>, Problem>,
    mut keep: impl FnMut(&mut Sight<'_>, R) -> Result<Option<T>, Problem>,
) -> Result<(Vec<T>, Option<Vec<u8>>), Problem> {
    let (mut found, mut last, mut looked) = (Vec::new(), paging.after.clone(), 0);
    loop {
        let Chunk { rows, is_end } = read(sight, last.as_deref(), step)?;
        let is_over = rows.is_empty();
        for (key, row) in rows {
            if found.len() == paging.limit || looked == LOOK_MAX {
                return Ok((found, last));
            }
            if let Some(row) = row {
                found.extend(keep(sight, row)?);
            }
            last = Some(key);
            looked += 1;
        }
        if is_end || is_over {
            return Ok((found, last.filter(|_| !is_end)));
        }
    }
}

/// Rows of an index: those of `table` whose key starts with `prefix`, each made of what follows the prefix and of the value.
///
/// # Errors
/// [`Problem`].
pub fn indexed<R>(
    sight: &mut Sight<'_>,
    (table, prefix): (Table, &[u8]),
    (last, most): (Option<&[u8]>, usize),
    mut row: impl FnMut(&mut Sight<'_>, &[u8], &[u8]) -> Result<Option<R>, Problem>,
) -> Result<Chunk<R>, Problem> {
    let from = last.map_or_else(|| prefix.to_vec(), |last| [prefix, last, &[0]].concat());
    let found = sight.draft.scan(table, &from, &after(prefix), most)?;
    let is_end = found.len() < most;
    let mut rows = Vec::with_capacity(found.len());
    for (key, value) in found {
        let own = key.get(prefix.len()..).unwrap_or_default();
        rows.push((own.to_vec(), row(sight, own, &value)?));
    }
    Ok(Chunk { rows, is_end })
}

/// A page of the rows of `table` whose key starts with `prefix`: calls `item` with what follows the prefix and with the value, and keeps
/// what it makes of them.
///
/// # Errors
/// [`Problem`].
pub fn page<T>(
    sight: &mut Sight<'_>,
    index: (Table, &[u8]),
    paging: &Paging,
    mut item: impl FnMut(&mut Sight<'_>, &[u8], &[u8]) -> Result<Option<T>, Problem>,
) -> Result<Page<T>, Problem> {
    let raw = |_: &mut Sight<'_>, key: &[u8], value: &[u8]| Ok(Some((key.to_vec(), value.to_vec())));
    let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| indexed(sight, index, (last, most), raw);
    let (items, next) = in_order(sight, (paging, CHUNK), read, |sight, (key, value)| item(sight, &key, &value))?;
    Ok(Page::new(items, next.as_deref()))
}

/// A query that cannot be answered.
pub fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "query_invalid", "The query is not understood", detail)
        .hint("Take `cursor` from the `next` of the page before, as it is.")
}
