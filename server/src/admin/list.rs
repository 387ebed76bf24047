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
//! Work is bounded: a page looks at 5000 rows and then ends, perhaps with fewer items than asked for and a `next`. To sort,
//! the whole list has to be looked at, so a list of more than [`SORT_MAX`] rows is not sorted.

mod describe;
pub mod field;
mod query;
pub mod rows;
mod sorted;

use super::page::{self, CHUNK, Page};
pub use super::page::{Chunk, indexed};
use super::problem::Problem;
use super::sight::Sight;
use field::Field;
pub use query::Listing;

/// Rows of the longest list that is sorted.
pub const SORT_MAX: usize = 10_000;

/// What a list has rows of.
pub trait Listed: Send + 'static {
    /// A row.
    type Row;
    /// Its fields that may be filtered, searched and sorted by.
    fn fields() -> Vec<Field<Self::Row>>;
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
    read: impl FnMut(&mut Sight<'_>, Option<&[u8]>, usize) -> Result<Chunk<L::Row>, Problem>,
) -> Result<Found<L::Row>, Problem> {
    let paging = listing.paging();
    // One more than is shown tells whether there is a next page; where rows are passed over, more are read at once.
    let step = if listing.passes_over() { CHUNK } else { CHUNK.min(paging.limit + 1) };
    page::in_order(sight, (paging, step), read, |_, row| Ok(Some(row).filter(|row| listing.fits(row))))
}
