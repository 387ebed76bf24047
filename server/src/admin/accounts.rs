//! Accounts: the tree below the caller's own.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::{Body, Created, Path};
use super::list::rows::Accounts;
use super::list::{Listing, indexed, list};
use super::page::Page;
use super::problem::Problem;
use super::sight::Sight;
use super::tree;
use super::value::{Id, given};
use super::words::{KindWord, StatusWord};
use axum::Json;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, ProfileChange};
use leasehold_ledger::store::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: AccountId,
    /// The account above it; not shown of the caller's own account.
    #[schema(value_type = Option<Id>)]
    pub parent: Option<AccountId>,
    /// What it is.
    #[schema(value_type = KindWord)]
    pub kind: AccountKind,
    /// Its name, unique under its parent.
    pub name: String,
    /// Whether anything new may happen in it.
    #[schema(value_type = StatusWord)]
    pub status: AccountStatus,
    /// Information only.
    pub email: Option<String>,
    /// Notes of the account above; not shown to the account itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Starts every licensee name of its pool keys.
    pub key_prefix: Option<String>,
    /// The skus it may use; null for all its parent may.
    pub products: Option<BTreeSet<String>>,
    /// May create end customers.
    pub may_create_customers: bool,
    /// May create resellers.
    pub may_create_resellers: bool,
    /// What a device sends to be announced in this account; shown to administrators, null where there is none.
    pub enrolment_code: Option<String>,
}

impl AccountView {
    fn of(account: Account, caller: &Caller) -> Self {
        let (from_above, profile) = (account.id != caller.account, account.profile);
        Self {
            id: account.id,
            parent: account.parent.filter(|_| from_above),
            kind: account.kind,
            name: profile.name,
            status: account.status,
            email: profile.email,
            notes: Some(profile.notes).filter(|_| from_above || account.parent.is_none()),
            key_prefix: profile.key_prefix,
            products: profile.products,
            may_create_customers: profile.may_create_customers,
            may_create_resellers: profile.may_create_resellers,
            enrolment_code: account.enrolment.filter(|_| caller.role == Role::Admin),
        }
    }
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountDraft {
    /// The account above it.
    #[schema(value_type = Id)]
    pub parent: AccountId,
    /// What it is; for ever.
    #[schema(value_type = KindWord)]
    pub kind: AccountKind,
    /// Its name, unique under its parent.
    pub name: String,
    /// Information only.
    pub email: Option<String>,
    /// For the parent's side only.
    #[serde(default)]
    pub notes: String,
    /// Starts every licensee name of its pool keys: letters, digits, hyphens, underscores.
    pub key_prefix: Option<String>,
    /// The skus it may use; null for all its parent may.
    pub products: Option<BTreeSet<String>>,
    /// May create end customers.
    #[serde(default)]
    pub may_create_customers: bool,
    /// May create resellers.
    #[serde(default)]
    pub may_create_resellers: bool,
}

impl AccountDraft {
    /// The account to make.
    #[must_use]
    pub fn into_new(self, id: AccountId) -> NewAccount {
        let profile = Profile {
            name: self.name,
            email: self.email,
            notes: self.notes,
            key_prefix: self.key_prefix,
            products: self.products,
            may_create_customers: self.may_create_customers,
            may_create_resellers: self.may_create_resellers,
        };
        NewAccount { id, parent: self.parent, kind: self.kind, profile }
    }
}

/// Changes to an account: what is not named stays; null takes a value away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// What it is never changes: anything else than what it is, is refused (`type_immutable`).
    #[schema(value_type = Option<KindWord>)]
    pub kind: Option<AccountKind>,
    /// Its name.
    pub name: Option<String>,
    /// Information only.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// For the parent's side only.
    pub notes: Option<String>,
    /// Starts every licensee name of its pool keys.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub key_prefix: Option<Option<String>>,
    /// The skus it may use.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<BTreeSet<String>>)]
    pub products: Option<Option<BTreeSet<String>>>,
    /// May create end customers.
    pub may_create_customers: Option<bool>,
    /// May create resellers.
    pub may_create_resellers: Option<bool>,
}

impl From<AccountChange> for ProfileChange {
    fn from(change: AccountChange) -> Self {
        Self {
            kind: change.kind,
            name: change.name,
            email: change.email,
            notes: change.notes,
            key_prefix: change.key_prefix,
            products: change.products,
            may_create_customers: change.may_create_customers,
            may_create_resellers: change.may_create_resellers,
        }
    }
}

/// The caller's own account and all below it, each before those below it, siblings by name.
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(Listing<Accounts>),
    responses((status = 200, description = "A page of accounts.", body = Page<AccountView>), Reads))]
pub async fn list_accounts(caller: Caller, listing: Listing<Accounts>) -> Result<Json<Page<AccountView>>, Problem> {
    caller.look(|sight| {
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| tree::walk(sight, caller.account, last, most);
        Ok(Json(list(sight, &listing, read, |_, account| Ok(AccountView::of(account, &caller)))?))
    })
}

/// The accounts right below one, by name.
#[utoipa::path(get, path = "/accounts/{account}/children", tag = "accounts",
    params(("account" = Id, Path, description = "The account above."), Listing<Accounts>),
    responses((status = 200, description = "A page of accounts.", body = Page<AccountView>), Reads))]
pub async fn list_children(
    caller: Caller,
    Path(account): Path<AccountId>,
    listing: Listing<Accounts>,
) -> Result<Json<Page<AccountView>>, Problem> {
    caller.look(|sight| {
        sight.account(account)?;
        let read = |sight: &mut Sight<'_>, last: Option<&[u8]>, most| {
            let row = |sight: &mut Sight<'_>, _: &[u8], id: &[u8]| tree::named(sight, id).map(Some);
            indexed(sight, (Table::AccountNames, account.bytes()), (last, most), row)
        };
        Ok(Json(list(sight, &listing, read, |_, account| Ok(AccountView::of(account, &caller)))?))
    })
}

/// One account.
#[utoipa::path(get, path = "/accounts/{account}", tag = "accounts",
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account.", body = AccountView), Reads))]
pub async fn show_account(caller: Caller, Path(account): Path<AccountId>) -> Result<Json<AccountView>, Problem> {
    Ok(Json(shown(&caller, account)?))
}

/// Creates an account below one in reach.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = AccountDraft,
    responses((status = 201, description = "The account.", body = AccountView), Writes))]
pub async fn create_account(caller: Caller, Body(draft): Body<AccountDraft>) -> Result<Created<AccountView>, Problem> {
    let id = AccountId(caller.id());
    caller.send(Command::CreateAccount(draft.into_new(id))).await?;
    Ok(Created { at: format!("/accounts/{id}"), record: shown(&caller, id)? })
}

/// Changes an account's profile: what is not named stays. Its own administrators change name and email, the account above
/// it everything.
#[utoipa::path(patch, path = "/accounts/{account}", tag = "accounts", request_body = AccountChange,
    params(("account" = Id, Path, description = "The account.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView), Writes))]
pub async fn update_account(
    caller: Caller,
    Path(account): Path<AccountId>,
    Body(change): Body<AccountChange>,
) -> Result<Json<AccountView>, Problem> {
    caller.send(Command::UpdateAccount { account, change: change.into() }).await?;
    Ok(Json(shown(&caller, account)?))
}

/// An account as the caller sees it.
///
/// # Errors
/// [`Problem`].
pub fn shown(caller: &Caller, account: AccountId) -> Result<AccountView, Problem> {
    caller.look(|sight: &mut Sight<'_>| Ok(AccountView::of(sight.account(account)?, caller)))
}
