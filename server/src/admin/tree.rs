//! Walking the account tree page by page: each account before those below it, siblings by name. Every step reads one row of an
//! index, so a page costs its own length however large the tree is.

use super::list::Chunk;
use super::page::invalid;
use super::problem::Problem;
use super::sight::Sight;
use leasehold_ledger::record::{Account, AccountId};
use leasehold_ledger::rule::code;
use leasehold_ledger::store::{Read as _, StoreError, Table, after};
use uuid::Uuid;

/// At most `most` accounts of the tree under `root`, itself first, after the one whose id is `last`.
///
/// # Errors
/// [`Problem`].
pub fn walk(sight: &Sight<'_>, root: AccountId, last: Option<&[u8]>, most: usize) -> Result<Chunk<Account>, Problem> {
    let mut next = match last {
        None => Some(sight.account(root)?),
        Some(id) => {
            let id = Uuid::from_slice(id).map_err(|_| invalid("cursor: not one of this list"))?;
            successor(sight, root, sight.account(AccountId(id))?)?
        }
    };
    let mut rows = Vec::new();
    while let Some(account) = next.take_if(|_| rows.len() < most) {
        next = successor(sight, root, account.clone())?;
        rows.push((account.id.bytes().to_vec(), Some(account)));
    }
    Ok(Chunk { rows, is_end: next.is_none() })
}

/// The account that comes after `account` under `root`: its first child, or the next sibling of it or of one above it.
///
/// # Errors
/// [`Problem`].
pub fn successor(sight: &Sight<'_>, root: AccountId, account: Account) -> Result<Option<Account>, Problem> {
    if let Some(child) = first_from(sight, account.id, account.id.bytes().to_vec())? {
        return Ok(Some(child));
    }
    let mut below = account;
    while let Some(parent) = below.parent.filter(|_| below.id != root) {
        let behind = [parent.bytes(), code::fold(below.name()).as_bytes(), &[0]].concat();
        if let Some(sibling) = first_from(sight, parent, behind)? {
            return Ok(Some(sibling));
        }
        below = sight.account(parent)?;
    }
    Ok(None)
}

fn first_from(sight: &Sight<'_>, parent: AccountId, from: Vec<u8>) -> Result<Option<Account>, Problem> {
    let rows = sight.draft.scan(Table::AccountNames, &from, &after(parent.bytes()), 1)?;
    rows.first().map(|(_, id)| named(sight, id)).transpose()
}

/// The account an index row names.
///
/// # Errors
/// [`Problem`] when it is not there: then the index is damaged.
pub fn named(sight: &Sight<'_>, id: &[u8]) -> Result<Account, Problem> {
    let damaged = || StoreError::Io("a row of account_names leads nowhere".into());
    let id = Uuid::from_slice(id).map_err(|_| damaged())?;
    Ok(sight.draft.account(AccountId(id))?.ok_or_else(damaged)?)
}
