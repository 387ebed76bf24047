//! API tokens. A secret is shown once, when it is made; the store has its hash.

use super::auth::{Caller, Secret};
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::list::rows::Tokens;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::scopes;
use super::sight::Sight;
use super::value::{Id, When};
use super::words::RoleWord;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::random;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::store::Table;
use leasehold_ledger::view;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// The account it speaks for.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// As what.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// Made at.
    pub created: When,
    /// Good until; null until it is revoked.
    pub expires: Option<When>,
    /// The parts of the API it is for, such as `pools:read`; null for all of it.
    pub scopes: Option<BTreeSet<String>>,
    /// Last used at, to within a quarter of an hour; null before.
    pub last_used: Option<When>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            account: token.account,
            role: token.role,
            created: token.created.into(),
            expires: token.expires.map(When),
            scopes: token.scopes,
            last_used: token.last_used.map(When),
        }
    }
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenDraft {
    /// What people call it; stands in Events.
    pub name: String,
    /// As what it speaks.
    #[schema(value_type = RoleWord)]
    pub role: Role,
    /// Good until; null until it is revoked.
    pub expires: Option<When>,
    /// The parts of the API it is for, such as `pools:read` or `keys:write`, which reads too; `*` is every part. Null for as much
    /// as the maker has.
    pub scopes: Option<BTreeSet<String>>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewToken {
    /// What its holder sends. It is not shown again.
    #[schema(examples("lh_..."))]
    pub secret: String,
    /// The token.
    #[serde(flatten)]
    pub token: TokenView,
}

/// Makes a token with the actor's own account and role, for programs on this machine.
///
/// # Errors
/// [`Failure`].
pub async fn new_token(app: &App, actor: Actor, name: &str) -> Result<String, Failure> {
    let hint = "the log of the server says more";
    let (account, role) = actor.member.ok_or_else(|| Failure::failed("devices and jobs have no tokens", hint))?;
    let now = app.clock.now();
    let secret = Secret::draw();
    let id = TokenId(random::id(now));
    let token = Token {
        id,
        hash: secret.hash,
        name: name.to_owned(),
        account,
        role,
        created: now,
        expires: None,
        scopes: None,
        last_used: None,
    };
    let made = app.send(actor, Command::CreateToken(token)).await;
    made.map_err(|error| Failure::failed(error, hint))?;
    Ok(secret.text)
}

/// The tokens of an account, oldest first to the second: for its administrators.
#[utoipa::path(get, path = "/accounts/{account}/tokens", tag = "tokens",
    params(("account" = Id, Path, description = "The account."), Listing<Tokens>),
    responses((status = 200, description = "A page of tokens.", body = Page<TokenView>), Reads))]
pub async fn list_tokens(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Tokens>,
) -> Result<Json<Page<TokenView>>, Problem> {
    caller.look(|sight| {
        sight.account_as(account, Role::Admin)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], _: &[u8]| {
                let id = Uuid::from_slice(id).map_err(|_| Problem::failed("an index row does not end in an id"))?;
                Ok(view::token(&sight.draft, TokenId(id))?)
            };
            indexed(sight, (Table::AccountTokens, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |_, token| Ok(token.into()))?))
    })
}

/// Makes a token: for the account's administrators.
#[utoipa::path(post, path = "/accounts/{account}/tokens", tag = "tokens", request_body = TokenDraft,
    params(("account" = Id, Path, description = "The account it speaks for.")),
    responses((status = 201, description = "The token and its secret.", body = NewToken), Writes))]
pub async fn create_token(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<TokenDraft>,
) -> Result<Created<NewToken>, Problem> {
    let now = caller.now();
    let secret = Secret::draw();
    let token = Token {
        id: TokenId(caller.id()),
        hash: secret.hash,
        name: draft.name,
        account,
        role: draft.role,
        created: now,
        expires: draft.expires.map(|end| end.0),
        scopes: scopes::given(draft.scopes, caller.token().and_then(|token| token.scopes.as_ref()))?,
        last_used: None,
    };
    caller.send(Command::CreateToken(token.clone())).await?;
    let record = NewToken { secret: secret.text, token: token.into() };
    Ok(Created { at: format!("/tokens/{}", record.token.id), record })
}

/// Takes a token away: for administrators of its account. It is refused from the next request on.
#[utoipa::path(delete, path = "/tokens/{token}", tag = "tokens",
    params(("token" = Id, Path, description = "The token.")),
    responses((status = 204, description = "It is revoked."), Writes))]
pub async fn revoke_token(caller: Caller, Path(token): Path<TokenId>) -> Result<StatusCode, Problem> {
    caller.send(Command::RevokeToken { token }).await?;
    Ok(StatusCode::NO_CONTENT)
}
