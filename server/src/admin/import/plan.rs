//! What a file comes to: a command a line, all of them rehearsed over one snapshot before any is sent.

use super::table::{Line, Table};
use crate::admin::auth::Caller;
use crate::admin::problem::{LineProblem, Problem};
use crate::admin::sight::Sight;
use crate::admin::slow::too_many_met;
use futures_util::future::join_all;
use leasehold_ledger::Command;
use leasehold_ledger::draft::Changes;
use leasehold_protocol::Refused;
use uuid::Uuid;

/// Lines that wait for one commit.
const AT_ONCE: usize = 50;

/// What is to be done, and what is wrong.
pub type Plan = (Vec<Planned>, Vec<LineProblem>);

/// What is to be done for a line.
pub struct Planned {
    /// The line's number in the file.
    pub line: u64,
    /// Its place among the lines.
    pub number: u32,
    /// What people know it by.
    pub name: String,
    /// The record's id.
    pub id: Uuid,
    /// It is made by this request; the command is missing where that was before a crash.
    pub is_new: bool,
    /// None where the record is there already.
    pub command: Option<Command>,
}

/// What a line comes to.
#[allow(clippy::large_enum_variant, reason = "one at a time, taken apart at once")]
pub enum Found {
    /// The record is there, just as the line says.
    There(Uuid),
    /// It is to be made.
    New(Command),
}

/// Every line as a command that was rehearsed, and everything that is wrong.
///
/// # Errors
/// [`Problem`] where nothing could be found out.
pub fn plan(
    sight: &mut Sight<'_>,
    caller: &Caller,
    (table, columns): (&Table, &[&str]),
    mut read: impl FnMut(&Sight<'_>, &Line, Uuid) -> Result<Found, Vec<LineProblem>>,
) -> Result<Plan, Problem> {
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
///
/// # Errors
/// [`Problem`] that is no rule's.
pub fn try_out(sight: &Sight<'_>, caller: &Caller, command: &Command) -> Result<Result<Changes, Problem>, Problem> {
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
///
/// # Errors
/// [`Problem`] that is no rule's.
pub async fn carry_out(caller: &Caller, planned: &[Planned]) -> Result<Vec<LineProblem>, Problem> {
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
