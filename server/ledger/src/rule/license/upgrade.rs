//! Upgrading a licence: more users, or another edition (T15, T20). A console hears of it at its next check; of another edition
//! when it activates that product with the same key.

use crate::actor::{Role, active, organised};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::license::make::{allotted, fits};
use crate::rule::license::term;
use leasehold_protocol::{Refused, Units};

/// Gives a licence other units of its own edition. More cost the difference; fewer give it back, unless they bought a term that
/// was begun.
///
/// # Errors
/// [`Fault`].
pub fn resize(draft: &mut Draft<'_>, context: &Context<'_>, id: HoldingId, units: &Units) -> Result<Outcome, Fault> {
    let (key, before, pool) = draft.license(id)?;
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    let product = draft.product(&before.product)?;
    let (more, less) = (units.saturating_sub(&before.units), before.units.saturating_sub(units));
    if !more.is_none() {
        draft.allowed(&account, &product.sku)?;
        active(&account)?;
    }
    code::quantity(&product, units)?;
    if more.is_none() && less.is_none() {
        return Ok(Outcome::Done);
    }
    if !less.is_none() {
        draft.refund(context, id, pool, &less)?;
    }
    if !more.is_none() {
        draft.pay(context, pool, id, &more)?;
    }
    runs(context, &before)?;
    let is_spent = !less.is_none() && term::is_spent(&product, &before, draft.was_activated(id)?, context.now);
    ensure(!is_spent, Refused::Irreversible, || format!("{less} of a term that was begun"))?;
    let facts = Facts::default().is("key", key.id).was("units", &before.units, units);
    draft.event_with(context, Verb::LicenseUpgraded, &[account.id], id, facts)?;
    Ok(Outcome::Done)
}

/// Puts a licence drawn from another pool in the place of a licence: its units go back where they came from, the new ones are
/// drawn from there. The end stays; a trial becomes what the other edition is.
///
/// A credit that paid for a term comes back when the term goes on in another edition. Somebody who exchanges the dearer edition for
/// the cheaper just before the end saves the difference once a term: a risk that is taken, for the ledger knows no prices.
///
/// # Errors
/// [`Fault`].
pub fn upgrade(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: HoldingId,
    units: &Units,
    (pool, new): (HoldingId, HoldingId),
) -> Result<Outcome, Fault> {
    let (mut key, before, home) = draft.license(id)?;
    let (pool, product) = draft.credits(key.account, pool)?;
    if pool.id == home {
        return resize(draft, context, id, units);
    }
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    let old = draft.product(&before.product)?;
    fits(draft, &account, &product, old.kind)?;
    active(&account)?;
    code::quantity(&product, units)?;
    draft.refund(context, id, home, &before.units)?;
    draft.close(context, &mut key, id)?;
    let ends = if old.term == product.term { before.ends } else { term::one_more(&product, context.now) };
    let license = Holding {
        name: before.name.clone(),
        email: before.email.clone(),
        comment: before.comment.clone(),
        ends,
        ..allotted(context, new, &key, &pool)
    };
    draft.open(&mut key, &license);
    draft.pay(context, pool.id, new, units)?;
    let goes = (old.term, old.term_days) == (product.term, product.term_days) || old.term == Term::Trial;
    ensure(goes, Refused::TermMismatch, || format!("{} and {} last differently", old.sku, product.sku))?;
    organised(&account, &product)?;
    runs(context, &before)?;
    let facts = Facts::default().is("key", key.id).is("in_place_of", id).is("pool", pool.id);
    let facts = facts.was("product", &old.sku, &product.sku).was("units", &before.units, units);
    draft.event_with(context, Verb::LicenseUpgraded, &[account.id], new, facts)?;
    Ok(Outcome::Done)
}

/// What is over is extended first.
fn runs(context: &Context<'_>, license: &Holding) -> Result<(), Fault> {
    ensure(license.is_good(context.now), Refused::LicenceLapsed, || "its term is over; extend it first".to_owned())
}
