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
mod report;
pub mod table;
mod user;

use super::auth::Caller;
use super::docs::Writes;
use super::extract::{Path, Query};
use super::problem::{LineProblem, Problem};
use super::sight::Sight;
use super::slow::too_many_met;
use super::value::Id;
use axum::Json;
use axum::http::StatusCode;
use futures_util::future::join_all;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::draft::Changes;
use leasehold_ledger::record::AccountId;
use leasehold_protocol::Refused;
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
/// Lines that wait for one commit.
const AT_ONCE: usize = 50;

/// How to import.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only looks what would be done, and what is wrong.
    #[serde(default)]
    pub dry_run: bool,
}

/// What is to be done for a line.
pub struct Planned {
    line: u64,
    /// Its place among the lines.
    number: u32,
    name: String,
    id: Uuid,
    /// It is made by this request; the command is missing where that was before a crash.
    is_new: bool,
    /// None where the record is there already.
    command: Option<Command>,
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
    let (planned, problems) = caller.look(|sight| {
        sight.draft.vendor_admin(&caller.actor)?;
        sight.draft.reach_active(&caller.actor, account, Role::Admin)?;
        order::plan(sight, &caller, account, &table)
    })?;
    if query.dry_run {
        return Ok(Json(report::of(&planned, problems, true)));
    }
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    let problems = carry_out(&caller, &planned).await?;
    // What was refused is a whole order: its first line has the command of all.
    let of = |problem: &LineProblem| planned.iter().find(|one| one.line == problem.line).map(|one| one.name.clone());
    let all = problems.iter().flat_map(|problem| {
        let name = of(problem);
        let lines = planned.iter().filter(move |one| Some(&one.name) == name.as_ref());
        lines.map(|one| LineProblem { line: one.line, ..problem.clone() })
    });
    Ok(Json(report::of(&planned, all.collect(), false)))
}

/// What a line comes to.
#[allow(clippy::large_enum_variant, reason = "one at a time, taken apart at once")]
pub enum Found {
    /// The record is there, just as the line says.
    There(Uuid),
    /// It is to be made.
    New(Command),
}

async fn import(
    caller: &Caller,
    account: AccountId,
    query: &ImportQuery,
    (table, columns): (&Table, &[&str]),
    read: impl FnMut(&Sight<'_>, &Line, Uuid) -> Result<Found, Vec<LineProblem>>,
) -> Result<Json<ImportReport>, Problem> {
    let (planned, problems) = caller.look(|sight| {
        sight.draft.reach_active(&caller.actor, account, Role::Admin)?;
        plan(sight, caller, (table, columns), read)
    })?;
    if query.dry_run {
        return Ok(Json(report::of(&planned, problems, true)));
    }
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    let problems = carry_out(caller, &planned).await?;
    Ok(Json(report::of(&planned, problems, false)))
}

/// Every line as a command that was rehearsed, and everything that is wrong.
fn plan(
    sight: &mut Sight<'_>,
    caller: &Caller,
    (table, columns): (&Table, &[&str]),
    mut read: impl FnMut(&Sight<'_>, &Line, Uuid) -> Result<Found, Vec<LineProblem>>,
) -> Result<(Vec<Planned>, Vec<LineProblem>), Problem> {
    let (mut planned, mut problems) = (Vec::new(), table.problems(columns));
    for (number, line) in (0..).zip(&table.lines) {
        // Drawn for every line, needed or not: when the request is sent again, each line draws the same.
        let mut one =
            Planned { line: line.number, number, name: line.name(), id: caller.id(), is_new: false, command: None };
        match read(sight, line, one.id) {
            Ok(Found::There(id)) => {
                one.is_new = id == one.id || caller.has_done(number);
                one.id = id;
            }
            Ok(Found::New(command)) => {
                one.is_new = true;
                one.command = Some(command);
                problems.extend(rehearse(sight, caller, &one)?);
            }
            Err(wrong) => problems.extend(wrong),
        }
        planned.push(one);
    }
    problems.sort_by_key(|problem| problem.line);
    Ok((planned, problems))
}

/// Decides a command over everything rehearsed before. What it would write is kept for the lines that follow.
fn rehearse(sight: &mut Sight<'_>, caller: &Caller, planned: &Planned) -> Result<Option<LineProblem>, Problem> {
    let Some(command) = planned.command.as_ref().filter(|_| !caller.has_done(planned.number)) else { return Ok(None) };
    match try_out(sight, caller, command)? {
        Ok(changes) => {
            sight.draft.adopt(changes);
            Ok(None)
        }
        Err(problem) => {
            // Who names users that are somebody else's learns who is there.
            if matches!(command, Command::People(_)) && problem.code() == Refused::NameTaken.code() {
                caller.app.identity.delays.met(caller.account.bytes()).map_err(too_many_met)?;
            }
            Ok(Some(problem.of_line(planned.line)))
        }
    }
}

/// What a command would write over everything rehearsed before, or a rule's no.
fn try_out(sight: &Sight<'_>, caller: &Caller, command: &Command) -> Result<Result<Changes, Problem>, Problem> {
    match caller.outcome(&sight.draft, sight.now, command) {
        Ok((changes, _)) => Ok(Ok(changes)),
        Err(fault) => ruled(Problem::from(fault)).map(Err),
    }
}

/// A rule's no; whatever else went wrong ends the import.
fn ruled(problem: Problem) -> Result<Problem, Problem> {
    if problem.status().is_client_error() { Ok(problem) } else { Err(problem) }
}

/// Sends the commands in their order. What is refused now was changed by somebody in the instant since.
async fn carry_out(caller: &Caller, planned: &[Planned]) -> Result<Vec<LineProblem>, Problem> {
    let mut problems = Vec::new();
    for part in planned.chunks(AT_ONCE) {
        let commands = part.iter().filter_map(|one| Some((one, one.command.clone()?)));
        let sent = commands.map(async |(one, command)| (one.line, caller.send_as(one.number, command).await));
        for (line, answer) in join_all(sent).await {
            if let Err(problem) = answer {
                problems.push(ruled(problem)?.of_line(line));
            }
        }
    }
    Ok(problems)
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
