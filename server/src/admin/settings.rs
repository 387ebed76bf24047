//! Settings of the installation, of accounts, of pools: which there are stands in the ledger's one table.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Path};
use super::page::Page;
use super::pools::pool;
use super::problem::Problem;
use super::value::Id;
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::record::{AccountId, HoldingId, Scope, SettingValue};
use leasehold_ledger::rule::setting::{self, Current, Kind, Of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingView {
    /// Its name; the unit is its last word.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it is: a number or a word; null for no limit.
    pub value: Option<SettingScalar>,
    /// Somebody set it; otherwise it is the default.
    pub is_set: bool,
    /// What it is while nobody sets it; null for no limit, or for what the pool was made with.
    pub default: Option<SettingScalar>,
    /// The least it may be, where it is a number.
    pub minimum: Option<u32>,
    /// The most it may be, where it is a number.
    pub maximum: Option<u32>,
    /// What it may be, where it is a word.
    pub words: Vec<&'static str>,
    /// Who changes it: `vendor` for its administrators, `admin` for the account's and those above, `above` for those above
    /// alone, `operator`.
    pub changed_by: &'static str,
}

/// A number or a word.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SettingScalar {
    /// A number.
    Number(u32),
    /// A word.
    Word(String),
}

impl From<SettingValue> for SettingScalar {
    fn from(value: SettingValue) -> Self {
        match value {
            SettingValue::Number(number) => Self::Number(number),
            SettingValue::Word(word) => Self::Word(word),
        }
    }
}

/// A new value, or null for the default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum NewValue {
    /// A number.
    Number(u32),
    /// A word.
    Word(String),
    /// The default.
    Default,
}

/// Settings to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingChanges {
    /// Names and values; null for the default. What is not named stays.
    pub values: BTreeMap<String, NewValue>,
}

impl From<Current> for SettingView {
    fn from(current: Current) -> Self {
        let (minimum, maximum, words) = match current.definition.kind {
            Kind::Number(least, most, _) => (Some(least), Some(most), &[][..]),
            Kind::Word(words) => (None, None, words),
        };
        let usual = current.definition.kind.usual().filter(|_| current.definition.of != Of::Pool);
        let changed_by = match current.definition.of {
            Of::Installation => "vendor",
            Of::Account => "admin",
            Of::Below => "above",
            Of::Pool => "operator",
        };
        Self {
            name: current.definition.name,
            about: current.definition.about,
            value: current.value.map(SettingScalar::from),
            is_set: current.is_set,
            default: usual.map(SettingScalar::from),
            minimum,
            maximum,
            words: words.to_vec(),
            changed_by,
        }
    }
}

/// The installation's settings.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "All settings.", body = Page<SettingView>), Reads))]
pub async fn show_settings(caller: Caller) -> Result<Json<Page<SettingView>>, Problem> {
    shown(&caller, Scope::Installation)
}

/// Changes the installation's settings: for the vendor's administrators.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = SettingChanges,
    responses((status = 200, description = "All settings as they are now.", body = Page<SettingView>), Writes))]
pub async fn change_settings(
    caller: Caller,
    Body(changes): Body<SettingChanges>,
) -> Result<Json<Page<SettingView>>, Problem> {
    changed(&caller, Scope::Installation, changes).await
}

/// An account's settings.
#[utoipa::path(get, path = "/accounts/{account}/settings", tag = "settings",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "All settings.", body = Page<SettingView>), Reads))]
pub async fn show_account_settings(
    caller: Caller,
    Path(account): Path<AccountId>,
) -> Result<Json<Page<SettingView>>, Problem> {
    caller.look(|sight| sight.account(account))?;
    shown(&caller, Scope::Account(account))
}

/// Changes an account's settings: for its administrators and those above it.
#[utoipa::path(patch, path = "/accounts/{account}/settings", tag = "settings", request_body = SettingChanges,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "All settings as they are now.", body = Page<SettingView>), Writes))]
pub async fn change_account_settings(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(changes): Body<SettingChanges>,
) -> Result<Json<Page<SettingView>>, Problem> {
    changed(&caller, Scope::Account(account), changes).await
}

/// A pool's settings.
#[utoipa::path(get, path = "/pools/{pool}/settings", tag = "settings",
    params(("pool" = Id, Path, description = "The pool.")),
    responses((status = 200, description = "All settings.", body = Page<SettingView>), Reads))]
pub async fn show_pool_settings(caller: Caller, Path(id): Path<HoldingId>) -> Result<Json<Page<SettingView>>, Problem> {
    caller.look(|sight| pool(sight, id))?;
    shown(&caller, Scope::Pool(id))
}

/// Changes a pool's settings.
#[utoipa::path(patch, path = "/pools/{pool}/settings", tag = "settings", request_body = SettingChanges,
    params(("pool" = Id, Path, description = "The pool.")),
    responses((status = 200, description = "All settings as they are now.", body = Page<SettingView>), Writes))]
pub async fn change_pool_settings(
    caller: Caller,
    Path(id): Path<HoldingId>,
    Body(changes): Body<SettingChanges>,
) -> Result<Json<Page<SettingView>>, Problem> {
    changed(&caller, Scope::Pool(id), changes).await
}

fn shown(caller: &Caller, scope: Scope) -> Result<Json<Page<SettingView>>, Problem> {
    caller.look(|sight| {
        let settings = setting::all(&sight.draft, scope)?;
        Ok(Json(Page::new(settings.into_iter().map(SettingView::from).collect(), None)))
    })
}

async fn changed(caller: &Caller, scope: Scope, changes: SettingChanges) -> Result<Json<Page<SettingView>>, Problem> {
    let value = |value: NewValue| match value {
        NewValue::Number(number) => Some(SettingValue::Number(number)),
        NewValue::Word(word) => Some(SettingValue::Word(word)),
        NewValue::Default => None,
    };
    let changes = changes.values.into_iter().map(|(name, given)| (name, value(given))).collect();
    caller.send(Command::ChangeSettings { scope, changes }).await?;
    shown(caller, scope)
}
