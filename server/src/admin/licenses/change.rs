//! Making, upgrading, extending, editing and deleting licences.

use super::{LicenseView, shown};
use crate::admin::auth::Caller;
use crate::admin::docs::Writes;
use crate::admin::extract::{Body, Created, Path};
use crate::admin::problem::Problem;
use crate::admin::value::{Id, Quantity};
use crate::admin::words::ProductKindWord;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{HoldingId, KeyId, ProductKind};
use leasehold_ledger::rule::license::edit::LicenseChange;
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_protocol::Units;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A new licence, support or subscription.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseDraft {
    /// What it is to be; the pool's product must be sold as this. A `license` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = ProductKindWord)]
    pub kind: ProductKind,
    /// The pool whose credits pay for it; the product, and with it the edition, is the pool's.
    #[schema(value_type = Id)]
    pub pool: HoldingId,
    /// Its units, users or channels, each of which costs a credit.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// For how many days, of a trial; of nothing else.
    #[schema(minimum = 1, maximum = 3650)]
    pub days: Option<u32>,
    /// Whom it is for.
    #[serde(default)]
    pub email: String,
    /// For people, 1024 bytes at most.
    #[serde(default)]
    pub comment: String,
}

/// What a licence has afterwards.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    /// Its units: the whole of them, not a difference.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// The pool with credits of another edition; the licence's own unless given.
    #[schema(value_type = Option<Id>)]
    pub pool: Option<HoldingId>,
}

/// Changes to a licence: email and comment, and nothing else. What is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LicenseEdit {
    /// Whom it is for; empty for nobody.
    pub email: Option<String>,
    /// For people; empty for none.
    pub comment: Option<String>,
    /// What cannot be edited, and is refused by its name.
    #[serde(flatten)]
    #[schema(ignore)]
    pub other: BTreeMap<String, serde_json::Value>,
}

async fn send(caller: &Caller, command: LicenseCommand) -> Result<(), Problem> {
    caller.send(Command::License(Box::new(command))).await.map(drop)
}

/// Makes a licence, a support or a subscription under an activation key. Its units are taken from the credits of a pool; where they are
/// not enough nothing is made.
#[utoipa::path(post, path = "/keys/{key}/licenses", tag = "licenses", request_body = LicenseDraft,
    params(("key" = Id, Path, description = "The activation key.")),
    responses((status = 201, description = "The licence.", body = LicenseView), Writes))]
pub async fn make_license(
    caller: Caller,
    Path(key): Path<KeyId>,
    Body(draft): Body<LicenseDraft>,
) -> Result<Created<LicenseView>, Problem> {
    let id = HoldingId(caller.id());
    let LicenseDraft { kind, pool, units, days, email, comment } = draft;
    send(&caller, LicenseCommand::Make(NewLicense { id, key, kind, pool, units, days, email, comment })).await?;
    Ok(Created { at: format!("/licenses/{id}"), record: shown(&caller, id)? })
}

/// Upgrades a licence. More units cost the difference, fewer return it, unless they bought a term that was begun. With another edition's
/// pool, a licence of that edition takes this one's place under the same key and until the same end: the old credits return to their pool.
#[utoipa::path(post, path = "/licenses/{license}/upgrade", tag = "licenses", request_body = Upgrade,
    params(("license" = Id, Path, description = "The licence.")),
    responses((status = 200, description = "The licence as it is now, or the one that took its place.", body = LicenseView), Writes))]
pub async fn upgrade_license(
    caller: Caller,
    Path(license): Path<HoldingId>,
    Body(Upgrade { units, pool }): Body<Upgrade>,
) -> Result<Json<LicenseView>, Problem> {
    let id = HoldingId(caller.id());
    send(&caller, LicenseCommand::Upgrade { license, units, pool, id }).await?;
    let taken = caller.look(|sight| Ok(sight.draft.license(id).is_ok()))?;
    Ok(Json(shown(&caller, if taken { id } else { license })?))
}

/// Extends what lasts for a term by one more, valid or expired; it costs its units once more. An expired one goes on from its end, or
/// from today where the setting `extend_from` says so.
#[utoipa::path(post, path = "/licenses/{license}/extend", tag = "licenses",
    params(("license" = Id, Path, description = "The licence.")),
    responses((status = 200, description = "The licence as it is now.", body = LicenseView), Writes))]
pub async fn extend_license(caller: Caller, Path(license): Path<HoldingId>) -> Result<Json<LicenseView>, Problem> {
    send(&caller, LicenseCommand::Extend { license }).await?;
    Ok(Json(shown(&caller, license)?))
}

/// Changes a licence's email and comment.
#[utoipa::path(patch, path = "/licenses/{license}", tag = "licenses", request_body = LicenseEdit,
    params(("license" = Id, Path, description = "The licence.")),
    responses((status = 200, description = "The licence as it is now.", body = LicenseView), Writes))]
pub async fn edit_license(
    caller: Caller,
    Path(license): Path<HoldingId>,
    Body(edit): Body<LicenseEdit>,
) -> Result<Json<LicenseView>, Problem> {
    let change = LicenseChange { email: edit.email, comment: edit.comment, other: edit.other.into_keys().next() };
    send(&caller, LicenseCommand::Edit { license, change }).await?;
    Ok(Json(shown(&caller, license)?))
}

/// Deletes a licence that no device has. Its credits return to their pool, unless they bought a term that was begun.
#[utoipa::path(delete, path = "/licenses/{license}", tag = "licenses",
    params(("license" = Id, Path, description = "The licence.")),
    responses((status = 204, description = "It is deleted."), Writes))]
pub async fn delete_license(caller: Caller, Path(license): Path<HoldingId>) -> Result<StatusCode, Problem> {
    send(&caller, LicenseCommand::Delete { license }).await?;
    Ok(StatusCode::NO_CONTENT)
}
