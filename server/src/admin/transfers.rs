//! Transfers of lines: a licence, or some of it, goes to another account (V32-V41).

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Body, Path};
use super::lots::{LotView, lot};
use super::problem::Problem;
use super::value::{Id, Quantity};
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::{AccountId, Holding, HoldingId, KeyId};
use leasehold_ledger::rule::line::{LineTransfer, NewLine};
use leasehold_protocol::{Refused, Units};
use serde::Deserialize;
use utoipa::ToSchema;

/// A transfer of a line or of some of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferDraft {
    /// The account that gets them.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// Available units of the line.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// A lot of that account that they join: of the same product and end date. Unless given, they are a line of their own there.
    #[schema(value_type = Option<Id>)]
    pub into: Option<HoldingId>,
    /// The entitlement's number of the new line; drawn unless given. All of a line that was never activated, and of which no seat was
    /// ever granted, keeps its numbers unless one is given here.
    pub entitlement: Option<String>,
}

/// Transfers a line or some of it to another account, or between the lines of one account. Units in use stay where they are.
#[utoipa::path(post, path = "/lots/{lot}/transfers", tag = "lots", request_body = TransferDraft,
    params(("lot" = Id, Path, description = "The lot of the line.")),
    responses((status = 200, description = "The lot that has the units now.", body = LotView), Writes))]
pub async fn transfer_line(
    caller: Caller,
    Path(id): Path<HoldingId>,
    Body(draft): Body<TransferDraft>,
) -> Result<Json<LotView>, Problem> {
    let TransferDraft { account, units, into, entitlement } = draft;
    if into.is_some() && entitlement.is_some() {
        let detail = "entitlement: it is for a new line, and one was given in `into`".into();
        return Err(Problem::refused(Refused::FieldInvalid, detail));
    }
    let (new, code) = (HoldingId(caller.id()), caller.key_code());
    let drawn = NewLine { lot: new, key: KeyId(caller.id()), code, entitlement: format!("T-{}", caller.key_code()) };
    let what = LineTransfer { lot: id, units, account, into, entitlement, new: drawn };
    caller.send(Command::TransferLine(Box::new(what))).await?;
    caller.look(|sight| {
        let made = sight.draft.record::<Holding>(new.bytes())?.map(|one| one.id);
        Ok(Json(lot(sight, into.or(made).unwrap_or(id))?))
    })
}
