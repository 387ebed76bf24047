//! A page of a list in another order than its own: the whole list is looked at, and only the rows of the page are kept.

use super::query::Sort;
use super::{CHUNK, Chunk, Found, Listed, Listing, SORT_MAX};
use crate::admin::page::{Paging, invalid};
use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use axum::http::StatusCode;
use std::collections::BTreeMap;

/// The place in the order, then the row's own key.
type Place = (Vec<u8>, Vec<u8>);

/// The next rows in the order asked for, and the cursor behind them.
///
/// # Errors
/// `too_many_to_sort`, or another [`Problem`].
pub fn rows<L: Listed>(
    sight: &mut Sight<'_>,
    listing: &Listing<L>,
    sort: Sort,
    read: &mut impl FnMut(&mut Sight<'_>, Option<&[u8]>, usize) -> Result<Chunk<L::Row>, Problem>,
) -> Result<Found<L::Row>, Problem> {
    let Paging { limit, after } = listing.paging();
    let after = after.as_ref().map(|cursor| decode(sort, cursor)).transpose()?;
    let is_behind = |place: &Place| match &after {
        None => true,
        Some(after) if sort.is_down => place < after,
        Some(after) => place > after,
    };
    let (mut best, mut last, mut looked) = (BTreeMap::new(), None::<Vec<u8>>, 0);
    loop {
        let chunk = read(sight, last.as_deref(), CHUNK)?;
        for (key, row) in chunk.rows {
            looked += 1;
            last = Some(key.clone());
            let Some(row) = row.filter(|row| listing.fits(row)) else { continue };
            let place = (listing.place(sort, &row), key);
            if is_behind(&place) {
                best.insert(place, row);
            }
            if best.len() > limit + 1 {
                if sort.is_down {
                    best.pop_first()
                } else {
                    best.pop_last()
                };
            }
        }
        if looked > SORT_MAX {
            return Err(too_many());
        }
        if chunk.is_end {
            return Ok(page(best, sort, *limit));
        }
    }
}

fn page<R>(best: BTreeMap<Place, R>, sort: Sort, limit: usize) -> Found<R> {
    let has_more = best.len() > limit;
    let mut rows: Vec<(Place, R)> = best.into_iter().collect();
    if sort.is_down {
        rows.reverse();
    }
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|(place, _)| encode(sort, place));
    (rows.into_iter().map(|(_, row)| row).collect(), next)
}

/// field: u8 | down: u8 | length of the place: u8 | place | the row's own key
fn encode(sort: Sort, (place, key): &Place) -> Vec<u8> {
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX); // a list has few fields, and a place is short
    [&[byte(sort.field), u8::from(sort.is_down), byte(place.len())], &place[..], key].concat()
}

fn decode(sort: Sort, cursor: &[u8]) -> Result<Place, Problem> {
    let wrong = || invalid("cursor: not one of this list in this order");
    let (head, rest) = cursor.split_at_checked(3).ok_or_else(wrong)?;
    let (place, key) = rest.split_at_checked(head[2].into()).ok_or_else(wrong)?;
    let is_this = (usize::from(head[0]), head[1] == 1) == (sort.field, sort.is_down);
    is_this.then(|| (place.to_vec(), key.to_vec())).ok_or_else(wrong)
}

fn too_many() -> Problem {
    let detail = format!("more than {SORT_MAX} rows are not sorted");
    Problem::new(StatusCode::BAD_REQUEST, "too_many_to_sort", "The list is too long to be sorted", detail)
        .hint("Leave `sort` out: the list then comes in its own order, page by page.")
}
