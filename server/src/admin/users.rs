//! Users, as those see them who administer them (A41-A53, V11-V25).
//!
//! A user is in reach where one of its memberships is. Lists go by account, in the order of the tree.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::list::rows::Users;
use super::list::{Listing, list};
use super::look_up::{accounts_of, known};
use super::page::Page;
use super::person::Person;
use super::problem::Problem;
use super::profile::{PlaceView, ProfileChange, places};
use super::sight::Sight;
use super::value::{Id, When};
use super::walk::{Member, Walk};
use super::words::UserStateWord;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::command::people::{People, UserChange};
use leasehold_ledger::record::user::{User, UserState};
use leasehold_ledger::record::{Account, Membership, MembershipState, UserId};
use leasehold_ledger::view::find;
use serde::Serialize;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: UserId,
    /// The name to sign in by, besides the email.
    pub username: Option<String>,
    /// The address to sign in by. Administrators cannot change it.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Telephone.
    pub phone: String,
    /// Company.
    pub company: String,
    /// Whether it may sign in.
    #[schema(value_type = UserStateWord)]
    pub state: UserState,
    /// The password is to be changed at the next sign-in.
    pub must_change_password: bool,
    /// There is a password to sign in with.
    pub has_password: bool,
    /// A second factor is asked for at sign-in.
    pub second_factor: bool,
    /// Made at.
    pub created: When,
    /// Last used a session at, to within five minutes; null before.
    pub last_seen: Option<When>,
    /// Where it stands, as far as the caller reaches.
    pub accounts: Vec<PlaceView>,
}

impl UserView {
    /// The user as somebody sees it who reaches these places: where it was only invited, by its address.
    ///
    /// # Errors
    /// [`Problem`] when the store cannot be read.
    pub fn of(sight: &Sight<'_>, user: User, accounts: &[(Account, Membership)]) -> Result<Self, Problem> {
        let user = known(sight, user, accounts)?;
        Ok(Self {
            second_factor: user.second_factor().is_some(),
            has_password: user.password.is_some(),
            id: user.id,
            username: user.username,
            email: user.email,
            first_name: user.person.first_name,
            last_name: user.person.last_name,
            phone: user.person.phone,
            company: user.person.company,
            state: user.state,
            must_change_password: user.must_change,
            created: user.created.into(),
            last_seen: user.last_seen.map(When),
            accounts: places(accounts),
        })
    }
}

/// The users of the caller's own account and of all below it; with `account`, of this account alone. One line for each account a user
/// stands in.
#[utoipa::path(get, path = "/users", tag = "users", params(Listing<Users>),
    responses((status = 200, description = "A page of users.", body = Page<UserView>), Reads))]
pub async fn list_users(caller: Caller, listing: Listing<Users>) -> Result<Json<Page<UserView>>, Problem> {
    let mut walk = Walk::asked(&caller, &listing)?;
    caller.look(|sight| {
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| walk.members(sight, (last, most));
        let view = |sight: &mut Sight<'_>, Member { account, membership, user }| {
            UserView::of(sight, user, &[(account, membership)])
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// One user.
#[utoipa::path(get, path = "/users/{user}", tag = "users",
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The user.", body = UserView), Reads))]
pub async fn show_user(caller: Caller, Path(user): Path<UserId>) -> Result<Json<UserView>, Problem> {
    caller.look(|sight| seen(sight, user).map(Json))
}

/// Changes a user's names and contact: for its administrators. The email cannot be changed (V19).
#[utoipa::path(patch, path = "/users/{user}", tag = "users", request_body = ProfileChange,
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The user as it is now.", body = UserView), Writes))]
pub async fn update_user(
    caller: Caller,
    Path(user): Path<UserId>,
    Body(change): Body<ProfileChange>,
) -> Result<Json<UserView>, Problem> {
    act(&caller, user, People::UpdateUser { user, change: change.into() }).await
}

/// Locks a user: it cannot sign in, and its sessions end.
#[utoipa::path(post, path = "/users/{user}/lock", tag = "users",
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The user as it is now.", body = UserView), Writes))]
pub async fn lock_user(caller: Caller, Path(user): Path<UserId>) -> Result<Json<UserView>, Problem> {
    act(&caller, user, People::SetUserState { user, state: UserState::Locked }).await
}

/// Unlocks a user.
#[utoipa::path(post, path = "/users/{user}/unlock", tag = "users",
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The user as it is now.", body = UserView), Writes))]
pub async fn unlock_user(caller: Caller, Path(user): Path<UserId>) -> Result<Json<UserView>, Problem> {
    act(&caller, user, People::SetUserState { user, state: UserState::Active }).await
}

/// Mails a user a link to set a new password: for its administrators.
#[utoipa::path(post, path = "/users/{user}/reset-password", tag = "users",
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 202, description = "A link is on its way.", body = UserView), Writes))]
pub async fn reset_password(caller: Caller, Path(user): Path<UserId>) -> Result<(StatusCode, Json<UserView>), Problem> {
    // Anybody may ask for a link that goes to the person alone; whoever asks here learns who is there, so it is asked who that is.
    caller.rehearse(People::UpdateUser { user, change: UserChange::default() })?;
    Ok((StatusCode::ACCEPTED, act(&caller, user, People::RequestReset { user }).await?))
}

/// Takes a user's second factor away, for somebody who lost the authenticator and the recovery codes.
#[utoipa::path(delete, path = "/users/{user}/totp", tag = "users",
    params(("user" = Id, Path, description = "The user.")),
    responses((status = 200, description = "The user as it is now.", body = UserView), Writes))]
pub async fn drop_user_totp(caller: Caller, Path(user): Path<UserId>) -> Result<Json<UserView>, Problem> {
    act(&caller, user, People::DropTotp { user }).await
}

async fn act(caller: &Caller, user: UserId, command: People) -> Result<Json<UserView>, Problem> {
    caller.send_people(command).await?;
    caller.look(|sight| seen(sight, user).map(Json))
}

/// A user, with those of its places that are in reach.
///
/// # Errors
/// `out_of_reach` where none is.
pub fn seen(sight: &Sight<'_>, user: UserId) -> Result<UserView, Problem> {
    let found = find::<User>(&sight.draft, user.bytes())?.ok_or_else(Problem::out_of_reach)?;
    let mut near = Vec::new();
    for (account, membership) in accounts_of(&sight.draft, user)? {
        if membership.state != MembershipState::Removed && sight.reaches(account.id)? {
            near.push((account, membership));
        }
    }
    let itself = sight.caller.person().is_some_and(|person: &Person| person.user.id == user);
    if near.is_empty() && !itself { Err(Problem::out_of_reach()) } else { UserView::of(sight, found, &near) }
}
