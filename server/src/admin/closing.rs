//! Deactivating, reactivating and deleting an account, and the code that its devices enrol with.

use super::accounts::{AccountView, shown};
use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Body, Path};
use super::problem::Problem;
use super::value::Id;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::record::{AccountId, AccountStatus};
use serde::Deserialize;
use utoipa::ToSchema;

/// Another enrolment code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentCodeDraft {
    /// The code, XXXX-XXXX-XXXX-XXXX; drawn at random unless given.
    pub code: Option<String>,
}

/// Deactivates an account: its licences go on, nothing new begins.
#[utoipa::path(post, path = "/accounts/{account}/deactivate", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView), Writes))]
pub async fn deactivate_account(caller: Caller, Path(account): Path<AccountId>) -> Result<Json<AccountView>, Problem> {
    set_status(&caller, account, AccountStatus::Inactive).await
}

/// Reactivates an account.
#[utoipa::path(post, path = "/accounts/{account}/reactivate", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView), Writes))]
pub async fn reactivate_account(caller: Caller, Path(account): Path<AccountId>) -> Result<Json<AccountView>, Problem> {
    set_status(&caller, account, AccountStatus::Active).await
}

async fn set_status(caller: &Caller, account: AccountId, status: AccountStatus) -> Result<Json<AccountView>, Problem> {
    caller.send(Command::SetAccountStatus { account, status }).await?;
    Ok(Json(shown(caller, account)?))
}

/// Deletes an account that owns no units, no devices and no other accounts: its members are removed, its tokens revoked.
#[utoipa::path(delete, path = "/accounts/{account}", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 204, description = "It is deleted, and its name is free."), Writes))]
pub async fn delete_account(caller: Caller, Path(account): Path<AccountId>) -> Result<StatusCode, Problem> {
    caller.send(Command::DeleteAccount { account }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an account another enrolment code. The one so far is good no more.
#[utoipa::path(put, path = "/accounts/{account}/enrolment-code", tag = "accounts", request_body = EnrolmentCodeDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView), Writes))]
pub async fn set_enrolment_code(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<EnrolmentCodeDraft>,
) -> Result<Json<AccountView>, Problem> {
    let code = Some(draft.code.unwrap_or_else(|| caller.key_code()));
    caller.send(Command::SetEnrolmentCode { account, code }).await?;
    Ok(Json(shown(&caller, account)?))
}

/// Takes an account's enrolment code away: no device is announced with it any more.
#[utoipa::path(delete, path = "/accounts/{account}/enrolment-code", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView), Writes))]
pub async fn drop_enrolment_code(caller: Caller, Path(account): Path<AccountId>) -> Result<Json<AccountView>, Problem> {
    caller.send(Command::SetEnrolmentCode { account, code: None }).await?;
    Ok(Json(shown(&caller, account)?))
}
