//! Typed look-ups about people, over any view.

use crate::record::*;
use crate::row::{self, Record};
use crate::rule::code;
use crate::store::{Read, StoreError, Table, after};
use crate::view::{find, list, seconds};
use leasehold_protocol::Time;
use std::ops::ControlFlow;

/// Rows about one account or one user that one look takes; the rules let far fewer come to be.
const MEMBERS_MAX: usize = 1_000_000;
/// Members read at once where a look may end early.
const PAGE: usize = 500;

/// A user.
///
/// # Errors
/// [`StoreError`].
pub fn user(view: &dyn Read, id: UserId) -> Result<Option<User>, StoreError> {
    find(view, id.bytes())
}

/// The user with this username or email, however it is written (T1).
///
/// # Errors
/// [`StoreError`].
pub fn user_named(view: &dyn Read, identifier: &str) -> Result<Option<User>, StoreError> {
    match view.get(Table::UserNames, code::fold(identifier).as_bytes())? {
        Some(id) => indexed(view, Table::Users, &id).map(Some),
        None => Ok(None),
    }
}

/// A user's membership of an account.
///
/// # Errors
/// [`StoreError`].
pub fn membership(view: &dyn Read, account: AccountId, user: UserId) -> Result<Option<Membership>, StoreError> {
    find(view, &Membership::key_of(account, user))
}

/// All memberships of a user, those pending and removed included.
///
/// # Errors
/// [`StoreError`].
pub fn memberships_of(view: &dyn Read, user: UserId) -> Result<Vec<Membership>, StoreError> {
    let accounts = seconds(view, Table::UserAccounts, user.bytes())?;
    let memberships = accounts.iter().map(|account| {
        let key = [*account, *user.bytes()].concat();
        indexed(view, Table::Memberships, &key)
    });
    memberships.collect()
}

/// All memberships of an account, those pending and removed included, in the order their users were made.
///
/// # Errors
/// [`StoreError`].
pub fn members_of(view: &dyn Read, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    list(view, account.bytes(), None, MEMBERS_MAX)
}

/// What `look` stops at, going through an account's members in the order of [`members_of`].
///
/// # Errors
/// [`StoreError`].
pub fn through_members<T>(
    view: &dyn Read,
    account: AccountId,
    mut look: impl FnMut(Membership) -> ControlFlow<T>,
) -> Result<Option<T>, StoreError> {
    let mut cursor: Option<Vec<u8>> = None;
    loop {
        let page: Vec<Membership> = list(view, account.bytes(), cursor.as_deref(), PAGE)?;
        cursor = page.last().filter(|_| page.len() == PAGE).map(Record::key);
        for member in page {
            if let ControlFlow::Break(found) = look(member) {
                return Ok(Some(found));
            }
        }
        if cursor.is_none() {
            return Ok(None);
        }
    }
}

/// The first member that is as wanted.
///
/// # Errors
/// [`StoreError`].
pub fn member_who(
    view: &dyn Read,
    account: AccountId,
    is: impl Fn(&Membership) -> bool,
) -> Result<Option<Membership>, StoreError> {
    let look = |member: Membership| if is(&member) { ControlFlow::Break(member) } else { ControlFlow::Continue(()) };
    through_members(view, account, look)
}

/// The session or link with this hash, good or not.
///
/// # Errors
/// [`StoreError`].
pub fn secret(view: &dyn Read, hash: &[u8; 32]) -> Result<Option<Secret>, StoreError> {
    find(view, hash)
}

/// All sessions and links of a user, good or not, in the order they were made.
///
/// # Errors
/// [`StoreError`].
pub fn secrets_of(view: &dyn Read, user: UserId) -> Result<Vec<Secret>, StoreError> {
    let rows = view.scan(Table::UserSecrets, user.bytes(), &after(user.bytes()), MEMBERS_MAX)?;
    rows.iter().map(|(_, hash)| indexed(view, Table::Secrets, hash)).collect()
}

/// A mail.
///
/// # Errors
/// [`StoreError`].
pub fn mail(view: &dyn Read, id: MailId) -> Result<Option<Mail>, StoreError> {
    find(view, &id.0.to_be_bytes())
}

/// At most `limit` mails that may be tried at `now`, the longest due first.
///
/// # Errors
/// [`StoreError`].
pub fn mails_due(view: &dyn Read, now: Time, limit: usize) -> Result<Vec<Mail>, StoreError> {
    let end = now.plus(1).0.to_be_bytes();
    let rows = view.scan(Table::OutboxDue, &[], &end, limit)?;
    rows.iter().map(|(key, _)| indexed(view, Table::Outbox, key.get(8..).unwrap_or_default())).collect()
}

/// The mails to a user that were neither sent nor withdrawn, in the order they were posted.
///
/// # Errors
/// [`StoreError`].
pub fn mails_open(view: &dyn Read, user: UserId) -> Result<Vec<Mail>, StoreError> {
    let rows = view.scan(Table::UserMails, user.bytes(), &after(user.bytes()), MEMBERS_MAX)?;
    rows.iter().map(|(key, _)| indexed(view, Table::Outbox, key.get(16..).unwrap_or_default())).collect()
}

/// A record that an index names, so that it must be there.
fn indexed<R: Record>(view: &dyn Read, table: Table, key: &[u8]) -> Result<R, StoreError> {
    let problem = "an index names it, and it is missing";
    let missing = || StoreError::Corrupt { table: table.name(), key: row::hex(key), problem };
    find(view, key)?.ok_or_else(missing)
}
