//! Activation keys: a name and a code, under which licences are made (T4-T8).

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::store::Table;

/// What a new activation key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewActivationKey {
    /// The key's id.
    pub id: KeyId,
    /// Whose it is.
    pub account: AccountId,
    /// Its code, drawn or chosen (T5, T6).
    pub code: String,
    /// Its name; stands in every lease as the licensee's.
    pub name: String,
}

/// Makes an activation key without licences.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewActivationKey) -> Result<Outcome, Fault> {
    let account = draft.reach_active(context.actor, new.account, Role::Operator)?;
    let code = draft.new_code(&new.code, new.id)?;
    let name = code::name(&new.name)?;
    draft.put(&Key::new(new.id, KeyKind::ActivationKey, code, name.clone(), account.id, context.now));
    draft.put_raw(Table::AccountKeys, [*account.id.bytes(), *new.id.bytes()].concat(), vec![]);
    let facts = Facts::default().is("name", name);
    draft.event_with(context, Verb::ActivationKeyCreated, &[account.id], new.id, facts)?;
    Ok(Outcome::Done)
}
