//! Keys: pool keys with their quotas, and the Activation IDs of lots.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::holdings::{Counts, of_account, second};
use super::list::rows::Keys;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::pools::{Quota, pool};
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, OnDay, Quantity, When};
use super::words::{KeyKindWord, KeyStateWord};
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::store::Table;
use leasehold_protocol::Units;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: KeyId,
    /// What a person types, XXXX-XXXX-XXXX-XXXX.
    pub code: String,
    /// What it gives.
    #[schema(value_type = KeyKindWord)]
    pub kind: KeyKind,
    /// What may happen to it.
    #[schema(value_type = KeyStateWord)]
    pub state: KeyState,
    /// The licensee's name, the account's prefix included.
    pub licensee: String,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The pool or lot that a quota or a seat was given from.
    #[schema(value_type = Option<Id>)]
    pub pool: Option<HoldingId>,
    /// An Activation ID's lot.
    #[schema(value_type = Option<Id>)]
    pub lot: Option<HoldingId>,
    /// The lots or allotments it gives: one, but for what was bought or is made under one key together.
    #[schema(value_type = Vec<Id>)]
    pub holdings: Vec<HoldingId>,
    /// Whose seat it is.
    #[schema(value_type = Option<Id>)]
    pub user: Option<UserId>,
    /// When it was redeemed: permission keys are, once.
    pub redeemed: Option<When>,
    /// The product's sku; of several the first.
    pub product: Option<String>,
    /// The units it gives, all holdings together: a pool key's quota.
    #[serde(flatten)]
    pub counts: Counts,
    /// The first of its holdings' ends; null for ever.
    pub expires: Option<When>,
    /// A living lease or licence file stems from it, so it cannot be deleted.
    pub in_use: bool,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// Made at.
    pub created: When,
    /// The product's no-mixing label; of several the first.
    pub compat: Option<String>,
    /// When the last lease or licence file that is out ends; null where none is out, or one has no end.
    pub leased_until: Option<When>,
}

/// A new pool key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyDraft {
    /// The licensee's name, without the account's prefix: letters, digits, hyphens, underscores.
    pub name: String,
    /// The most its device may use.
    #[serde(default)]
    #[schema(value_type = Quantity)]
    pub quota: Units,
    /// Its code; drawn at random unless given.
    pub code: Option<String>,
}

/// The keys of an account, pool keys and Activation IDs, oldest first to the second.
#[utoipa::path(get, path = "/accounts/{account}/keys", tag = "keys",
    params(("account" = Id, Path, description = "The account."), Listing<Keys>),
    responses((status = 200, description = "A page of keys.", body = Page<KeyView>), Reads))]
pub async fn list_account_keys(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Keys>,
) -> Result<Json<Page<KeyView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| of_account(sight, account, (last, most), key_of);
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// The keys of a pool, oldest first to the second.
#[utoipa::path(get, path = "/pools/{pool}/keys", tag = "keys",
    params(("pool" = Id, Path, description = "The pool."), Listing<Keys>),
    responses((status = 200, description = "A page of keys.", body = Page<KeyView>), Reads))]
