//! Inviting people by email, and joining by the link they get (G22-G28, V6, V22).

use super::auth::{Caller, Origin, bearer};
use super::chosen::{hashed, names};
use super::docs::Writes;
use super::extract::{Body, Path};
use super::look_up::good_link;
use super::person::{PERSON_REQUIRED, Person};
use super::problem::{Problem, ProblemDetails};
use super::slow::too_many_invitations;
use super::value::Id;
use super::words::RoleWord;
use crate::app::App;
use crate::identity::Password;
use crate::identity::secret::hash;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::{Claim, People};
use leasehold_ledger::people::user_named;
use leasehold_ledger::record::secret::SecretKind;
use leasehold_ledger::record::user;
use leasehold_ledger::record::{AccountId, UserId};
use leasehold_ledger::rule::code::fold;
use leasehold_protocol::Refused;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Addresses in one call at most.
const ADDRESSES_MAX: usize = 100;

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationDraft {
    /// Addresses, as a list, or in one text with semicolons between them (G23); 100 at most.
    pub emails: Addresses,
    /// As what they are to take part.
    #[schema(value_type = RoleWord)]
    pub role: Role,
}

/// Addresses as people give them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Addresses {
    /// With semicolons between them.
    Text(String),
    /// One by one.
    List(Vec<String>),
}

impl Addresses {
    /// One by one; nothing between two semicolons is nobody.
    fn each(&self) -> Vec<String> {
        let texts = match self {
            Addresses::Text(text) => std::slice::from_ref(text),
            Addresses::List(list) => list.as_slice(),
        };
        let parts = texts.iter().flat_map(|text| text.split(';')).map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

/// What became of each address, in the order they were given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitations {
    /// One for each address.
    pub items: Vec<Invited>,
}

/// What became of one address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// The address.
    pub email: String,
    /// A link is on its way.
    pub invited: bool,
    /// The user, if it was invited.
    #[schema(value_type = Option<Id>)]
    pub user: Option<UserId>,
    /// Why it was not invited.
    #[schema(value_type = Option<ProblemDetails>)]
    pub problem: Option<serde_json::Value>,
}

/// Joining. Somebody without a password chooses one here; everybody else is signed in as the invited user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The secret at the end of the mailed link.
    #[schema(examples("ll_..."))]
    pub link: String,
    /// Without `@`, unique; the email does as well.
    pub username: Option<String>,
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
    /// For somebody without a password: 12 to 256 characters, none of the common ones.
    pub password: Option<Password>,
    /// The same again, if somebody types it.
    pub confirm_password: Option<Password>,
}

/// Somebody joined.
#[derive(Debug, Serialize, ToSchema)]
pub struct Joined {
    /// The account.
    #[schema(value_type = Option<Id>)]
    pub account: Option<AccountId>,
    /// Who.
    #[schema(value_type = Id)]
    pub user: UserId,
    /// The address to sign in with.
    pub email: String,
}

/// Somebody who may be signed in.
pub struct Perhaps(Option<Person>);

impl FromRequestParts<Arc<App>> for Perhaps {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if bearer(parts).is_err() {
            return Ok(Self(None));
        }
        match Person::from_request_parts(parts, app).await {
            Ok(person) => Ok(Self(Some(person))),
            Err(problem) if problem.code() == PERSON_REQUIRED => Ok(Self(None)), // a program's word counts no more than nobody's
            Err(problem) => Err(problem),
        }
    }
}

/// Invites people to an account by their addresses; each is answered for itself. An address is mailed three invitations at once and
/// then one in ten minutes, by one account 200 at once and then one in ten seconds; what is beyond that is `too_fast`.
#[utoipa::path(post, path = "/accounts/{account}/invitations", tag = "members", request_body = InvitationDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "What became of each address.", body = Invitations), Writes))]
pub async fn invite_members(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<InvitationDraft>,
) -> Result<Json<Invitations>, Problem> {
    // What stands against all of them is said once, before anybody is invited.
    caller.look(|sight| Ok(leasehold_ledger::actor::active(&sight.account_as(account, Role::Admin)?)?))?;
    let emails = draft.emails.each();
    if emails.is_empty() || emails.len() > ADDRESSES_MAX {
        let detail = format!("emails: {} addresses are not 1 to {ADDRESSES_MAX}", emails.len());
        return Err(Problem::refused(Refused::FieldInvalid, detail));
    }
    let mut items = Vec::new();
    for (number, email) in (0..).zip(emails) {
        let user = UserId(caller.id());
        let invitation = People::InviteUser { account, email: email.clone(), role: draft.role, user };
        items.push(match invite(&caller, number, &email, invitation).await {
            Ok(()) => {
                let view = caller.app.view()?;
                let user = user_named(view.as_ref(), &email)?.map(|user| user.id);
                Invited { email, invited: true, user, problem: None }
            }
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => Invited { email, invited: false, user: None, problem: Some(problem.details()) },
        });
    }
    Ok(Json(Invitations { items }))
}

/// Sends an invitation if there is a budget for its mail. `number` is the address's place in the request, which stays the same when
/// it is sent again and other addresses are beyond their budget.
async fn invite(caller: &Caller, number: u32, email: &str, invitation: People) -> Result<(), Problem> {
    let command = Command::People(Box::new(invitation));
    if caller.has_done(number) {
        return caller.send_as(number, command).await.map(drop);
    }
    let (account, to) = (caller.account, fold(email));
    let budget = caller.app.identity.delays.invitation(account.bytes(), to.as_bytes()).map_err(too_many_invitations)?;
    let sent = caller.send_as(number, command).await.map(drop);
    if sent.is_err() {
        budget.right(); // nothing was mailed
    }
    sent
}

/// Joins an account by the link that was mailed, which works once.
#[utoipa::path(post, path = "/invitations/confirm", tag = "members", security((), ("token" = [])),
    request_body = Confirmation,
    responses((status = 200, description = "Who joined what.", body = Joined), Writes))]
pub async fn confirm_invitation(
    State(app): State<Arc<App>>,
    origin: Origin,
    Perhaps(person): Perhaps,
    Body(ask): Body<Confirmation>,
) -> Result<Json<Joined>, Problem> {
    let link = hash(&ask.link);
    let (secret, user) = good_link(&app, origin, &link, &SecretKind::Invitation)?;
    let claim = match &ask.password {
        // Nothing is computed for somebody who has a password already.
        Some(password) if user.password.is_none() => {
            let Confirmation { username, first_name, last_name, phone, company, .. } = ask;
            let person = user::Person { first_name, last_name, phone, company };
            let names = names(username.as_deref(), &user.email, &person);
            let password = hashed(&app, password, ask.confirm_password.as_ref(), &names).await?;
            Some(Claim { username, person, password })
        }
        _ => None,
    };
    let actor = match &person {
        Some(person) => person.actor(None),
        None if claim.is_some() => Actor::person(&user, None),
        None => Actor::system("link"),
    };
    app.send(actor.coming_from(origin.place()), Command::People(Box::new(People::ConfirmInvitation { link, claim })))
        .await?;
    Ok(Json(Joined { account: secret.account, user: user.id, email: user.email }))
}
