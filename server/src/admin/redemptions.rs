//! Entering a permission key: it is checked, then what was bought with it is the account's (G9, G10, G20).
//!
//! Whoever has the code may redeem it, so wrong ones are counted for each account that tries them.

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Body, Created, Path};
use super::owned::{OwnedView, owned};
use super::problem::{Problem, ProblemDetails};
use super::slow::too_fast;
use super::value::{Id, OnDay, Quantity, When};
use super::words::UsedByWord;
use crate::identity::delays::Try;
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::redeem::{license_type, package};
use leasehold_protocol::{Refused, Units};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key as somebody types it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// The permission key, XXXX-XXXX-XXXX-XXXX.
    #[schema(examples("ABCD-EFGH-JKLM-NPQR"))]
    pub key: String,
}

/// What was redeemed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redeemed {
    /// The key's record.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// What it held; all of it is the account's now.
    pub products: Vec<OwnedView>,
}

/// What a key holds, before it is redeemed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// What was bought with it.
    pub products: Vec<Content>,
    /// It is for an organisation, not for a personal account (G2).
    pub needs_organisation: bool,
    /// What stands against redeeming it into this account now; null if nothing does.
    #[schema(value_type = Option<ProblemDetails>)]
    pub problem: Option<serde_json::Value>,
}

/// One of the things that were bought with a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Content {
    /// The product's sku.
    pub product: String,
    /// What people call it.
    pub name: String,
    /// `perpetual`, `annual`, `days`, `trial` or `flex`.
    pub license_type: &'static str,
    /// Who takes up its units.
    #[schema(value_type = UsedByWord)]
    pub used_by: UsedBy,
    /// How many.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Good until; null for ever.
    pub expires: Option<When>,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
}

/// Says what a permission key holds and what stands against redeeming it into an account; changes nothing. An account has 100 wrong
/// keys at once and then one in 36 seconds; what is beyond that is `too_fast`.
#[utoipa::path(post, path = "/accounts/{account}/redemptions/preview", tag = "redemptions", request_body = Redemption,
    params(("account" = Id, Path, description = "The account it would be redeemed into.")),
    responses((status = 200, description = "What it holds.", body = Preview), Writes))]
pub async fn preview_redemption(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(asked): Body<Redemption>,
) -> Result<Json<Preview>, Problem> {
    caller.look(|sight| sight.account_as(account, Role::Operator).map(drop))?;
    let begun = caller.app.identity.delays.key(caller.account.bytes()).map_err(too_fast)?;
    let found = caller.look(|sight| Ok(package(&sight.draft, &asked.key, Some(account))?));
    let package = judged(begun, found)?;
    let redeem = Command::Redeem { account, code: asked.key };
    let view = caller.app.view()?;
    let problem = match caller.outcome(view.as_ref(), caller.now(), &redeem).map_err(Problem::from) {
        Err(problem) if problem.status().is_server_error() && problem.code() != Refused::Quarantine.code() => {
            return Err(problem);
        }
        Err(problem) => Some(problem.details()),
        Ok(_) => None,
    };
    let needs_organisation = package.needs_organisation();
    let products = package.lots.into_iter().map(|(lot, product)| Content {
        license_type: license_type(&product),
        used_by: product.used_by,
        product: product.sku,
        name: product.name,
        units: lot.units,
        expires: lot.expires.map(When),
        free_upgrade_until: lot.upgrade_until.map(OnDay),
    });
    Ok(Json(Preview { products: products.collect(), needs_organisation, problem }))
}

/// Redeems a permission key, which happens once: what was bought with it is the account's from now on. Wrong keys are counted as
/// for the preview.
#[utoipa::path(post, path = "/accounts/{account}/redemptions", tag = "redemptions", request_body = Redemption,
    params(("account" = Id, Path, description = "The account that redeems it.")),
    responses((status = 201, description = "What the account has with it.", body = Redeemed), Writes))]
pub async fn redeem_key(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(asked): Body<Redemption>,
) -> Result<Created<Redeemed>, Problem> {
    let delays = &caller.app.identity.delays;
    let begun =
        if caller.has_done_next() { Try::free() } else { delays.key(caller.account.bytes()).map_err(too_fast)? };
    let sent = caller.send(Command::Redeem { account, code: asked.key.clone() }).await;
    judged(begun, sent)?;
    let record = caller.look(|sight| {
        let code = leasehold_ledger::rule::code::parse(&asked.key)?;
        let key = sight.draft.key_by_code(&code)?.ok_or_else(Problem::out_of_reach)?;
        Ok(Redeemed { key: key.id, products: owned(sight, &key.holdings)? })
    })?;
    Ok(Created { at: format!("/accounts/{account}/products"), record })
}

/// What came of a try: one with a key that nobody sold is counted.
///
/// # Errors
/// [`Problem`].
pub fn judged<T>(begun: Try<'_>, found: Result<T, Problem>) -> Result<T, Problem> {
    let wrong = [Refused::KeyInvalid, Refused::KeyFormat].map(Refused::code);
    if !found.as_ref().is_err_and(|problem| wrong.contains(&problem.code())) {
        begun.right();
    }
    found
}
