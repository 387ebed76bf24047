//! Users, as those see them who administer them (A41-A53, V11-V25).
//!
//! A user is in reach where one of its memberships is. Lists go by account, in the order of the tree.

use super::accounts::{self, AccountDraft, AccountView};
use super::auth::Caller;
use super::chosen;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path, Query};
use super::look_up::accounts_of;
use super::page::Page;
use super::person::Person;
use super::problem::Problem;
use super::profile::{PlaceView, ProfileChange, places};
use super::sight::Sight;
use super::value::{Id, When};
use super::walk::{UserQuery, members_below};
use super::words::{RoleWord, UserStateWord};
use crate::identity::Password;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{NewUser, People, Place, UserChange, Welcome};
use leasehold_ledger::people::user_named;
use leasehold_ledger::record::user::{self, User, UserState};
use leasehold_ledger::record::{Account, AccountId, Membership, MembershipState, UserId};
use leasehold_ledger::view::find;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    /// The user as somebody sees it who reaches these places.
    #[must_use]
    pub fn of(user: User, accounts: &[(Account, Membership)]) -> Self {
        let is_invited = accounts.iter().all(|(_, place)| place.state == MembershipState::Pending);
        let user = match accounts {
            [(_, place), ..] if is_invited => as_invited(user, place),
            _ => user,
        };
        Self {
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
        }
    }
}

/// What is known of somebody who was merely invited: the address that was typed. Whoever has it may be a stranger, who said
/// yes to nothing (V13).
fn as_invited(user: User, place: &Membership) -> User {
    User {
        username: None,
        person: user::Person::default(),
        password: None,
        must_change: false,
        totp: None,
        state: UserState::Active,
        created: place.since,
        last_seen: None,
        ..user
    }
}

/// The first mail to a new user (A51, A52).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WelcomeWord {
    /// None is sent.
    Nothing,
    /// With a link to set a password by, which works once.
    #[default]
    Link,
    /// With the link and a password to be changed at the first sign-in. Not together with `password`.
    Password,
}

impl From<WelcomeWord> for Welcome {
    fn from(word: WelcomeWord) -> Self {
        match word {
            WelcomeWord::Nothing => Welcome::Nothing,
            WelcomeWord::Link => Welcome::Link,
            WelcomeWord::Password => Welcome::Password,
        }
    }
}

/// A new user (A45, T29, V18).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserDraft {
    /// Without `@`, unique.
    pub username: Option<String>,
    /// Unique; cannot be changed by administrators later.
    pub email: String,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: String,
    /// Telephone.
    #[serde(default)]
    pub phone: String,
    /// Company.
    #[serde(default)]
    pub company: String,
    /// A first password, to be changed at the first sign-in: 12 to 256 characters, none of the common ones.
    pub password: Option<Password>,
    /// The same again, if somebody types it.
    pub confirm_password: Option<Password>,
    /// As what it stands in the account.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// The first mail: with a link unless said otherwise.
    #[serde(default)]
    pub welcome: WelcomeWord,
    /// A new personal account of this name, which the user owns, below the account: then it stands there.
    pub personal_account: Option<String>,
}

/// Where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Where {
    /// The account; the caller's own unless said otherwise.
    #[param(value_type = Option<Id>)]
    pub account: Option<AccountId>,
}

/// The users of an account; without one, of the caller's own and of all below it. One line for each account a user stands in.
#[utoipa::path(get, path = "/users", tag = "users", params(UserQuery),
    responses((status = 200, description = "A page of users.", body = Page<UserView>), Reads))]
pub async fn list_users(caller: Caller, Query(query): Query<UserQuery>) -> Result<Json<Page<UserView>>, Problem> {
    caller.look(|sight| {
        let (found, next) = members_below(sight, &query)?;
        let items = found.into_iter().map(|(account, membership, user)| UserView::of(user, &[(account, membership)]));
        Ok(Json(Page::new(items.collect(), next.as_deref())))
    })
}

/// Creates a user in an account: for its administrators.
#[utoipa::path(post, path = "/users", tag = "users", request_body = UserDraft, params(Where),
    responses((status = 201, description = "The user.", body = UserView), Writes))]
pub async fn create_user(
    caller: Caller,
    Query(place): Query<Where>,
    Body(draft): Body<UserDraft>,
) -> Result<Created<UserView>, Problem> {
    let parent = place.account.unwrap_or(caller.account);
    let new = draft.into_new(&caller, parent, People::CreateUser).await?;
    let email = new.email.clone();
    caller.send_people(People::CreateUser(new)).await?;
    let record = named(&caller, &email)?;
    Ok(Created { at: format!("/users/{}", record.id), record })
}

/// An account with its first user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountWithUser {
    /// The account.
    pub account: AccountDraft,
    /// The user, who stands in it.
    pub user: UserDraft,
}

/// The account and its first user.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountAndUser {
    /// The account.
    pub account: AccountView,
    /// The user.
    pub user: UserView,
}

/// Creates an account with its first user, both or neither (T29).
#[utoipa::path(post, path = "/accounts/with-user", tag = "users", request_body = AccountWithUser,
    responses((status = 201, description = "Both.", body = AccountAndUser), Writes))]
pub async fn create_account_with_user(
    caller: Caller,
    Body(draft): Body<AccountWithUser>,
) -> Result<Created<AccountAndUser>, Problem> {
    let account = draft.account.into_new(AccountId(caller.id()));
    let id = account.id;
    let both = |user| People::CreateAccountWithUser { account: account.clone(), user };
    let user = draft.user.into_new(&caller, id, both).await?;
    let email = user.email.clone();
    caller.send_people(both(user)).await?;
    let record = AccountAndUser { account: accounts::shown(&caller, id)?, user: named(&caller, &email)? };
    Ok(Created { at: format!("/accounts/{id}"), record })
}

impl UserDraft {
    /// The user to make, its password judged and hashed. `command` is what it will be made by: where a rule that stands before
    /// the password's has something against that, the rule speaks.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn into_new(
        self,
        caller: &Caller,
        account: AccountId,
        command: impl FnOnce(NewUser) -> People,
    ) -> Result<NewUser, Problem> {
        let place = match self.personal_account {
            Some(name) => Place::Personal { account: AccountId(caller.id()), parent: account, name },
            None => Place::Member { account, role: self.role },
        };
        let person = user::Person {
            first_name: self.first_name,
            last_name: self.last_name,
            phone: self.phone,
            company: self.company,
        };
        let id = UserId(caller.id());
        let (username, email, welcome) = (self.username, self.email, self.welcome.into());
        let new = NewUser { id, username, email, person, password: None, place, welcome };
        let Some(password) = self.password else { return Ok(new) };
        let names = [new.username.as_deref().unwrap_or_default(), &new.email, &new.person.first_name];
        let names: Vec<&str> =
            names.into_iter().chain([new.person.last_name.as_str()]).filter(|name| !name.is_empty()).collect();
        caller.rehearse(command(new.clone()))?; // nobody without the right to do this has anything hashed
        let password = chosen::hashed(&caller.app, &password, self.confirm_password.as_ref(), &names).await?;
        Ok(NewUser { password: Some(password), ..new })
    }
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

fn named(caller: &Caller, email: &str) -> Result<UserView, Problem> {
    caller.look(|sight| {
        let user = user_named(&sight.draft, email)?.ok_or_else(Problem::out_of_reach)?;
        seen(sight, user.id)
    })
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
    if near.is_empty() && !itself { Err(Problem::out_of_reach()) } else { Ok(UserView::of(found, &near)) }
}
