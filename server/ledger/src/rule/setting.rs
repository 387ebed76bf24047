//! Settings: which there are, who may change them, and what they are now. Each is read by a rule that is named beside it.
//!
//! | setting | of | read by |
//! |---|---|---|
//! | `session_hours` | installation | [`crate::rule::session::open`] |
//! | `invitation_days`, `link_hours` | installation | [`link_life`], for mails and the links in them |
//! | `token_days_max` | account, and all below it | [`crate::rule::token::create`] |
//! | `rehosts_max`, `rehost_days` | account | [`crate::rule::rehost::rehost`] |
//! | `expired_maintenance` | account, and all below it | [`expired_maintenance_blocks`] |
//! | `extend_from` | account, and all below it | [`crate::rule::license::extend`] |
//! | `notices`, `silent_days` | account | [`crate::rule::notice`] |
//! | `free_on` | pool | [`crate::rule::key::create`], for keys made from then on |

pub mod table;

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::mail::Mail;
use crate::record::secret::SecretKind;
use crate::record::setting::{Scope, Setting, SettingValue};
use crate::record::told::Word;
use crate::record::{Account, AccountId, FreeOn, Holding, HoldingRole, Verb};
use crate::rule::event::Facts;
use crate::store::{Read, StoreError};
use crate::view::find;
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;
pub use table::{Definition, Kind, Of, SETTINGS};

const HOUR: i64 = 3600;

/// A setting as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Which.
    pub definition: Definition,
    /// What it is.
    pub value: Option<SettingValue>,
    /// Somebody set it.
    pub is_set: bool,
}

/// The settings of something, as they are.
///
/// # Errors
/// `out_of_reach` for a pool that is none, or [`Fault::Store`].
pub fn all(draft: &Draft<'_>, scope: Scope) -> Result<Vec<Current>, Fault> {
    let of = of(scope);
    let settings = SETTINGS.iter().filter(|definition| definition.of == of);
    settings.map(|definition| current(draft, scope, *definition)).collect()
}

/// Changes settings: to a value, or back to the default. One Event says what changed.
///
/// # Errors
/// [`Fault`].
pub fn change(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    scope: Scope,
    changes: &[(String, Option<SettingValue>)],
) -> Result<Outcome, Fault> {
    let account = allowed(draft, context, scope)?;
    let mut facts = Facts::default();
    let mut is_changed = false;
    for (name, value) in changes {
        let found = SETTINGS.iter().find(|one| one.of == of(scope) && one.name == name);
        let missing = || Fault::refused(Refused::FieldInvalid, format!("{name:?}: there is no such setting here"));
        let definition = *found.ok_or_else(missing)?;
        check(definition, value.as_ref())?;
        let before = current(draft, scope, definition)?.value;
        write(draft, scope, definition, value.as_ref())?;
        let after = current(draft, scope, definition)?.value;
        is_changed |= before != after;
        let told = |value: &Option<SettingValue>| value.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
        facts = facts.was(name, told(&before), told(&after));
    }
    if is_changed {
        let subject = match scope {
            Scope::Installation => "installation".to_owned(),
            Scope::Account(id) => id.to_string(),
            Scope::Pool(id) => id.to_string(),
        };
        draft.event_with(context, Verb::SettingsChanged, &[account], subject, facts)?;
    }
    Ok(Outcome::Done)
}

fn of(scope: Scope) -> Of {
    match scope {
        Scope::Installation => Of::Installation,
        Scope::Account(_) => Of::Account,
        Scope::Pool(_) => Of::Pool,
    }
}

/// Whose history a change stands in, for somebody who may make it.
fn allowed(draft: &Draft<'_>, context: &Context<'_>, scope: Scope) -> Result<AccountId, Fault> {
    Ok(match scope {
        Scope::Installation => draft.vendor_admin(context.actor)?,
        Scope::Account(id) => draft.reach(context.actor, id, Role::Admin)?.id,
        Scope::Pool(id) => draft.reach_active(context.actor, draft.holding(id)?.account, Role::Operator)?.id,
    })
}

fn check(definition: Definition, value: Option<&SettingValue>) -> Result<(), Fault> {
    let name = definition.name;
    let holds = match (definition.kind, value) {
        (Kind::Number(..), None) => true,
        (_, None) => definition.of != Of::Pool, // a pool itself has the value
        (Kind::Number(least, most, _), Some(SettingValue::Number(number))) => (least..=most).contains(number),
        (Kind::Word(words), Some(SettingValue::Word(word))) => words.contains(&word.as_str()),
        _ => false,
    };
    ensure(holds, Refused::FieldInvalid, || match definition.kind {
        Kind::Number(least, most, _) => format!("{name}: a number from {least} to {most}, or null"),
        Kind::Word(words) => format!("{name}: one of {}", words.join(", ")),
    })
}

fn current(draft: &Draft<'_>, scope: Scope, definition: Definition) -> Result<Current, Fault> {
    if let Scope::Pool(id) = scope {
        let word = pool(draft, id)?.free_on.word().to_owned();
        return Ok(Current { definition, value: Some(SettingValue::Word(word)), is_set: true });
    }
    let set = find::<Setting>(draft, &Setting::key_of(scope, definition.name))?.map(|setting| setting.value);
    let usual = definition.kind.usual();
    Ok(Current { definition, is_set: set.is_some(), value: set.or(usual) })
}

