//! Deleting an account that owns nothing any more, and the code its devices enrol with.
//!
//! A deleted account's row stays, for Events, keys and activations name it; its name is free, and it is out of everybody's
//! reach.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::account::{from_above, name_key};
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::joining::leave;
use crate::rule::register;
use crate::rule::token;
use crate::store::{Read, Table, after};
use crate::view::{self, holdings_of, seconds};
use leasehold_protocol::Refused;
use uuid::Uuid;

/// Deletes an account that owns no units, no devices and no other accounts. Its members are removed, its tokens revoked.
///
/// # Errors
/// [`Fault`].
pub fn delete(draft: &mut Draft<'_>, context: &Context<'_>, id: AccountId) -> Result<Outcome, Fault> {
    let before = draft.reach(context.actor, id, Role::Admin)?;
    from_above(context, &before)?;
    let free = |holds: bool, owns: &str| ensure(holds, Refused::AccountInUse, || format!("{} {owns}", before.name()));
    free(before.parent.is_some(), "is the vendor")?;
    free(is_empty(draft, Table::AccountNames, id)?, "has accounts below it")?;
    free(is_empty(draft, Table::Devices, id)?, "has devices")?;
    draft.dissolve_reserves(context, id)?;
    free(holdings_of(draft, id)?.iter().all(|holding| holding.units.is_none()), "owns units")?;
    for member in people::members_of(draft, id)? {
        if member.state != MembershipState::Removed {
            leave(draft, context, &member)?;
        }
    }
    for token in seconds(draft, Table::AccountTokens, id.bytes())? {
        if let Some(token) = view::token(draft, TokenId(Uuid::from_bytes(token)))? {
            token::forget(draft, &token);
        }
    }
    if let Some(code) = &before.enrolment {
        draft.delete(Table::EnrolmentCodes, code.clone().into_bytes());
    }
    register::dismiss(draft, id)?;
    if let Some(name) = name_key(&before, before.name()) {
        draft.delete(Table::AccountNames, name);
    }
    draft.put(&Account { deleted: Some(context.now), enrolment: None, ..before.clone() });
    let parent = before.parent.unwrap_or(id);
    let facts = Facts::default().is("name", before.name());
    draft.event_with(context, Verb::AccountDeleted, &[parent, id], id, facts)?;
    Ok(Outcome::Done)
}

/// Gives an account another enrolment code, or none. The one so far is good no more, and who waits under it waits no more.
///
/// # Errors
/// [`Fault`]; `key_taken` for a code that is in use, be it as a key: both are typed into one field.
pub fn set_enrolment(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: AccountId,
    typed: Option<&str>,
) -> Result<Outcome, Fault> {
    let before = draft.reach(context.actor, id, Role::Admin)?;
    if typed.is_some() {
        active(&before)?;
    }
    let enrolment = typed.map(code::parse).transpose()?;
    if enrolment == before.enrolment {
        return Ok(Outcome::Done);
    }
    if let Some(old) = &before.enrolment {
        draft.delete(Table::EnrolmentCodes, old.clone().into_bytes());
    }
    register::dismiss(draft, id)?;
    if let Some(new) = &enrolment {
        draft.unused(new)?;
        draft.put_raw(Table::EnrolmentCodes, new.clone().into_bytes(), id.bytes().to_vec());
    }
    let word = |code: &Option<String>| if code.is_some() { "given" } else { "none" };
    let facts = Facts::default().now("enrolment", word(&before.enrolment), word(&enrolment));
    draft.put(&Account { enrolment, ..before });
    draft.event_with(context, Verb::EnrolmentCodeChanged, &[id], id, facts)?;
    Ok(Outcome::Done)
}

fn is_empty(draft: &Draft<'_>, table: Table, account: AccountId) -> Result<bool, Fault> {
    Ok(draft.scan(table, account.bytes(), &after(account.bytes()), 1)?.is_empty())
}

impl Draft<'_> {
    /// A code that was never a key and is no account's.
    ///
    /// # Errors
    /// `key_taken` (T7).
    pub fn unused(&self, code: &str) -> Result<(), Fault> {
        let mut taken = false;
        for table in [Table::KeyCodes, Table::EnrolmentCodes] {
            taken |= self.get(table, code.as_bytes())?.is_some();
        }
        ensure(!taken, Refused::KeyTaken, || "the code was used before".to_owned())
    }
}
