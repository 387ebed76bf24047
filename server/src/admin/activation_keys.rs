//! Activation keys: a name and a code, under which licences are made (T4-T8).

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::holdings::second;
use super::keys::{KeyView, shown, view};
use super::list::rows::Keys;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::Id;
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{AccountId, KeyId};
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::store::Table;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new activation key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationKeyDraft {
    /// Its name; stands in every lease and licence file as the licensee's.
    pub name: String,
    /// Its code, XXXX-XXXX-XXXX-XXXX; drawn at random unless given.
    pub code: Option<String>,
}

/// The activation keys of an account, oldest first to the second; with licences under them or without.
#[utoipa::path(get, path = "/accounts/{account}/activation-keys", tag = "keys",
    params(("account" = Id, Path, description = "The account."), Listing<Keys>),
    responses((status = 200, description = "A page of activation keys.", body = Page<KeyView>), Reads))]
pub async fn list_activation_keys(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Keys>,
) -> Result<Json<Page<KeyView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], _: &[u8]| Ok(Some(sight.draft.key(KeyId(second(id)?.0))?));
            indexed(sight, (Table::AccountKeys, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// Makes an activation key. Licences are made under it one by one.
#[utoipa::path(post, path = "/accounts/{account}/activation-keys", tag = "keys", request_body = ActivationKeyDraft,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 201, description = "The key.", body = KeyView), Writes))]
pub async fn create_activation_key(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(draft): Body<ActivationKeyDraft>,
) -> Result<Created<KeyView>, Problem> {
    let id = KeyId(caller.id());
    let code = draft.code.unwrap_or_else(|| caller.key_code());
    let new = NewActivationKey { id, account, code, name: draft.name };
    caller.send(Command::License(Box::new(LicenseCommand::CreateKey(new)))).await?;
    Ok(Created { at: format!("/keys/{id}"), record: shown(&caller, id)? })
}
