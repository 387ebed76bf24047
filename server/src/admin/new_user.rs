//! New users, in an account that is there or with a new one (A45, A51, A52, T29).

use super::accounts::{self, AccountDraft, AccountView};
use super::auth::Caller;
use super::chosen;
use super::docs::Writes;
use super::extract::{Body, Created, Query};
use super::problem::Problem;
use super::users::{UserView, seen};
use super::value::Id;
use super::words::RoleWord;
use crate::identity::Password;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::people::user_named;
use leasehold_ledger::record::{AccountId, UserId, user};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
        let names = chosen::names(new.username.as_deref(), &new.email, &new.person);
        caller.rehearse(command(new.clone()))?; // nobody without the right to do this has anything hashed
        let password = chosen::hashed(&caller.app, &password, self.confirm_password.as_ref(), &names).await?;
        Ok(NewUser { password: Some(password), ..new })
    }
}

fn named(caller: &Caller, email: &str) -> Result<UserView, Problem> {
    caller.look(|sight| {
        let user = user_named(&sight.draft, email)?.ok_or_else(Problem::out_of_reach)?;
        seen(sight, user.id)
    })
}
