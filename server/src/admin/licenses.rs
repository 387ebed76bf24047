//! Licences, supports and subscriptions: what is made under activation keys (T8-T25). One list has them all; its `kind` tells the three
//! pages of it apart, its `ends` the valid from the expired.

mod change;
mod listed;

use super::activations::last_end;
use super::auth::Caller;
use super::docs::Reads;
use super::extract::Path;
use super::holdings::Counts;
use super::list::{Listing, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::value::{Id, When};
use super::walk::Walk;
use super::words::{ProductKindWord, TermWord};
use axum::Json;
pub use change::*;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Read as _, StoreError, Table};
use listed::{License, Licenses};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a licence's term is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenseState {
    /// It goes on.
    Valid,
    /// Its end has passed.
    Expired,
}

/// A licence, a support or a subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicenseView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: HoldingId,
    /// Whose it is.
    #[schema(value_type = Id)]
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The activation key it was made under.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// The key's code: what a person types on the device.
    pub code: String,
    /// The key's name.
    pub name: String,
    /// What it is.
    #[schema(value_type = ProductKindWord)]
    pub kind: ProductKind,
    /// The product's sku.
    pub product: String,
    /// The product's edition.
    pub edition: String,
    /// How long what is made of the product lasts; `trial` for a licence on trial.
    #[schema(value_type = TermWord)]
    pub term: Term,
    /// The pool whose credits paid for it, and get them back.
    #[schema(value_type = Option<Id>)]
    pub pool: Option<HoldingId>,
    /// Its units: users, channels.
    #[serde(flatten)]
    pub counts: Counts,
    /// Made at.
    pub created: When,
    /// Ends at; null for a permanent one.
    pub ends: Option<When>,
    /// Valid or expired, by the clock.
    pub state: LicenseState,
    /// A device has it: a living lease or licence file stems from it, so it cannot be deleted.
    pub activated: bool,
    /// Whom it is for.
    pub email: String,
    /// For people.
    pub comment: String,
}

/// The licences, supports and subscriptions of the caller's own account and of all below it; with `account`, of this account alone.
#[utoipa::path(get, path = "/licenses", tag = "licenses", params(Listing<Licenses>),
    responses((status = 200, description = "A page of licences.", body = Page<LicenseView>), Reads))]
pub async fn list_licenses(caller: Caller, listing: Listing<Licenses>) -> Result<Json<Page<LicenseView>>, Problem> {
    let mut walk = Walk::asked(&caller, &listing)?;
    caller.look(|sight| {
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, account: &Account, (key, _): (&[u8], &[u8])| {
                let id = super::holdings::second(key.get(16..).unwrap_or_default())?;
                License::of(sight, sight.draft.holding(id)?, account.clone()).map(Some)
            };
            walk.read(sight, Table::AccountLicenses, (last, most), row)
        };
        let view = |sight: &mut Sight<'_>, row: License| view(sight, row);
        Ok(Json(list(sight, &listing, read, view)?))
    })
}

/// One licence.
#[utoipa::path(get, path = "/licenses/{license}", tag = "licenses",
    params(("license" = Id, Path, description = "The licence.")),
    responses((status = 200, description = "The licence.", body = LicenseView), Reads))]
pub async fn show_license(caller: Caller, Path(id): Path<HoldingId>) -> Result<Json<LicenseView>, Problem> {
    Ok(Json(shown(&caller, id)?))
}

fn shown(caller: &Caller, id: HoldingId) -> Result<LicenseView, Problem> {
    caller.look(|sight| {
        let holding = sight.holding(id)?;
        let row = [*holding.account.bytes(), *id.bytes()].concat();
        if sight.draft.get(Table::AccountLicenses, &row)?.is_none() {
            return Err(Problem::out_of_reach());
        }
        let account = sight.account(holding.account)?;
        let row = License::of(sight, holding, account)?;
        view(sight, row)
    })
}

fn view(sight: &mut Sight<'_>, row: License) -> Result<LicenseView, Problem> {
    let License { holding, account, key, product, state } = row;
    let now = sight.holding_now(holding.id)?;
    Ok(LicenseView {
        id: now.id,
        account: account.id,
        account_name: account.name().to_owned(),
        key: key.id,
        code: key.code,
        name: key.licensee,
        kind: product.kind,
        edition: product.edition,
        term: product.term,
        pool: now.parent,
        counts: Counts::of(&now),
        created: now.created.into(),
        ends: now.until().and_then(When::end),
        state,
        activated: last_end(sight, now.id)?.is_some(),
        product: now.product,
        email: now.email,
        comment: now.comment,
    })
}

impl License {
    fn of(sight: &Sight<'_>, holding: Holding, account: Account) -> Result<Self, Problem> {
        let missing = || StoreError::Io(format!("licence {} has no key", holding.id));
        let key = sight.draft.key(holding.key.ok_or_else(missing)?)?;
        let product = sight.draft.product(&holding.product)?;
        let state = if holding.is_good(sight.now) { LicenseState::Valid } else { LicenseState::Expired };
        Ok(Self { holding, account, key, product, state })
    }
}