pub async fn list_keys(
    caller: Caller,
    Path(id): Path<HoldingId>,
    listing: Listing<Keys>,
) -> Result<Json<Page<KeyView>>, Problem> {
    caller.look(|sight| {
        let pool = pool(sight, id)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, id: &[u8], _: &[u8]| key_of(sight, sight.draft.holding(second(id)?)?);
            indexed(sight, (Table::PoolAllotments, pool.id.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// The key a lot or allotment is given by, unless it was deleted.
fn key_of(sight: &Sight<'_>, holding: Holding) -> Result<Option<Key>, Problem> {
    let key = holding.key.map(|key| sight.draft.key(key)).transpose()?;
    let key = key.filter(|key| key.holding() == Some(holding.id)); // once, though it may give several
    let is_shown = |key: &Key| key.state != KeyState::Deleted && key.kind != KeyKind::ActivationKey;
    Ok(key.filter(is_shown)) // activation keys have a list of their own
}

/// One key.
#[utoipa::path(get, path = "/keys/{key}", tag = "keys",
    params(("key" = Id, Path, description = "The key.")),
    responses((status = 200, description = "The key.", body = KeyView), Reads))]
pub async fn show_key(caller: Caller, Path(id): Path<KeyId>) -> Result<Json<KeyView>, Problem> {
    Ok(Json(shown(&caller, id)?))
}

/// Makes a pool key with its quota.
#[utoipa::path(post, path = "/pools/{pool}/keys", tag = "keys", request_body = KeyDraft,
    params(("pool" = Id, Path, description = "The pool it draws on.")),
    responses((status = 201, description = "The key.", body = KeyView), Writes))]
pub async fn create_key(
    caller: Caller,
    Path(pool): Path<HoldingId>,
    Body(draft): Body<KeyDraft>,
) -> Result<Created<KeyView>, Problem> {
    let (id, allotment) = (KeyId(caller.id()), HoldingId(caller.id()));
    let code = draft.code.unwrap_or_else(|| caller.key_code());
    let new = NewKey { id, allotment, pool, code, name: draft.name, quota: draft.quota };
    caller.send(Command::CreatePoolKey(new)).await?;
    Ok(Created { at: format!("/keys/{id}"), record: shown(&caller, id)? })
}

/// Sets the most a pool key's device may use. It hears of it at its next check.
#[utoipa::path(put, path = "/keys/{key}/quota", tag = "keys", request_body = Quota,
    params(("key" = Id, Path, description = "The pool key.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView), Writes))]
pub async fn set_key_quota(
    caller: Caller,
    Path(key): Path<KeyId>,
    Body(quota): Body<Quota>,
) -> Result<Json<KeyView>, Problem> {
    caller.send(Command::SetKeyQuota { key, quota: quota.units }).await?;
    Ok(Json(shown(&caller, key)?))
}

/// Stops a key: nothing is renewed; a lease in hand runs to its end.
#[utoipa::path(post, path = "/keys/{key}/stop", tag = "keys",
    params(("key" = Id, Path, description = "The key.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView), Writes))]
pub async fn stop_key(caller: Caller, Path(key): Path<KeyId>) -> Result<Json<KeyView>, Problem> {
    caller.send(Command::StopKey { key }).await?;
    Ok(Json(shown(&caller, key)?))
}

/// Resumes a stopped key.
#[utoipa::path(post, path = "/keys/{key}/resume", tag = "keys",
    params(("key" = Id, Path, description = "The key.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView), Writes))]
pub async fn resume_key(caller: Caller, Path(key): Path<KeyId>) -> Result<Json<KeyView>, Problem> {
    caller.send(Command::ResumeKey { key }).await?;
    Ok(Json(shown(&caller, key)?))
}

/// Deletes a pool key from which no living lease stems; its units go back to the pool.
#[utoipa::path(delete, path = "/keys/{key}", tag = "keys",
    params(("key" = Id, Path, description = "The pool key.")),
    responses((status = 204, description = "It is deleted; its code is never used again."), Writes))]
pub async fn delete_key(caller: Caller, Path(key): Path<KeyId>) -> Result<StatusCode, Problem> {
    caller.send(Command::DeleteKey { key }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A key in reach.
///
/// # Errors
/// [`Problem`].
pub fn shown(caller: &Caller, id: KeyId) -> Result<KeyView, Problem> {
    caller.look(|sight| {
        let key = sight.key(id)?;
        view(sight, key)
    })
}

pub(super) fn view(sight: &mut Sight<'_>, key: Key) -> Result<KeyView, Problem> {
    let mut given = Vec::new();
    let mut out = None;
    for id in &key.holdings {
        given.push(sight.holding_now(*id)?);
        out = out.max(super::activations::last_end(sight, *id)?);
    }
    let first = given.first();
    let (pool, lot) = match key.kind {
        KeyKind::PoolKey | KeyKind::Seat | KeyKind::Flex => (first.and_then(|holding| holding.parent), None),
        KeyKind::ActivationId | KeyKind::PermissionKey => (None, key.holding()),
        KeyKind::ActivationKey => (None, None),
    };
    Ok(KeyView {
        id: key.id,
        code: key.code,
        kind: key.kind,
        state: key.state,
        licensee: key.licensee,
        account: key.account,
        pool,
        lot,
        in_use: out.is_some(),
        leased_until: out.and_then(When::end),
        compat: first.map(|holding| holding.compat.clone()),
        user: key.user,
        redeemed: key.redeemed.map(When),
        counts: Counts::all(&given)?,
        product: first.map(|holding| holding.product.clone()),
        expires: given.iter().filter_map(Holding::until).min().map(When),
        free_upgrade_until: given.iter().filter_map(|holding| holding.upgrade_until).min().map(OnDay),
        holdings: key.holdings,
        created: key.created.into(),
    })
}
