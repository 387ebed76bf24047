//! Deleting a licence that no device has (T17).

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::charge::living;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::license::term;
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::{Refused, Units};

/// Deletes a licence; its credits return, unless they bought a term that was begun.
///
/// # Errors
/// [`Fault`]; `licence_activated` while a living artefact stems from it.
pub fn delete(draft: &mut Draft<'_>, context: &Context<'_>, id: HoldingId) -> Result<Outcome, Fault> {
    let (mut key, _, pool) = draft.license(id)?;
    draft.reach(context.actor, key.account, Role::Operator)?;
    draft.sweep(id, context.now)?;
    for activation in seconds(draft, Table::OpenActivations, id.bytes())? {
        let (activation, slot) = draft.indexed(activation)?;
        let is_dead = living(&activation, &slot, context.now).is_none();
        ensure(is_dead, Refused::LicenceActivated, || format!("device {} has it", activation.device))?;
    }
    let license = draft.holding(id)?;
    let product = draft.product(&license.product)?;
    let is_spent = term::is_spent(&product, &license, draft.was_activated(id)?, context.now);
    let (credits, returned) = if is_spent {
        draft.burn(context, id, &license.units)?;
        ("used", Units::default())
    } else {
        draft.refund(context, id, pool, &license.units)?;
        ("returned", license.units.clone())
    };
    draft.close(context, &mut key, id)?;
    let facts = Facts::default().is("key", key.id).is("product", &product.sku).is("credits", credits);
    let facts = facts.was("units", &license.units, Units::default()).is("returned", returned);
    draft.event_with(context, Verb::LicenseDeleted, &[key.account], id, facts)?;
    Ok(Outcome::Done)
}
