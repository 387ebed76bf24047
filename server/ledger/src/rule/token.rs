//! API tokens.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::{Token, TokenId, Verb};
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::setting;
use crate::store::{Read, Table, after};
use crate::view;
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;

/// Tokens of one account. Expired ones count until they are revoked.
pub const TOKENS_MAX: usize = 1000;

/// Adds a token: an administrator's to give, with no more rights than the administrator has.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, token: &Token) -> Result<Outcome, Fault> {
    let account = draft.reach_active(context.actor, token.account, Role::Admin)?;
    code::name(&token.name)?;
    let past = token.expires.is_some_and(|end| end <= context.now);
    ensure(!past, Refused::FieldInvalid, || "expires: this moment has passed".to_owned())?;
    if let Some(days) = setting::token_days_max(draft, &account)? {
        let latest = context.now.plus(i64::from(days) * DAY);
        let short = token.expires.is_some_and(|end| end <= latest);
        ensure(short, Refused::FieldInvalid, || format!("expires: at most {days} days from now"))?;
    }
    let own = token.account.bytes();
    let many = draft.scan(Table::AccountTokens, own, &after(own), TOKENS_MAX)?.len() >= TOKENS_MAX;
    ensure(!many, Refused::FieldInvalid, || format!("account: it has {TOKENS_MAX} tokens; revoke some"))?;
    draft.put(token);
    draft.put_raw(Table::TokenIds, token.id.bytes().to_vec(), token.hash.to_vec());
    draft.put_raw(Table::AccountTokens, [*own, *token.id.bytes()].concat(), vec![]);
    let facts = Facts::default().between(None, Some(token));
    draft.event_with(context, Verb::TokenCreated, &[token.account], token.id, facts)?;
    Ok(Outcome::Done)
}

/// Notes that a token was used. No Event, and nothing at all unless it is long ago that it was noted.
///
/// # Errors
/// [`Fault`].
pub fn touch(draft: &mut Draft<'_>, context: &Context<'_>, id: TokenId) -> Result<Outcome, Fault> {
    let Some(token) = view::token(draft, id)? else { return Ok(Outcome::Done) }; // revoked meanwhile
    if token.is_touched(context.now) {
        draft.put(&Token { last_used: Some(context.now), ..token });
    }
    Ok(Outcome::Done)
}

/// Takes a token away.
///
/// # Errors
/// [`Fault`].
pub fn revoke(draft: &mut Draft<'_>, context: &Context<'_>, id: TokenId) -> Result<Outcome, Fault> {
    let token = view::token(draft, id)?;
    let token = token.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no token {id}")))?;
    draft.reach(context.actor, token.account, Role::Admin)?;
    forget(draft, &token);
    let facts = Facts::default().between(Some(&token), None);
    draft.event_with(context, Verb::TokenRevoked, &[token.account], id, facts)?;
    Ok(Outcome::Done)
}

/// Takes a token's rows away.
pub fn forget(draft: &mut Draft<'_>, token: &Token) {
    draft.delete(Table::Tokens, token.hash.to_vec());
    draft.delete(Table::TokenIds, token.id.bytes().to_vec());
    draft.delete(Table::AccountTokens, [*token.account.bytes(), *token.id.bytes()].concat());
}
