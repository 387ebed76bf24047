//! Reports: what is used, what ends, what runs out, who is silent (A24, G11).
//!
//! Each is of an account, or of it and all below it (`subtree=true`); each is a list like any other, in pages or as CSV. Work is bounded
//! as it is for lists: a page looks at so much and then ends, perhaps with fewer items than asked for and a `next`.

pub mod expiring;
pub mod low_pools;
pub mod past;
pub mod silent;
pub mod usage;

use super::auth::Caller;
use super::holdings::second;
use super::page::{CHUNK, Page, PageQuery, in_order, invalid};
use super::problem::Problem;
use super::sight::Sight;
use super::walk::{Span, Walk};
use axum::Json;
use leasehold_ledger::record::{Account, AccountId, Holding};
use leasehold_ledger::store::Table;

/// Of what a report is, and which page.
#[derive(Debug)]
pub struct Asked {
    /// The account.
    pub account: AccountId,
    /// It alone, or all below it too.
    pub subtree: Option<bool>,
    /// Which page.
    pub page: PageQuery,
}

impl Asked {
    /// How far it goes.
    #[must_use]
    pub fn span(&self) -> Span {
        if self.subtree == Some(true) { Span::Tree } else { Span::Account }
    }

    /// A page of what `item` makes of holdings, as they stand now.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn holdings<T>(
        &self,
        caller: &Caller,
        mut item: impl FnMut(&mut Sight<'_>, &Account, Holding) -> Result<Option<T>, Problem>,
    ) -> Result<Json<Page<T>>, Problem> {
        let (paging, mut walk) = (self.page.paging()?, Walk::new(self.account, self.span()));
        caller.look(|sight| {
            let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
                walk.read(sight, Table::AccountHoldings, (last, most), |_, account, (key, _)| {
                    Ok(Some((account.clone(), second(&key[16..])?)))
                })
            };
            let (items, next) = in_order(sight, (&paging, CHUNK), read, |sight, (account, id)| {
                let holding = sight.holding_now(id)?;
                item(sight, &account, holding)
            })?;
            Ok(Json(Page::new(items, next.as_deref())))
        })
    }
}

/// A number of a report's query, within what it may be.
///
/// # Errors
/// `query_invalid`.
pub fn within(name: &str, number: u32, most: u32) -> Result<u32, Problem> {
    if (1..=most).contains(&number) { Ok(number) } else { Err(invalid(format!("{name}: {number} is not 1 to {most}"))) }
}
