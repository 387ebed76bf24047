//! Import of CSV files: accounts, users and orders, and a dry run that shows every error at once.
//!
//! A file is read whole, each line becomes a command, and all commands are rehearsed one after another over one snapshot by the
//! same rules that will decide them. If anything at all is wrong, nothing is done and the answer names every line, column and
//! code: a file is imported whole or not at all. What was rehearsed is then sent line by line, some of them in one commit, each
//! with an Event of its own as if it had been typed: one commit of a thousand lines would hold up every check meanwhile. What
//! changed in the instant between is reported by its line, and sending the same file again does the rest: a line whose record is
//! there already, just as it says, is left as it is.

mod account;
mod order;
mod plan;
mod report;
pub mod table;
mod user;

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Path, Query};
use super::problem::{LineProblem, Problem};
use super::sight::Sight;
use super::value::Id;
use axum::Json;
use axum::http::StatusCode;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::AccountId;
pub use plan::{Found, Planned};
use plan::{Plan, carry_out, plan};
pub use report::{ImportReport, LineReport, LineResult};
use serde::Deserialize;
use table::{Csv, Line, Table};
use utoipa::IntoParams;
use uuid::Uuid;

/// Bytes in the longest file.
pub const FILE_LEN_MAX: usize = 512 * 1024;
/// Lines in the longest file, the head not counted.
pub const LINES_MAX: usize = 1000;
/// Columns of the widest file.
pub const COLUMNS_MAX: usize = 64;
/// Problems that are told; of the others, how many there are.
const PROBLEMS_MAX: usize = 1000;

/// How to import.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only looks what would be done, and what is wrong.
    #[serde(default)]
    pub dry_run: bool,
}

/// Creates accounts below one, from a CSV file with a head: `name`, `kind`, and if wanted `parent` (the id of an account, or the name
/// of one further up in the file; the account of the path unless said otherwise), `email`, `notes`, `key_prefix`, `products` (with `;`
/// between them), `may_create_customers`, `may_create_resellers`. If anything is wrong, nothing is done.
#[utoipa::path(post, path = "/accounts/{account}/import", tag = "accounts",
    params(("account" = Id, Path, description = "The account above."), ImportQuery),
    request_body(content_type = "text/csv", content = String, description = "At most 1000 lines, 64 columns, 512 KiB, UTF-8."),
    responses((status = 200, description = "What was done, or would be.", body = ImportReport), Writes))]
pub async fn import_accounts(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<ImportQuery>,
    Csv(table): Csv,
) -> Result<Json<ImportReport>, Problem> {
    let mut made = account::Made::below(account);
    let read = |sight: &Sight<'_>, line: &Line, id| account::read(sight, &mut made, line, id);
    import(&caller, account, &query, (&table, &account::COLUMNS), read).await
}

/// Creates users in an account, from a CSV file with a head: `email`, and if wanted `username`, `first_name`, `last_name`, `phone`,
/// `company`, `role` (`viewer` unless said otherwise), `welcome` (`link` unless said otherwise, `password`, `nothing`). No password
/// stands in a file: the first mail has a link to set one. If anything is wrong, nothing is done. More than 100 names or addresses of
/// users elsewhere, within an hour, are `too_fast`.
#[utoipa::path(post, path = "/accounts/{account}/members/import", tag = "users",
    params(("account" = Id, Path, description = "The account they stand in."), ImportQuery),
    request_body(content_type = "text/csv", content = String, description = "At most 1000 lines, 64 columns, 512 KiB, UTF-8."),
    responses((status = 200, description = "What was done, or would be.", body = ImportReport), Writes))]
pub async fn import_members(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<ImportQuery>,
    Csv(table): Csv,
) -> Result<Json<ImportReport>, Problem> {
    let read = |sight: &Sight<'_>, line: &Line, id| user::read(sight, account, line, id);
    import(&caller, account, &query, (&table, &user::COLUMNS), read).await
}

/// Records orders, from a CSV file with a head: `entitlement` (lines with the same one are one order), `sku`, `units` (`KIND=N;KIND=N`), and
/// if wanted `reference`, `account` (an id; the account of the path unless said otherwise), `expires`, `free_upgrade_until`, `free_on`,
/// `kind` (`activation_id` unless said otherwise, or `permission_key`), `activation_id` (drawn unless given). A list of lots that was
/// exported can be sent as it is. If anything is wrong, nothing is done. For the vendor's administrators.
#[utoipa::path(post, path = "/accounts/{account}/orders/import", tag = "orders",
    params(("account" = Id, Path, description = "The account that bought, where a line does not say."), ImportQuery),
    request_body(content_type = "text/csv", content = String, description = "At most 1000 lines, 64 columns, 512 KiB, UTF-8."),
    responses((status = 200, description = "What was done, or would be.", body = ImportReport), Writes))]
pub async fn import_orders(
    caller: Caller,
    Path(account): Path<AccountId>,
    Query(query): Query<ImportQuery>,
    Csv(table): Csv,
) -> Result<Json<ImportReport>, Problem> {
    let plan = caller.look(|sight| {
        sight.draft.vendor_admin(&caller.actor)?;
        sight.draft.reach_active(&caller.actor, account, Role::Admin)?;
        order::plan(sight, &caller, account, &table)
    })?;
    let (planned, problems) = done(&caller, &query, plan).await?;
    let problems = if query.dry_run { problems } else { order::of_each_line(&planned, problems) };
    Ok(Json(report::of(&planned, problems, query.dry_run)))
}

async fn import(
    caller: &Caller,
    account: AccountId,
    query: &ImportQuery,
    (table, columns): (&Table, &[&str]),
    read: impl FnMut(&Sight<'_>, &Line, Uuid) -> Result<Found, Vec<LineProblem>>,
) -> Result<Json<ImportReport>, Problem> {
    let plan = caller.look(|sight| {
        sight.draft.reach_active(&caller.actor, account, Role::Admin)?;
        plan(sight, caller, (table, columns), read)
    })?;
    let (planned, problems) = done(caller, query, plan).await?;
    Ok(Json(report::of(&planned, problems, query.dry_run)))
}

/// Does what is planned, if that is wanted and nothing is wrong with it. What is wrong with the outcome is what was refused then.
async fn done(caller: &Caller, query: &ImportQuery, (planned, problems): Plan) -> Result<Plan, Problem> {
    if query.dry_run {
        return Ok((planned, problems));
    }
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    let problems = carry_out(caller, &planned).await?;
    Ok((planned, problems))
}

fn invalid(mut problems: Vec<LineProblem>) -> Problem {
    let detail = match problems.len() {
        count if count > PROBLEMS_MAX => format!("{count} errors, the first {PROBLEMS_MAX} told; nothing was imported"),
        count => format!("{count} errors; nothing was imported"),
    };
    problems.truncate(PROBLEMS_MAX);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "import_invalid", "The file has errors", detail)
        .hint("`problems` names each line and column; correct them all and send the file again.")
        .with_lines(problems)
}
