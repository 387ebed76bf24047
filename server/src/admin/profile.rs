//! The person's own profile: names, contact, address (G19).

use super::auth::Origin;
use super::docs::{Reads, Writes};
use super::extract::Body;
use super::look_up::accounts_of;
use super::person::{Person, Recent};
use super::problem::Problem;
use super::value::{Id, When};
use super::words::{KindWord, MembershipWord, RoleWord, StandingWord};
use crate::app::App;
use crate::identity::secret::hash;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::{People, UserChange};
use leasehold_ledger::record::membership::{MembershipState, Standing};
use leasehold_ledger::record::user::User;
use leasehold_ledger::record::{Account, AccountId, AccountKind, Membership, UserId};
use leasehold_ledger::view::find;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A person, as the person itself sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: UserId,
    /// The name to sign in by, besides the email.
    pub username: Option<String>,
    /// The address to sign in by; changed by a link mailed to the new one.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Telephone.
    pub phone: String,
    /// Company.
    pub company: String,
    /// A second factor is asked for at sign-in.
    pub second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_codes: usize,
    /// Made at.
    pub created: When,
}

impl From<User> for ProfileView {
    fn from(user: User) -> Self {
        let second = user.second_factor();
        Self {
            second_factor: second.is_some(),
            recovery_codes: second.map_or(0, |totp| totp.recovery.len()),
            id: user.id,
            username: user.username,
            email: user.email,
            first_name: user.person.first_name,
            last_name: user.person.last_name,
            phone: user.person.phone,
            company: user.person.company,
            created: user.created.into(),
        }
    }
}

/// An account a person stands in.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// The account.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// What it is.
    #[schema(value_type = KindWord)]
    pub kind: AccountKind,
    /// False for a personal account.
    pub organisation: bool,
    /// As what the person acts there; an owner or co-administrator as an administrator.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// What the person is there beside that.
    #[schema(value_type = StandingWord)]
    pub standing: Standing,
    /// How far it has come.
    #[schema(value_type = MembershipWord)]
    pub state: MembershipState,
}

/// Where a person stands; where it was removed it stands no more.
pub fn places(memberships: &[(Account, Membership)]) -> Vec<PlaceView> {
    let there = memberships.iter().filter(|(_, membership)| membership.state != MembershipState::Removed);
    let place = |(account, membership): &(Account, Membership)| PlaceView {
        account: account.id,
        name: account.name().to_owned(),
        kind: account.kind,
        organisation: account.organisation,
        role: membership.acts_as().unwrap_or(membership.role),
        standing: membership.standing,
        state: membership.state,
    };
    there.map(place).collect()
}

/// A profile with the accounts it stands in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Profile {
    /// The person.
    #[serde(flatten)]
    pub user: ProfileView,
    /// Where it stands.
    pub accounts: Vec<PlaceView>,
}

/// Changes to names and contact: what is not named stays. The email is changed by [`EmailChange`] alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// Refused when it is another one: `field_not_editable`.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Company.
    pub company: Option<String>,
}

impl From<ProfileChange> for UserChange {
    fn from(change: ProfileChange) -> Self {
        let ProfileChange { email, first_name, last_name, phone, company } = change;
        Self { email, first_name, last_name, phone, company }
    }
}

/// Another address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// The address; it gets a link to confirm it by.
    pub email: String,
}

/// A link out of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The secret at the end of the link.
    #[schema(examples("ll_..."))]
    pub link: String,
}

/// The caller's profile.
#[utoipa::path(get, path = "/profile", tag = "profile",
    responses((status = 200, description = "The caller's profile.", body = Profile), Reads))]
pub async fn show_profile(person: Person) -> Result<Json<Profile>, Problem> {
    shown(&person)
}

/// Changes the caller's names and contact.
#[utoipa::path(patch, path = "/profile", tag = "profile", request_body = ProfileChange,
    responses((status = 200, description = "The profile as it is now.", body = Profile), Writes))]
pub async fn update_profile(person: Person, Body(change): Body<ProfileChange>) -> Result<Json<Profile>, Problem> {
    person.send(People::UpdateUser { user: person.user.id, change: change.into() }).await?;
    shown(&person)
}

/// Asks for another address: a link is mailed there. For who signed in within the last 15 minutes.
#[utoipa::path(post, path = "/profile/email", tag = "profile", request_body = EmailChange,
    responses((status = 202, description = "A link is on its way, unless the address is somebody else's."), Writes))]
pub async fn request_email(Recent(person): Recent, Body(change): Body<EmailChange>) -> Result<StatusCode, Problem> {
    person.send(People::RequestEmail { to: change.email }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Confirms another address by the link mailed there; the old one is told.
#[utoipa::path(post, path = "/profile/email/confirm", tag = "profile", security(()), request_body = Link,
    responses((status = 204, description = "It is the address now."), Writes))]
pub async fn confirm_email(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(given): Body<Link>,
) -> Result<StatusCode, Problem> {
    let confirm = People::ConfirmEmail { link: hash(&given.link) };
    app.send(Actor::system("link").coming_from(origin.place()), Command::People(Box::new(confirm))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(person: &Person) -> Result<Json<Profile>, Problem> {
    let view = person.app.view()?;
    let user = find::<User>(view.as_ref(), person.user.id.bytes())?.ok_or_else(Problem::out_of_reach)?;
    let accounts = places(&accounts_of(view.as_ref(), user.id)?);
    Ok(Json(Profile { user: user.into(), accounts }))
}
