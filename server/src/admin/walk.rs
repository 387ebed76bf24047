//! Walking what an account has, or an account and all below it: its users, holdings or devices. A cursor is (account, id) of the last
//! line.

use super::auth::Caller;
use super::list::{Listed, Listing};
use super::look_up::known;
use super::page::{Chunk, invalid};
use super::problem::Problem;
use super::sight::Sight;
use super::tree;
use leasehold_ledger::record::user::User;
use leasehold_ledger::record::{Account, AccountId, Membership, MembershipState};
use leasehold_ledger::row;
use leasehold_ledger::store::{Read as _, StoreError, Table, after};
use leasehold_ledger::view::find;
use uuid::Uuid;

/// Accounts looked at for one page in the list's own order: a page of many empty ones ends early.
const ACCOUNTS_MAX: usize = 1000;
/// Stands in the place of an id where an account has none.
const NONE: [u8; 16] = [0; 16];

/// A membership with both its ends.
pub struct Member {
    /// Where.
    pub account: Account,
    /// As what.
    pub membership: Membership,
    /// Who, as it is known there.
    pub user: User,
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One account.
    Account,
    /// It and all below it.
    Tree,
}

/// A walk for one page.
pub struct Walk {
    root: AccountId,
    span: Span,
    accounts_left: usize,
}

impl Walk {
    /// A walk from an account on, for a page in the list's own order.
    #[must_use]
    pub fn new(root: AccountId, span: Span) -> Self {
        Self { root, span, accounts_left: ACCOUNTS_MAX }
    }

    /// A walk from an account on for a list's page. For one that is sorted everything is looked at: the list's length is what bounds it,
    /// and each account is one row at least.
    #[must_use]
    pub fn listed<L: Listed>(root: AccountId, span: Span, listing: &Listing<L>) -> Self {
        let accounts_left = if listing.is_in_order() { ACCOUNTS_MAX } else { usize::MAX };
        Self { root, span, accounts_left }
    }

    /// The walk of a list that goes over the caller's own account and all below it, or with `account` over this one alone.
    ///
    /// # Errors
    /// `query_invalid`.
    pub fn asked<L: Listed>(caller: &Caller, listing: &Listing<L>) -> Result<Self, Problem> {
        let (root, span) = match listing.asked("account").map(str::parse) {
            None => (caller.account, Span::Tree),
            Some(Ok(account)) => (account, Span::Account),
            Some(Err(_)) => return Err(invalid("account: not an id")),
        };
        Ok(Self::listed(root, span, listing))
    }

    /// At most `most` rows of an index by (account, id) after the one that is `last`, each made by `row` of account, key and value. An
    /// account without any is a row that shows nothing: looking at it is work like any other.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn read<R>(
        &mut self,
        sight: &mut Sight<'_>,
        index: Table,
        (last, most): (Option<&[u8]>, usize),
        mut row: impl FnMut(&mut Sight<'_>, &Account, (&[u8], &[u8])) -> Result<Option<R>, Problem>,
    ) -> Result<Chunk<R>, Problem> {
        let mut begun = last.map(<[u8]>::to_vec);
        let mut next = Some(sight.account(self.root)?);
        if let Some(place) = last {
            let account = place.get(..16).and_then(|id| Uuid::from_slice(id).ok()).map(AccountId);
            let account = account.filter(|id| place.len() == 32 && (self.span == Span::Tree || *id == self.root));
            next = Some(sight.account(account.ok_or_else(|| invalid("cursor: not one of this list"))?)?);
        }
        let mut rows = Vec::new();
        while let Some(account) = next.take() {
            let (own, room) = (*account.id.bytes(), most - rows.len());
            let from = begun.as_ref().map_or_else(|| own.to_vec(), |last| [&last[..], &[0]].concat());
            let found = sight.draft.scan(index, &from, &after(&own), room)?;
            let has_more = found.len() == room;
            if found.is_empty() && begun.take().is_none() {
                rows.push(([own, NONE].concat(), None));
            }
            for (key, value) in found {
                let made = row(sight, &account, (&key, &value))?;
                rows.push((key, made));
            }
            if has_more || rows.len() == most || (self.span == Span::Tree && self.accounts_left == 0) {
                return Ok(Chunk { rows, is_end: false });
            }
            if self.span == Span::Tree {
                (next, begun) = (tree::successor(sight, self.root, account)?, None);
                self.accounts_left -= 1;
            }
        }
        Ok(Chunk { rows, is_end: true })
    }

    /// [`Walk::read`] of members; of who was removed it shows nothing.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn members(&mut self, sight: &mut Sight<'_>, page: (Option<&[u8]>, usize)) -> Result<Chunk<Member>, Problem> {
        self.read(sight, Table::Memberships, page, |sight, account, (key, value)| {
            seen(sight, account, row::decode(key, value)?)
        })
    }
}

/// A line of a list, unless the user was removed. What is not known of a user there is neither searched nor sorted by.
fn seen(sight: &Sight<'_>, account: &Account, membership: Membership) -> Result<Option<Member>, Problem> {
    if membership.state == MembershipState::Removed {
        return Ok(None);
    }
    let Member { account, membership, user } = with_user(sight, account.clone(), membership)?;
    let place = [(account, membership)];
    let user = known(sight, user, &place)?;
    let [(account, membership)] = place;
    Ok(Some(Member { account, membership, user }))
}

/// A membership's user, which must be there.
///
/// # Errors
/// [`Problem`].
pub fn with_user(sight: &Sight<'_>, account: Account, membership: Membership) -> Result<Member, Problem> {
    let missing = || StoreError::Io("a membership leads nowhere".into());
    let user = find::<User>(&sight.draft, membership.user.bytes())?.ok_or_else(missing)?;
    Ok(Member { account, membership, user })
}
