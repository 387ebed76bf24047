//! Bulk actions: one action on a list of ids, each answered for itself. Each is a command of its own, decided as if it had come
//! alone: one that is refused holds up no other.

use super::auth::Caller;
use super::docs::Writes;
use super::extract::Body;
use super::problem::Problem;
use super::value::Id;
use axum::Json;
use axum::http::StatusCode;
use futures_util::future::join_all;
use leasehold_ledger::Command;
use leasehold_ledger::record::{AccountId, AccountStatus, KeyId, TokenId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Ids in one request.
pub const IDS_MAX: usize = 200;

/// What to do, and to what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkAccounts {
    /// What to do.
    pub action: AccountAction,
    /// Accounts, 1 to 200, each once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 200)]
    pub ids: Vec<Uuid>,
}

/// What to do with accounts.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountAction {
    /// As `POST /accounts/{account}/deactivate`.
    Deactivate,
    /// As `POST /accounts/{account}/reactivate`.
    Reactivate,
    /// As `DELETE /accounts/{account}`.
    Delete,
}

/// What to do, and to what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkKeys {
    /// What to do.
    pub action: KeyAction,
    /// Keys, 1 to 200, each once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 200)]
    pub ids: Vec<Uuid>,
}

/// What to do with keys.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    /// As `POST /keys/{key}/stop`.
    Stop,
    /// As `POST /keys/{key}/resume`.
    Resume,
    /// As `DELETE /keys/{key}`.
    Delete,
}

/// What to do, and to what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkTokens {
    /// What to do.
    pub action: TokenAction,
    /// Tokens, 1 to 200, each once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 200)]
    pub ids: Vec<Uuid>,
}

/// What to do with tokens.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenAction {
    /// As `DELETE /tokens/{token}`.
    Revoke,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkReport {
    /// How many were done.
    pub done: usize,
    /// How many were refused.
    pub refused: usize,
    /// One for each id, in the order of the request.
    pub results: Vec<BulkResult>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// The id.
    #[schema(value_type = Id)]
    pub id: Uuid,
    /// The HTTP status it would have had alone.
    pub status: u16,
    /// The stable code of a refusal; null where it was done.
    pub code: Option<&'static str>,
    /// What was refused, and why.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Deactivates or reactivates many accounts.
#[utoipa::path(post, path = "/accounts/bulk", tag = "accounts", request_body = BulkAccounts,
    responses((status = 200, description = "What became of each.", body = BulkReport), Writes))]
pub async fn bulk_accounts(caller: Caller, Body(bulk): Body<BulkAccounts>) -> Result<Json<BulkReport>, Problem> {
    each(&caller, bulk.ids, |id| {
        let account = AccountId(id);
        match bulk.action {
            AccountAction::Deactivate => Command::SetAccountStatus { account, status: AccountStatus::Inactive },
            AccountAction::Reactivate => Command::SetAccountStatus { account, status: AccountStatus::Active },
            AccountAction::Delete => Command::DeleteAccount { account },
        }
    })
    .await
}

/// Stops, resumes or deletes many keys.
#[utoipa::path(post, path = "/keys/bulk", tag = "keys", request_body = BulkKeys,
    responses((status = 200, description = "What became of each.", body = BulkReport), Writes))]
pub async fn bulk_keys(caller: Caller, Body(bulk): Body<BulkKeys>) -> Result<Json<BulkReport>, Problem> {
    each(&caller, bulk.ids, |id| match bulk.action {
        KeyAction::Stop => Command::StopKey { key: KeyId(id) },
        KeyAction::Resume => Command::ResumeKey { key: KeyId(id) },
        KeyAction::Delete => Command::DeleteKey { key: KeyId(id) },
    })
    .await
}

/// Revokes many tokens.
#[utoipa::path(post, path = "/tokens/bulk", tag = "tokens", request_body = BulkTokens,
    responses((status = 200, description = "What became of each.", body = BulkReport), Writes))]
pub async fn bulk_tokens(caller: Caller, Body(bulk): Body<BulkTokens>) -> Result<Json<BulkReport>, Problem> {
    let TokenAction::Revoke = bulk.action;
    each(&caller, bulk.ids, |id| Command::RevokeToken { token: TokenId(id) }).await
}

/// Sends a command for each id. All wait together, so that one commit takes many.
async fn each(caller: &Caller, ids: Vec<Uuid>, command: impl Fn(Uuid) -> Command) -> Result<Json<BulkReport>, Problem> {
    let distinct: BTreeSet<_> = ids.iter().collect();
    if distinct.len() != ids.len() || !(1..=IDS_MAX).contains(&ids.len()) {
        let detail = format!("ids: {} of them, {} different; 1 to {IDS_MAX} are taken", ids.len(), distinct.len());
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(Problem::new(status, "body_invalid", "The body is not understood", detail));
    }
    let answers = join_all(ids.iter().map(|id| caller.send(command(*id)))).await;
    let results = ids.into_iter().zip(answers).map(|(id, answer)| match answer {
        Ok(_) => Ok(BulkResult { id, status: 200, code: None, detail: None, hint: None }),
        Err(problem) if problem.status().is_client_error() => {
            let (status, line) = (problem.status().as_u16(), problem.of_line(0));
            Ok(BulkResult { id, status, code: Some(line.code), detail: Some(line.detail), hint: line.hint })
        }
        Err(problem) => Err(problem), // the store or the writer: nothing can be said of the others either
    });
    let results: Vec<BulkResult> = results.collect::<Result<_, _>>()?;
    let done = results.iter().filter(|result| result.code.is_none()).count();
    Ok(Json(BulkReport { done, refused: results.len() - done, results }))
}
