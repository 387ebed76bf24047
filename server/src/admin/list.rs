//! Lists, all by one mechanism: pages, filters, search, order.
//!
//! A list says what its rows' fields are ([`field::Field`]); from them follow the parameters a request may have, their description in the
//! OpenAPI document, and what they do:
//!
//! | parameter | means |
//! |---|---|
//! | `limit`, `cursor` | which page ([`super::page`]) |
//! | `q` | each of its words stands in one of the searched fields, in whatever case |
//! | `FIELD=VALUE` | the field is this, texts in whatever case |
//! | `FIELD_from=TIME`, `FIELD_to=TIME` | the field is at or after, before |
//! | `sort=FIELD`, `sort=-FIELD` | by the field, up or down; without one the list's own order, which an index has |
//!
//! Work is bounded: a page looks at [`LOOK_MAX`] rows and then ends, perhaps with fewer items than asked for and a `next`. To sort,
//! the whole list has to be looked at, so a list of more than [`SORT_MAX`] rows is not sorted.

mod describe;
pub mod field;
mod query;
pub mod rows;
mod sorted;

use super::page::{Page, Paging};
use super::problem::Problem;
use super::sight::Sight;
use field::Field;
use leasehold_ledger::store::{Read as _, Table, after};
pub use query::Listing;

/// Rows looked at for one page that is not sorted.
pub const LOOK_MAX: usize = 5_000;
/// Rows of the longest list that is sorted.
pub const SORT_MAX: usize = 10_000;
/// Rows read at once.
const CHUNK: usize = 512;

/// What a list has rows of.
pub trait Listed: Send + 'static {
    /// A row.
    type Row;
    /// Its fields that may be filtered, searched and sorted by.
    fn fields() -> Vec<Field<Self::Row>>;
}

/// Some rows of a list in its own order, each with its own part of the key; none where the key's row is no part of the list.
pub struct Chunk<R> {
    /// Keys and rows.
    pub rows: Vec<(Vec<u8>, Option<R>)>,
    /// There are no more.
    pub is_end: bool,
}

/// The page that is asked for. `read` gives at most as many rows as it is asked for, after a key; `view` is called for the rows that are
/// shown, and for no others.
///
/// # Errors
/// [`Problem`].
pub fn list<L: Listed, T>(
    sight: &mut Sight<'_>,
    listing: &Listing<L>,
    mut read: impl FnMut(&mut Sight<'_>, Option<&[u8]>, usize) -> Result<Chunk<L::Row>, Problem>,
    mut view: impl FnMut(&mut Sight<'_>, L::Row) -> Result<T, Problem>,
) -> Result<Page<T>, Problem> {
    let (rows, next) = match listing.sort() {
        None => in_order(sight, listing, &mut read)?,
        Some(sort) => sorted::rows(sight, listing, sort, &mut read)?,
    };
    let items = rows.into_iter().map(|row| view(sight, row)).collect::<Result<_, _>>()?;
    Ok(Page::new(items, next.as_deref()))
}

/// The next rows that fit, and the key to go on after.
type Found<R> = (Vec<R>, Option<Vec<u8>>);

fn in_order<L: Listed>(
    sight: &mut Sight<'_>,
    listing: &Listing<L>,
    read: &mut impl FnMut(&mut Sight<'_>, Option<&[u8]>, usize) -> Result<Chunk<L::Row>, Problem>,
) -> Result<Found<L::Row>, Problem> {
    let Paging { limit, after } = listing.paging();
    let (mut found, mut last, mut looked) = (Vec::new(), after.clone(), 0);
    // One more than is shown tells whether there is a next page; where rows are passed over, more are read at once.
    let step = if listing.passes_over() { CHUNK } else { CHUNK.min(limit + 1) };
    loop {
        let chunk = read(sight, last.as_deref(), step)?;
        for (key, row) in chunk.rows {
            if found.len() == *limit || looked == LOOK_MAX {
                return Ok((found, last));
            }
            found.extend(row.filter(|row| listing.fits(row)));
            last = Some(key);
            looked += 1;
        }
        if chunk.is_end {
            return Ok((found, None));
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
