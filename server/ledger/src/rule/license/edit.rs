//! Email and comment, which are all of a licence that can be edited (T12, T16).

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use leasehold_protocol::Refused;

/// Bytes in the longest comment.
const COMMENT_LEN_MAX: usize = 1024;

/// What changes; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenseChange {
    /// Whom it is for; empty for nobody.
    pub email: Option<String>,
    /// For people; empty for none.
    pub comment: Option<String>,
    /// Another field that was named.
    pub other: Option<String>,
}

/// Changes email and comment.
///
/// # Errors
/// [`Fault`]; `field_not_editable` where anything else was named.
pub fn edit(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: HoldingId,
    change: &LicenseChange,
) -> Result<Outcome, Fault> {
    let (key, before, _) = draft.license(id)?;
    draft.reach(context.actor, key.account, Role::Operator)?;
    ensure(change.other.is_none(), Refused::FieldNotEditable, || {
        format!("{}: email and comment are all that can be edited", change.other.as_deref().unwrap_or_default())
    })?;
    let email = change.email.as_deref().map_or_else(|| Ok(before.email.clone()), email)?;
    let comment = change.comment.as_deref().map_or_else(|| Ok(before.comment.clone()), comment)?;
    let after = Holding { email, comment, ..before.clone() };
    if after == before {
        return Ok(Outcome::Done);
    }
    draft.put(&after);
    let facts = Facts::default().is("key", key.id).was("email", &before.email, &after.email);
    let facts = facts.was("comment", &before.comment, &after.comment);
    draft.event_with(context, Verb::LicenseEdited, &[key.account], id, facts)?;
    Ok(Outcome::Done)
}

/// An address, or none.
pub(super) fn email(given: &str) -> Result<String, Fault> {
    if given.trim().is_empty() { Ok(String::new()) } else { code::email(given) }
}

/// A comment, or none.
pub(super) fn comment(given: &str) -> Result<String, Fault> {
    let comment = given.trim();
    let fits =
        comment.len() <= COMMENT_LEN_MAX && !comment.contains(|letter: char| letter.is_control() && letter != '\n');
    ensure(fits, Refused::FieldInvalid, || {
        format!("comment: longer than {COMMENT_LEN_MAX} bytes, or with letters that cannot be printed")
    })?;
    Ok(comment.to_owned())
}
