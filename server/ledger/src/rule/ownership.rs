//! Owner and co-administrator: one each at most (G32-G35, I12).
//!
//! The co-administrator is named by the owner, the co-administrator itself, or from above; ownership is handed over by the
//! owner or from above. From above are the accounts over this one, and in the vendor's own account, over which nobody
//! stands, the operator at the machine: neither a person nor a program with a token that one of them made.

use crate::actor::{Role, Shown};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::member::takes_part;
use leasehold_protocol::Refused;

/// Whether the one who has it loses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Then nothing changes.
    Never,
    /// It does, in the same moment.
    Yes,
}

/// Names the co-administrator, out of those who take part (G32).
///
/// # Errors
/// [`Fault`].
pub fn name_co_admin(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
    replace: Replace,
) -> Result<Outcome, Fault> {
    let account = draft.reach(context.actor, account, Role::Admin)?;
    entitled(draft, context, &account, &[Standing::Owner, Standing::CoAdmin])?;
    let former = holder(draft, account.id, Standing::CoAdmin)?;
    if former.as_ref().is_some_and(|former| former.user == user) {
        return Ok(Outcome::Done);
    }
    let free = former.is_none() || replace == Replace::Yes;
    ensure(free, Refused::CoAdminExists, || account.name().to_owned())?;
    let before = participant(draft, account.id, user)?;
    let owner = before.standing == Standing::Owner;
    ensure(!owner, Refused::OwnerProtected, || "the owner needs no other standing".to_owned())?;
    let facts = exchange(draft, former, before, Standing::CoAdmin)?;
    draft.event_with(context, Verb::CoAdminNamed, &[account.id], user, facts)?;
    Ok(Outcome::Done)
}

/// Makes another participant the owner (G35). The former one stays as administrator.
///
/// # Errors
/// [`Fault`].
pub fn hand_over(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
) -> Result<Outcome, Fault> {
    let account = draft.reach(context.actor, account, Role::Admin)?;
    entitled(draft, context, &account, &[Standing::Owner])?;
    let former = holder(draft, account.id, Standing::Owner)?;
    if former.as_ref().is_some_and(|former| former.user == user) {
        return Ok(Outcome::Done);
    }
    let before = participant(draft, account.id, user)?;
    let former = former.map(|former| Membership { role: Role::Admin, ..former });
    let facts = exchange(draft, former, before, Standing::Owner)?;
    draft.event_with(context, Verb::OwnershipHandedOver, &[account.id], user, facts)?;
    Ok(Outcome::Done)
}

/// Who acts stands above the account.
#[must_use]
pub fn stands_above(context: &Context<'_>, account: &Account) -> bool {
    let away = context.actor.member.is_some_and(|(home, _)| home != account.id);
    let is_operator = context.actor.user.is_none() && context.actor.shown == Shown::Nothing;
    away || (account.parent.is_none() && is_operator)
}

fn entitled(draft: &Draft<'_>, context: &Context<'_>, account: &Account, by: &[Standing]) -> Result<(), Fault> {
    let own = context.actor.user.map(|user| people::membership(draft, account.id, user)).transpose()?.flatten();
    let own = own.filter(|own| own.state == MembershipState::Active).map(|own| own.standing);
    let may = stands_above(context, account) || own.is_some_and(|own| by.contains(&own));
    ensure(may, Refused::AdminOnly, || "this is the owner's to do, or that of the account above".to_owned())
}

fn holder(draft: &Draft<'_>, account: AccountId, standing: Standing) -> Result<Option<Membership>, Fault> {
    Ok(people::member_who(draft, account, |one| one.standing == standing)?)
}

fn participant(draft: &Draft<'_>, account: AccountId, user: UserId) -> Result<Membership, Fault> {
    let membership = people::membership(draft, account, user)?;
    let no = || Fault::refused(Refused::NotParticipant, format!("no member {user}"));
    let membership = membership.ok_or_else(no)?;
    takes_part(&membership)?;
    Ok(membership)
}

/// One loses the standing, the other has it.
fn exchange(
    draft: &mut Draft<'_>,
    former: Option<Membership>,
    before: Membership,
    standing: Standing,
) -> Result<Facts, Fault> {
    let mut facts = Facts::default();
    if let Some(user) = people::user(draft, before.user)? {
        facts = facts.is("user", user.name());
    }
    if let Some(former) = former {
        if let Some(user) = people::user(draft, former.user)? {
            facts = facts.is("instead_of", user.name());
        }
        draft.put(&Membership { standing: Standing::None, ..former });
    }
    let after = Membership { standing, ..before.clone() };
    draft.put(&after);
    Ok(facts.between(Some(&before), Some(&after)))
}
