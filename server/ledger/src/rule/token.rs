//! API tokens.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::{Token, TokenId, Verb};
use crate::rule::code;
use crate::view;
use leasehold_protocol::Refused;

/// Tokens in one installation that a look-up by id goes through.
const TOKENS_MAX: usize = 10_000;

/// Adds a token: an administrator's to give, with no more rights than the administrator has.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, token: &Token) -> Result<Outcome, Fault> {
    draft.reach_active(&context.actor, token.account, Role::Admin)?;
    code::name(&token.name)?;
    let past = token.expires.is_some_and(|end| end <= context.now);
    ensure(!past, Refused::FieldInvalid, || "expires: this moment has passed".to_owned())?;
    draft.put(token);
    draft.event(context, Verb::TokenCreated, &[token.account], token.id, &[("name", &token.name)])?;
    Ok(Outcome::Done)
}

/// Takes a token away.
///
/// # Errors
/// [`Fault`].
pub fn revoke(draft: &mut Draft<'_>, context: &Context<'_>, id: TokenId) -> Result<Outcome, Fault> {
    let tokens = view::list::<Token>(draft, &[], None, TOKENS_MAX)?;
    let token = tokens.into_iter().find(|token| token.id == id);
    let token = token.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no token {id}")))?;
    draft.reach(&context.actor, token.account, Role::Admin)?;
    draft.delete(crate::store::Table::Tokens, token.hash.to_vec());
    draft.event(context, Verb::TokenRevoked, &[token.account], id, &[("name", &token.name)])?;
    Ok(Outcome::Done)
}
