//! Members of an account: who takes part, as what (G21-G31, V20-V25).

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::list::rows::Members;
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::users::{UserView, seen};
use super::value::{Id, When};
use super::walk::{Member, Span, Walk, with_user};
use super::words::{MembershipWord, RoleWord, StandingWord};
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::{AccountId, Membership, MembershipState, Standing, UserId};
use leasehold_ledger::view::find;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user in an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// The account.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The user.
    pub user: UserView,
    /// As what, while it has no standing.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// What it is beside that.
    #[schema(value_type = StandingWord)]
    pub standing: Standing,
    /// How far it has come.
    #[schema(value_type = MembershipWord)]
    pub state: MembershipState,
    /// In this state since.
    pub since: When,
}

impl MemberView {
    fn of(sight: &Sight<'_>, member: Member) -> Result<Self, Problem> {
        let Member { account, membership, user } = member;
        let Membership { role, standing, state, since, .. } = membership.clone();
        let id = account.id;
        let user = UserView::of(sight, user, &[(account, membership)])?;
        Ok(Self { account: id, user, role, standing, state, since: since.into() })
    }
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    /// As what.
    #[schema(value_type = RoleWord)]
    pub role: Role,
}

/// Several users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Several {
    /// Their ids.
    #[schema(value_type = Vec<Id>)]
    pub users: Vec<UserId>,
}

/// The members of an account.
#[utoipa::path(get, path = "/accounts/{account}/members", tag = "members",
    params(("account" = Id, Path, description = "The account."), Listing<Members>),
    responses((status = 200, description = "A page of members.", body = Page<MemberView>), Reads))]
pub async fn list_members(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Members>,
) -> Result<Json<Page<MemberView>>, Problem> {
    let mut walk = Walk::new(account, Span::Account);
    caller.look(|sight| {
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| walk.members(sight, (last, most));
        Ok(Json(list(sight, &listing, read, |sight, member| MemberView::of(sight, member))?))
    })
}

/// Gives a member another role: for the account's administrators.
#[utoipa::path(patch, path = "/accounts/{account}/members/{user}", tag = "members", request_body = MemberChange,
    params(("account" = Id, Path, description = "The account."), ("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The member as it is now.", body = MemberView), Writes))]
pub async fn update_member(
    caller: Caller,
    Path((account, user)): Path<(AccountId, UserId)>,
    Body(change): Body<MemberChange>,
) -> Result<Json<MemberView>, Problem> {
    act(&caller, account, user, People::SetRole { account, user, role: change.role }).await
}

/// Takes a member out of the sharing group until it is enabled again.
#[utoipa::path(post, path = "/accounts/{account}/members/{user}/disable", tag = "members",
    params(("account" = Id, Path, description = "The account."), ("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The member as it is now.", body = MemberView), Writes))]
pub async fn disable_member(
    caller: Caller,
    Path((account, user)): Path<(AccountId, UserId)>,
) -> Result<Json<MemberView>, Problem> {
    act(&caller, account, user, People::DisableMember { account, user }).await
}

/// Lets a disabled member take part again.
#[utoipa::path(post, path = "/accounts/{account}/members/{user}/enable", tag = "members",
    params(("account" = Id, Path, description = "The account."), ("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The member as it is now.", body = MemberView), Writes))]
pub async fn enable_member(
    caller: Caller,
    Path((account, user)): Path<(AccountId, UserId)>,
) -> Result<Json<MemberView>, Problem> {
    act(&caller, account, user, People::EnableMember { account, user }).await
}

/// Takes a member off the list. It may be invited again.
#[utoipa::path(post, path = "/accounts/{account}/members/{user}/remove", tag = "members",
    params(("account" = Id, Path, description = "The account."), ("user" = Id, Path, description = "The user.")),
    responses((status = 204, description = "It is off the list."), Writes))]
pub async fn remove_member(
    caller: Caller,
    Path((account, user)): Path<(AccountId, UserId)>,
) -> Result<StatusCode, Problem> {
    caller.send_people(People::RemoveMembers { account, users: vec![user] }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes several members off the list: all of them, or none (V25).
#[utoipa::path(post, path = "/accounts/{account}/members/remove", tag = "members", request_body = Several,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 204, description = "They are off the list."), Writes))]
pub async fn remove_members(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(several): Body<Several>,
) -> Result<StatusCode, Problem> {
    caller.send_people(People::RemoveMembers { account, users: several.users }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a command about a member and shows the member.
///
/// # Errors
/// [`Problem`].
pub async fn act(
    caller: &Caller,
    account: AccountId,
    user: UserId,
    command: People,
) -> Result<Json<MemberView>, Problem> {
    caller.send_people(command).await?;
    caller.look(|sight| {
        seen(sight, user)?;
        let account = sight.account(account)?;
        let membership = find::<Membership>(&sight.draft, &Membership::key_of(account.id, user))?;
        let membership = membership.ok_or_else(Problem::out_of_reach)?;
        Ok(Json(MemberView::of(sight, with_user(sight, account, membership)?)?))
    })
}
