//! One more term for a licence, a support or a subscription, valid or over (T21).

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::license::term;
use crate::rule::setting;
use leasehold_protocol::{Refused, Time};

/// Burns as many credits as the licence has units, and moves its end by a term: from its end while it is valid; once it is over
/// from its end too, so that no gap is free, or from today where that is set.
///
/// # Errors
/// [`Fault`].
pub fn extend(draft: &mut Draft<'_>, context: &Context<'_>, id: HoldingId) -> Result<Outcome, Fault> {
    let (key, before, pool) = draft.license(id)?;
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    let product = draft.product(&before.product)?;
    draft.allowed(&account, &product.sku)?;
    active(&account)?;
    draft.burn(context, pool, &before.units)?;
    let ends = begins(draft, &account, &before, context.now)?.and_then(|from| term::one_more(&product, from));
    let endless = || Fault::refused(Refused::FieldNotEditable, format!("ends: {} is not extended", product.sku));
    let ends = ends.ok_or_else(endless)?;
    let license = Holding { ends: Some(ends), ..draft.holding(id)? };
    draft.put(&license);
    let facts = Facts::default().is("key", key.id).is("units", &before.units).is("pool", pool);
    let facts = before.ends.into_iter().fold(facts, |facts, was| facts.was("ends", was, ends));
    draft.event_with(context, Verb::LicenseExtended, &[account.id], id, facts)?;
    Ok(Outcome::Done)
}

/// From when the next term counts; none for what has no end.
fn begins(draft: &Draft<'_>, account: &Account, license: &Holding, now: Time) -> Result<Option<Time>, Fault> {
    let Some(ends) = license.ends else { return Ok(None) };
    let is_free = ends <= now && setting::extends_from_today(draft, account)?;
    Ok(Some(if is_free { now } else { ends }))
}