fn write(
    draft: &mut Draft<'_>,
    scope: Scope,
    definition: Definition,
    value: Option<&SettingValue>,
) -> Result<(), Fault> {
    let name = definition.name.to_owned();
    match (scope, value) {
        (Scope::Pool(id), Some(SettingValue::Word(word))) => {
            let all = [FreeOn::Fetch, FreeOn::Expiry, FreeOn::AtOnce];
            let Some(free_on) = all.into_iter().find(|one| one.word() == word) else { return Ok(()) };
            let pool = pool(draft, id)?;
            draft.put(&Holding { free_on, ..pool });
        }
        (_, Some(value)) => draft.put(&Setting { scope, name, value: value.clone() }),
        (_, None) => draft.delete(crate::store::Table::Settings, Setting::key_of(scope, &name)),
    }
    Ok(())
}

fn pool(draft: &Draft<'_>, id: crate::record::HoldingId) -> Result<Holding, Fault> {
    let pool = draft.holding(id)?;
    let is_pool = matches!(pool.role, HoldingRole::Pool | HoldingRole::Stock);
    ensure(is_pool, Refused::OutOfReach, || format!("{id} is no pool"))?;
    Ok(pool)
}

/// What the installation has set, or the default.
fn installed(view: &dyn Read, name: &str) -> Result<i64, StoreError> {
    let set = find::<Setting>(view, &Setting::key_of(Scope::Installation, name))?.map(|setting| setting.value);
    let usual = SETTINGS.iter().find(|one| one.name == name).map(|one| one.kind);
    Ok(match (set, usual) {
        (Some(SettingValue::Number(number)), _) | (None, Some(Kind::Number(_, _, Some(number)))) => number.into(),
        _ => 0,
    })
}

/// A number that is set for an account itself, or the default.
///
/// # Errors
/// [`StoreError`].
pub fn number_of(view: &dyn Read, account: AccountId, name: &str) -> Result<u32, StoreError> {
    let set = find::<Setting>(view, &Setting::key_of(Scope::Account(account), name))?.map(|setting| setting.value);
    let usual = SETTINGS.iter().find(|one| one.name == name).map(|one| one.kind);
    Ok(match (set, usual) {
        (Some(SettingValue::Number(number)), _) | (None, Some(Kind::Number(_, _, Some(number)))) => number,
        _ => 0,
    })
}

/// Seconds a session lives.
///
/// # Errors
/// [`StoreError`].
pub fn session_life(view: &dyn Read) -> Result<i64, StoreError> {
    Ok(installed(view, "session_hours")? * HOUR)
}

/// What a mail's link is for, and the seconds it is good; none for a mail without one.
///
/// # Errors
/// [`StoreError`].
pub fn link_life(view: &dyn Read, mail: &Mail) -> Result<Option<(SecretKind, i64)>, StoreError> {
    let Some(kind) = mail.link() else { return Ok(None) };
    let life =
        if mail.invites() { installed(view, "invitation_days")? * DAY } else { installed(view, "link_hours")? * HOUR };
    Ok(Some((kind, life)))
}

/// Days a new token of an account may be good; the strictest of the account and those above it.
///
/// # Errors
/// [`StoreError`].
pub fn token_days_max(draft: &Draft<'_>, account: &Account) -> Result<Option<u32>, StoreError> {
    let mut strictest = None;
    for step in draft.path(account)? {
        let key = Setting::key_of(Scope::Account(step.id), "token_days_max");
        if let Some(SettingValue::Number(days)) = find::<Setting>(draft, &key)?.map(|setting| setting.value) {
            strictest = Some(strictest.map_or(days, |least: u32| least.min(days)));
        }
    }
    Ok(strictest)
}

/// Whether the account, or one above it, has its portal closed once maintenance of something pooled has ended (H25).
///
/// # Errors
/// [`StoreError`].
pub fn expired_maintenance_blocks(draft: &Draft<'_>, account: &Account) -> Result<bool, StoreError> {
    for step in draft.path(account)? {
        let key = Setting::key_of(Scope::Account(step.id), "expired_maintenance");
        if find::<Setting>(draft, &key)?.is_some_and(|setting| setting.value == SettingValue::Word("block".to_owned()))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A term that extends what is over counts from today: so says the highest of the account and those above it that says anything.
///
/// # Errors
/// [`StoreError`].
pub fn extends_from_today(draft: &Draft<'_>, account: &Account) -> Result<bool, StoreError> {
    let mut from_today = false;
    for step in draft.path(account)? {
        let key = Setting::key_of(Scope::Account(step.id), "extend_from");
        if let Some(setting) = find::<Setting>(draft, &key)? {
            from_today = setting.value == SettingValue::Word("today".to_owned());
        }
    }
    Ok(from_today)
}

/// What an account has set, or the default.
fn of_account(view: &dyn Read, account: AccountId, name: &str) -> Result<Option<SettingValue>, StoreError> {
    let set = find::<Setting>(view, &Setting::key_of(Scope::Account(account), name))?.map(|setting| setting.value);
    let usual = SETTINGS.iter().find(|one| one.name == name).and_then(|one| one.kind.usual());
    Ok(set.or(usual))
}

/// Whether an account's administrators get notices by mail.
///
/// # Errors
/// [`StoreError`].
pub fn notices(view: &dyn Read, account: AccountId) -> Result<bool, StoreError> {
    Ok(of_account(view, account, "notices")? == Some(SettingValue::Word("on".to_owned())))
}

/// Days after which a console of the account counts as silent.
///
/// # Errors
/// [`StoreError`].
pub fn silent_days(view: &dyn Read, account: AccountId) -> Result<u32, StoreError> {
    let set = of_account(view, account, "silent_days")?;
    Ok(if let Some(SettingValue::Number(days)) = set { days } else { 0 })
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
        assert_eq!(session_life(view.as_ref()), Ok(SESSION_LIFE));
        assert_eq!(installed(view.as_ref(), "invitation_days").map(|days| days * DAY), Ok(INVITATION_LIFE));
        assert_eq!(installed(view.as_ref(), "link_hours").map(|hours| hours * HOUR), Ok(LINK_LIFE));
    }
}
