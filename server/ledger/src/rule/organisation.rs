//! Organisations that people make themselves, with a permission key in hand (G14-G17). The key is looked at only: redeeming
//! it is another command.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::account::{self, NewAccount};
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::joining;
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
    let seller = seller(draft, typed)?;
    active(&seller)?;
    let profile = Profile { name: name.to_owned(), ..Profile::default() };
    let new = NewAccount { id, parent: seller.id, kind: AccountKind::EndCustomer, profile };
    let account = account::enter(draft, &seller, &new)?;
    let membership = joining::join(draft, context, &account, user.id, Role::Admin)?;
    draft.put(&Membership { standing: Standing::Owner, ..membership });
    let facts = Facts::default().other(id).is("owner", user.name()).on(0).is("parent", seller.id);
    let facts = facts.on(1).between(None, Some(&account));
    draft.event_with(context, Verb::OrganisationCreated, &[seller.id, id], id, facts)?;
    Ok(Outcome::Done)
}

/// The account a permission key still lies with: once redeemed, it lies with a customer.
fn seller(draft: &Draft<'_>, typed: &str) -> Result<Account, Fault> {
    ensure(!typed.trim().is_empty(), Refused::KeyRequired, || "no key was given".to_owned())?;
    let key = draft.key_by_code(&code::parse(typed)?)?.filter(|key| key.kind == KeyKind::PermissionKey);
    let unknown = || Fault::refused(Refused::KeyInvalid, "no such permission key".to_owned());
    let key = key.filter(|key| key.state != KeyState::Deleted).ok_or_else(unknown)?;
    let account = draft.account(key.account)?.ok_or_else(unknown)?;
    let redeemed = account.kind == AccountKind::EndCustomer;
    ensure(!redeemed, Refused::KeyRedeemed, || "the key is a customer's already".to_owned())?;
    ensure(key.state == KeyState::Open, Refused::KeyStopped, || "the key is stopped".to_owned())?;
    Ok(account)
}
