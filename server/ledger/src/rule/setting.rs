//! Settings: which there are, who may change them, and what they are now. Each is read by a rule that is named beside it.
//!
//! | setting | of | read by |
//! |---|---|---|
//! | `session_hours` | installation | [`crate::rule::session::open`] |
//! | `invitation_days`, `link_hours` | installation | [`link_life`], for mails and the links in them |
//! | `token_days_max` | account, and all below it | [`crate::rule::token::create`] |
//! | `rehosts_max`, `rehost_days` | account, set from above | [`crate::rule::rehost::rehost`] |
//! | `expired_maintenance` | account, and all below it | [`expired_maintenance_blocks`] |
//! | `extend_from` | account, and all below it | [`crate::rule::license::extend`] |
//! | `notices`, `silent_days` | account | [`crate::rule::notice`] |
//! | `free_on` | pool | [`crate::rule::key::create`], for keys made from then on |

mod read;
pub mod table;

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::setting::{Scope, Setting, SettingValue};
use crate::record::told::Word;
use crate::record::{AccountId, FreeOn, Holding, Verb};
use crate::rule::event::Facts;
use crate::store::Table;
use leasehold_protocol::Refused;
pub use read::{
    expired_maintenance_blocks, extends_from_today, link_life, notices, rehosts, session_life, silent_days,
    token_days_max,
};
pub use table::{Definition, Kind, Of, SETTINGS};

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
    let settings = SETTINGS.iter().filter(|definition| is_of(definition, scope));
    settings.map(|definition| current(draft, scope, *definition)).collect()
}

/// Changes settings: to a value, or back to the default. One Event says what changed.
///
/// # Errors
/// `field_invalid`, `field_not_editable` for what is set from above, or [`Fault`].
pub fn change(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    scope: Scope,
    changes: &[(String, Option<SettingValue>)],
) -> Result<Outcome, Fault> {
    let (account, vendor) = (allowed(draft, context, scope)?, draft.installation()?.vendor);
    let own = account != vendor && context.actor.member.is_some_and(|(home, _)| home == account);
    let mut facts = Facts::default();
    let mut is_changed = false;
    for (name, value) in changes {
        let found = SETTINGS.iter().find(|one| is_of(one, scope) && one.name == name);
        let missing = || Fault::refused(Refused::FieldInvalid, format!("{name:?}: there is no such setting here"));
        let definition = *found.ok_or_else(missing)?;
        check(definition, value.as_ref())?;
        ensure(definition.of != Of::Below || !own, Refused::FieldNotEditable, || {
            format!("{name}: it is set by an account above this one")
        })?;
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

fn is_of(definition: &Definition, scope: Scope) -> bool {
    match definition.of {
        Of::Installation => scope == Scope::Installation,
        Of::Account | Of::Below => matches!(scope, Scope::Account(_)),
        Of::Pool => matches!(scope, Scope::Pool(_)),
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
        let word = draft.pool(id)?.free_on.word().to_owned();
        return Ok(Current { definition, value: Some(SettingValue::Word(word)), is_set: true });
    }
    let set = read::set(draft, scope, definition.name)?;
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
            let pool = draft.pool(id)?;
            draft.put(&Holding { free_on, ..pool });
        }
        (_, Some(value)) => draft.put(&Setting { scope, name, value: value.clone() }),
        (_, None) => draft.delete(Table::Settings, Setting::key_of(scope, &name)),
    }
    Ok(())
}
