//! Organisations that people make themselves, with a permission key in hand (G14-G17). The key is redeemed into it in the
//! same moment, so one key founds one organisation.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::account::{self, NewAccount};
use crate::rule::{joining, redeem};
use leasehold_protocol::Refused;

/// Makes an organisation below the seller of the key, owned by the person who acts.
///
/// # Errors
/// [`Fault`].
pub fn create(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: AccountId,
    name: &str,
    typed: &str,
) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let package = redeem::package(draft, typed, None)?;
    ensure(package.key.state == KeyState::Open, Refused::KeyStopped, || "the key is stopped".to_owned())?;
    redeem::sells(&package)?;
    let seller = package.seller.clone();
    let profile = Profile { name: name.to_owned(), ..Profile::default() };
    let new = NewAccount { id, parent: seller.id, kind: AccountKind::EndCustomer, profile };
    let account = account::enter(draft, &seller, &new)?;
    let membership = joining::join(draft, context, &account, user.id, Role::Admin)?;
    draft.put(&Membership { standing: Standing::Owner, ..membership });
    package.lots.iter().try_for_each(|(_, product)| draft.allowed(&account, &product.sku))?;
    let facts = redeem::hand_over(draft, context, package, &account)?;
    let facts = facts.other(id).is("owner", user.name()).on(0).is("parent", seller.id);
    let facts = facts.on(1).between(None, Some(&account));
    draft.event_with(context, Verb::OrganisationCreated, &[seller.id, id], id, facts)?;
    Ok(Outcome::Done)
}
