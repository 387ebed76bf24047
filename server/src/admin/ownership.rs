//! Who stands above the other members of an account: its owner and its co-administrator (G15-G17, G32-G35).

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Body, Created, Path};
use super::look_up::accounts_of;
use super::members::{MemberView, act};
use super::person::Person;
use super::problem::Problem;
use super::profile::{PlaceView, places};
use super::redemptions::judged;
use super::slow::too_fast;
use super::value::Id;
use crate::random;
use axum::Json;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::{AccountId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A co-administrator to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoAdminDraft {
    /// An active member.
    #[schema(value_type = Id)]
    pub user: UserId,
    /// Takes it from whoever is co-administrator now.
    #[serde(default)]
    pub replace: bool,
}

/// An owner to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerDraft {
    /// An active member.
    #[schema(value_type = Id)]
    pub user: UserId,
}

/// An organisation to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationDraft {
    /// Its name.
    pub name: String,
    /// The permission key that came with a purchase.
    #[schema(examples("ABCD-EFGH-JKLM-NPQR"))]
    pub permission_key: String,
}

/// Names the co-administrator, of whom there is one at most.
#[utoipa::path(put, path = "/accounts/{account}/co-admin", tag = "members", request_body = CoAdminDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The member as it is now.", body = MemberView), Writes))]
pub async fn name_co_admin(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<CoAdminDraft>,
) -> Result<Json<MemberView>, Problem> {
    let CoAdminDraft { user, replace } = draft;
    act(&caller, account, user, People::NameCoAdmin { account, user, replace }).await
}

/// Hands the ownership over to another active member: for the owner.
#[utoipa::path(post, path = "/accounts/{account}/hand-over", tag = "members", request_body = OwnerDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The new owner as it is now.", body = MemberView), Writes))]
pub async fn hand_over(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<OwnerDraft>,
) -> Result<Json<MemberView>, Problem> {
    act(&caller, account, draft.user, People::HandOver { account, user: draft.user }).await
}

/// Creates an organisation, which the caller owns: for a person with a permission key.
#[utoipa::path(post, path = "/organisations", tag = "members", request_body = OrganisationDraft,
    responses((status = 201, description = "The organisation, and what the caller is there.", body = PlaceView), Writes))]
pub async fn create_organisation(
    person: Person,
    Body(draft): Body<OrganisationDraft>,
) -> Result<Created<PlaceView>, Problem> {
    let id = AccountId(random::id(person.now()));
    let (name, code) = (draft.name, draft.permission_key);
    let begun = person.app.identity.delays.key(person.user.id.bytes()).map_err(too_fast)?;
    judged(begun, person.send(People::CreateOrganisation { id, name, code }).await)?;
    let mine = places(&accounts_of(person.app.view()?.as_ref(), person.user.id)?);
    let record = mine.into_iter().find(|place| place.account == id).ok_or_else(Problem::out_of_reach)?;
    Ok(Created { at: format!("/accounts/{id}"), record })
}
