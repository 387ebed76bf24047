//! What uploading a request file would do, without doing it: the rules themselves are asked, over a view that nothing is written to.

use super::auth::Caller;
use super::docs::Files;
use super::extract::{File, Path};
use super::problem::Problem;
use super::rehearse::dry;
use super::value::{HexDigest, HexId, Id, OnDay, Quantity, When};
use axum::Json;
use leasehold_ledger::draft::{Draft, Fault};
use leasehold_ledger::record::*;
use leasehold_ledger::store::Read;
use leasehold_ledger::{Command, Context, Shelf, apply};
use leasehold_protocol::armour::Label;
use leasehold_protocol::license::License;
use leasehold_protocol::request::Request;
use leasehold_protocol::{ActivationId, DeviceId, Digest, Units};
use leasehold_signer::opening;
use serde::Serialize;
use std::cell::RefCell;
use utoipa::ToSchema;

/// What a request asks for, and what it would get.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewView {
    /// SHA-256 of the request's COSE bytes: its name.
    #[schema(value_type = HexDigest)]
    pub request: Digest,
    /// The product's sku.
    pub product: String,
    /// The device.
    #[schema(value_type = HexId)]
    pub device: DeviceId,
    /// What it calls itself.
    pub device_name: Option<String>,
    /// The product's version there.
    pub version: String,
    /// The units it asks for; null for all the key gives.
    #[schema(value_type = Option<Quantity>)]
    pub wanted: Option<Units>,
    /// It was answered before and gets the same file again: nothing is charged.
    pub answered: bool,
    /// The licence file it would get; null where it would be refused, or was answered.
    pub license: Option<PreviewedLicense>,
    /// Why it would be refused.
    pub refusal: Option<PreviewedRefusal>,
}

/// A licence file that would be signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedLicense {
    /// The key it would be made with.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// What it would carry.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// The units it would charge beyond what the device is charged for already.
    #[schema(value_type = Quantity)]
    pub charges: Units,
    /// Features.
    pub features: Vec<String>,
    /// To whom it would be granted.
    pub licensee: String,
    /// When it would end; null for never.
    pub expires: Option<When>,
    /// Upgrades would be free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// The licence file of this device whose place it would take, by its name (`cti`).
    #[schema(value_type = Option<HexId>)]
    pub replaces: Option<String>,
}

/// A rule's no.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedRefusal {
    /// The stable code.
    pub code: &'static str,
    /// The whole problem, as uploading would have it answered.
    #[schema(value_type = Object)]
    pub problem: serde_json::Value,
}

/// Says what uploading a request file would do, or why it would be refused. Nothing is changed.
#[utoipa::path(post, path = "/accounts/{account}/requests/preview", tag = "requests",
    params(("account" = Id, Path, description = "The account whose key the request names.")),
    request_body(content_type = "text/plain", content = String, description = "The armoured request, a .lreq file."),
    responses((status = 200, description = "What it would do.", body = PreviewView), Files))]
pub async fn preview_request(
    caller: Caller,
    Path(account): Path<AccountId>,
    File(file): File,
) -> Result<Json<PreviewView>, Problem> {
    caller.look(|sight| sight.account(account))?; // nobody learns what is wrong with a file for somebody else
    let (request, digest) = opening::open::<Request>(Label::Request, &file)?;
    let view = caller.app.view()?;
    let (license, refusal, answered) = match tried(&caller, view.as_ref(), account, &request, digest) {
        Ok(license) => (license.clone(), None, license.is_none()),
        Err(fault) => (None, Some(refused(fault)?), false),
    };
    Ok(Json(PreviewView {
        request: digest,
        product: request.sender.aud.clone(),
        device: request.sender.device.device_id(),
        device_name: request.device_name,
        version: request.host.version,
        wanted: request.wanted,
        answered,
        license: license.map(|(license, key, charges)| shown(license, key, charges)),
        refusal,
    }))
}

/// What would be signed, with which key, and what that would charge; nothing where the request was answered before.
fn tried(
    caller: &Caller,
    view: &dyn Read,
    account: AccountId,
    request: &Request,
    digest: Digest,
) -> Result<Option<(License, KeyId, Units)>, Fault> {
    let (keyring, shelf, signed) = (caller.app.keyring.load(), Shelf::default(), RefCell::new(None));
    let sign = |license: &License| {
        *signed.borrow_mut() = Some(license.clone());
        keyring.sign_license(license).map_err(|error| error.to_string()) // a key that may not sign it says so here
    };
    let context = Context { sign_license: &sign, ..dry(&caller.actor, caller.now(), &shelf) };
    let command =
        Command::AnswerRequest { account, request: Box::new(request.clone()), digest, id: ActivationId([0; 16]) };
    let (changes, _) = apply(view, &context, &command)?;
    let Some(license) = signed.take() else { return Ok(None) };
    let charged = |draft: &Draft<'_>| Ok::<_, Fault>(draft.record::<Activation>(&license.grant.sub.0)?);
    let mut after = Draft::new(view);
    let before = charged(&after)?.map(|activation| activation.charged).unwrap_or_default();
    after.adopt(changes);
    let Some(activation) = charged(&after)? else { return Ok(None) };
    let charges = activation.charged.saturating_sub(&before);
    Ok(Some((license, activation.key, charges)))
}

fn refused(fault: Fault) -> Result<PreviewedRefusal, Problem> {
    let problem = Problem::from(fault);
    let is_rules = !problem.status().is_server_error() || problem.code() != "failed";
    if is_rules { Ok(PreviewedRefusal { code: problem.code(), problem: problem.details() }) } else { Err(problem) }
}

fn shown(license: License, key: KeyId, charges: Units) -> PreviewedLicense {
    PreviewedLicense {
        key,
        units: license.grant.units,
        charges,
        features: license.grant.features,
        licensee: license.grant.licensee,
        expires: license.exp.map(When),
        free_upgrade_until: license.grant.free_upgrade_until.map(OnDay),
        replaces: license.replaces.map(|cti| leasehold_ledger::row::hex(&cti.0)),
    }
}
