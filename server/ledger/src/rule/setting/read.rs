//! What the settings are now, for the rules they are of.

use crate::draft::Draft;
use crate::record::mail::Mail;
use crate::record::secret::SecretKind;
use crate::record::setting::{Scope, Setting, SettingValue};
use crate::record::{Account, AccountId};
use crate::rule::setting::SETTINGS;
use crate::store::{Read, StoreError};
use crate::view::find;
use leasehold_protocol::time::DAY;

const HOUR: i64 = 3600;

/// Seconds a session lives.
///
/// # Errors
/// [`StoreError`].
pub fn session_life(view: &dyn Read) -> Result<i64, StoreError> {
    Ok(i64::from(number(view, Scope::Installation, "session_hours")?) * HOUR)
}

/// What a mail's link is for, and the seconds it is good; none for a mail without one.
///
/// # Errors
/// [`StoreError`].
pub fn link_life(view: &dyn Read, mail: &Mail) -> Result<Option<(SecretKind, i64)>, StoreError> {
    let Some(kind) = mail.link() else { return Ok(None) };
    let (name, unit) = if mail.invites() { ("invitation_days", DAY) } else { ("link_hours", HOUR) };
    Ok(Some((kind, i64::from(number(view, Scope::Installation, name)?) * unit)))
}

/// Days a new token of an account may be good; the strictest of the account and those above it.
///
/// # Errors
/// [`StoreError`].
pub fn token_days_max(draft: &Draft<'_>, account: &Account) -> Result<Option<u32>, StoreError> {
    let days = |value| if let SettingValue::Number(days) = value { Some(days) } else { None };
    Ok(upwards(draft, account, "token_days_max")?.into_iter().filter_map(days).min())
}

/// Whether the account, or one above it, has its portal closed once maintenance of something pooled has ended (H25).
///
/// # Errors
/// [`StoreError`].
pub fn expired_maintenance_blocks(draft: &Draft<'_>, account: &Account) -> Result<bool, StoreError> {
    Ok(upwards(draft, account, "expired_maintenance")?.iter().any(|value| says(value, "block")))
}

/// A term that extends what is over counts from today: so says the highest of the account and those above it that says anything.
///
/// # Errors
/// [`StoreError`].
pub fn extends_from_today(draft: &Draft<'_>, account: &Account) -> Result<bool, StoreError> {
    Ok(upwards(draft, account, "extend_from")?.last().is_some_and(|value| says(value, "today")))
}

/// Whether an account's administrators get notices by mail.
///
/// # Errors
/// [`StoreError`].
pub fn notices(view: &dyn Read, account: AccountId) -> Result<bool, StoreError> {
    Ok(value(view, Scope::Account(account), "notices")?.is_some_and(|value| says(&value, "on")))
}

/// Days after which a console of the account counts as silent.
///
/// # Errors
/// [`StoreError`].
pub fn silent_days(view: &dyn Read, account: AccountId) -> Result<u32, StoreError> {
    number(view, Scope::Account(account), "silent_days")
}

/// Devices of the account that may be rehosted, and the days within which they are counted.
///
/// # Errors
/// [`StoreError`].
pub fn rehosts(view: &dyn Read, account: AccountId) -> Result<(u32, u32), StoreError> {
    let of = Scope::Account(account);
    Ok((number(view, of, "rehosts_max")?, number(view, of, "rehost_days")?))
}

/// What somebody has set; none for the default.
pub(super) fn set(view: &dyn Read, scope: Scope, name: &str) -> Result<Option<SettingValue>, StoreError> {
    Ok(find::<Setting>(view, &Setting::key_of(scope, name))?.map(|setting| setting.value))
}

/// What is set, or the default.
fn value(view: &dyn Read, scope: Scope, name: &str) -> Result<Option<SettingValue>, StoreError> {
    let usual = || SETTINGS.iter().find(|one| one.name == name).and_then(|one| one.kind.usual());
    Ok(set(view, scope, name)?.or_else(usual))
}

fn number(view: &dyn Read, scope: Scope, name: &str) -> Result<u32, StoreError> {
    let value = value(view, scope, name)?;
    Ok(if let Some(SettingValue::Number(number)) = value { number } else { 0 })
}

fn says(value: &SettingValue, this: &str) -> bool {
    matches!(value, SettingValue::Word(word) if word == this)
}

/// What the account and those above it have set, the account's own first.
fn upwards(draft: &Draft<'_>, account: &Account, name: &str) -> Result<Vec<SettingValue>, StoreError> {
    let path = draft.path(account)?;
    path.iter().filter_map(|step| set(draft, Scope::Account(step.id), name).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::record::secret::{INVITATION_LIFE, LINK_LIFE, SESSION_LIFE};
    use crate::store::Store;

    #[test]
    fn nothing_set_is_what_the_records_say() {
        let store = MemoryStore::new();
        let view = store.read().expect("memory");
        let number = |name| number(view.as_ref(), Scope::Installation, name).map(i64::from);
        assert_eq!(session_life(view.as_ref()), Ok(SESSION_LIFE));
        assert_eq!(number("invitation_days").map(|days| days * DAY), Ok(INVITATION_LIFE));
        assert_eq!(number("link_hours").map(|hours| hours * HOUR), Ok(LINK_LIFE));
    }
}
