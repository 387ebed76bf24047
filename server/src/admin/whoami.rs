//! Who the caller is.

use super::auth::{Caller, Credential};
use super::docs::Reads;
use super::overview::{Notice, notices};
use super::problem::Problem;
use super::value::{Id, When};
use super::words::RoleWord;
use axum::Json;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{AccountId, AccountKind, TokenId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Whoami {
    /// The installation; stands in every lease and licence file.
    pub installation: String,
    /// What Events say.
    pub actor: String,
    /// The account spoken for.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// Its name.
    pub account_name: String,
    /// As what.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// The token; null for people, and at the Unix socket.
    #[schema(value_type = Option<Id>)]
    pub token: Option<TokenId>,
    /// The person; null for programs.
    #[schema(value_type = Option<Id>)]
    pub user: Option<UserId>,
    /// The token's or session's end; null until it is revoked.
    pub expires: Option<When>,
    /// What the account has to know now; usually nothing.
    pub notices: Vec<Notice>,
}

/// Who the caller is.
#[utoipa::path(get, path = "/whoami", tag = "whoami",
    responses((status = 200, description = "The caller.", body = Whoami), Reads))]
pub async fn whoami(caller: Caller) -> Result<Json<Whoami>, Problem> {
    caller.look(|sight| {
        let account = sight.account(caller.account)?;
        let mut told = notices(&caller.app);
        if account.kind != AccountKind::Vendor {
            told.extend(super::maintenance::notice(&sight.draft, account.id, sight.now)?);
        }
        Ok(Json(Whoami {
            installation: sight.draft.installation()?.iss,
            actor: caller.actor.name.to_string(),
            account: account.id,
            account_name: account.profile.name,
            role: caller.role,
            token: caller.token().map(|token| token.id),
            user: caller.person().map(|person| person.user.id),
            expires: match &caller.by {
                Credential::Token(token) => token.expires.map(When),
                Credential::Person(person) => Some(When(person.session.expires)),
                Credential::Operator => None,
            },
            notices: told,
        }))
    })
}
