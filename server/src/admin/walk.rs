//! Walking the users of an account, or of an account and all below it, page by page. A cursor is (account, user) of the last line.

use super::page::{PageQuery, invalid};
use super::problem::Problem;
use super::sight::Sight;
use super::tree;
use super::value::Id;
use leasehold_ledger::record::user::User;
use leasehold_ledger::record::{Account, AccountId, Membership, MembershipState};
use leasehold_ledger::row;
use leasehold_ledger::store::{Read as _, StoreError, Table, after};
use leasehold_ledger::view::find;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Accounts looked at for one page: a page of many empty ones ends early.
const ACCOUNTS_MAX: usize = 1000;
/// Memberships looked at for one page: so does one of many that were removed.
const LOOK_MAX: usize = 5_000;
/// Rows read at once.
const CHUNK: usize = 512;

/// Which users.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// Of this account alone; of the caller's own and all below it unless said otherwise.
    #[param(value_type = Option<Id>)]
    pub account: Option<AccountId>,
    /// Items on a page at most, 1 to 500; 100 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// A membership with both its ends.
pub type Member = (Account, Membership, User);

/// A page of members, and the cursor behind it. Who was removed is passed over, up to 5000 for one page.
///
/// # Errors
/// [`Problem`].
pub fn members_below(sight: &Sight<'_>, query: &UserQuery) -> Result<(Vec<Member>, Option<Vec<u8>>), Problem> {
    let paging = PageQuery { limit: query.limit, cursor: query.cursor.clone() }.paging()?;
    let root = query.account.unwrap_or(sight.caller.account);
    let mut last: Option<Vec<u8>> = paging.after;
    let mut next = match &last {
        None => Some(sight.account(root)?),
        Some(place) => {
            let account = place.get(..16).and_then(|id| Uuid::from_slice(id).ok());
            let account =
                account.filter(|_| place.len() == 32).ok_or_else(|| invalid("cursor: not one of this list"))?;
            Some(sight.account(AccountId(account))?)
        }
    };
    let (mut found, mut looked) = (Vec::new(), 0);
    for _ in 0..ACCOUNTS_MAX {
        let Some(account) = next else { return Ok((found, None)) };
        let own = account.id.bytes();
        loop {
            let from = last.as_ref().filter(|last| last.starts_with(own)).map(|last| [&last[..], &[0]].concat());
            let from = from.unwrap_or_else(|| own.to_vec());
            let rows = sight.draft.scan(Table::Memberships, &from, &after(own), CHUNK)?;
            let is_end = rows.len() < CHUNK;
            for (key, row) in rows {
                if found.len() == paging.limit || looked == LOOK_MAX {
                    return Ok((found, last));
                }
                let membership: Membership = row::decode(&key, &row)?;
                last = Some(key);
                looked += 1;
                if membership.state != MembershipState::Removed {
                    found.push(with_user(sight, account.clone(), membership)?);
                }
            }
            if is_end {
                break;
            }
        }
        next = if query.account.is_none() { tree::successor(sight, root, account)? } else { None };
        if let Some(following) = &next {
            // The cursor stands before the first member of the account that follows.
            last = Some([*following.id.bytes(), [0; 16]].concat());
        }
    }
    Ok((found, last))
}

/// A membership's user, which must be there.
///
/// # Errors
/// [`Problem`].
pub fn with_user(sight: &Sight<'_>, account: Account, membership: Membership) -> Result<Member, Problem> {
    let missing = || StoreError::Io("a membership leads nowhere".into());
    let user = find::<User>(&sight.draft, membership.user.bytes())?.ok_or_else(missing)?;
    Ok((account, membership, user))
}
