//! What became of a file, line by line.

use super::{PROBLEMS_MAX, Planned};
use crate::admin::problem::LineProblem;
use crate::admin::value::Id;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// Nothing was done.
    pub dry_run: bool,
    /// How many records were made, or would be.
    pub created: usize,
    /// How many were there already, just as the file says.
    pub unchanged: usize,
    /// How many lines are wrong, or were refused.
    pub failed: usize,
    /// Every line, in the file's order.
    pub lines: Vec<LineReport>,
    /// What is wrong, by line: the first 1000 problems.
    pub problems: Vec<LineProblem>,
    /// How many problems there are besides those.
    pub more_problems: usize,
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineReport {
    /// Its number; the head is line 1.
    pub line: u64,
    /// The record's name.
    pub name: String,
    /// The record's id; in a dry run only where it is there already.
    #[schema(value_type = Option<Id>)]
    pub id: Option<Uuid>,
    /// What became of it.
    pub result: LineResult,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineResult {
    /// A record was made.
    Created,
    /// There is one just like it.
    Unchanged,
    /// The problems say why.
    Failed,
}

/// The report on what was planned, with what went wrong.
pub fn of(planned: &[Planned], mut problems: Vec<LineProblem>, dry_run: bool) -> ImportReport {
    let wrong: BTreeSet<u64> = problems.iter().map(|problem| problem.line).collect();
    let result = |one: &Planned| match one.is_new {
        _ if wrong.contains(&one.line) => LineResult::Failed,
        true => LineResult::Created,
        false => LineResult::Unchanged,
    };
    let line = |one: &Planned| {
        let result = result(one);
        let has_id = result == LineResult::Unchanged || (result == LineResult::Created && !dry_run);
        LineReport { line: one.line, name: one.name.clone(), id: has_id.then_some(one.id), result }
    };
    let lines: Vec<LineReport> = planned.iter().map(line).collect();
    let count = |wanted| lines.iter().filter(|line| line.result == wanted).count();
    let more_problems = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.truncate(PROBLEMS_MAX);
    ImportReport {
        dry_run,
        created: count(LineResult::Created),
        unchanged: count(LineResult::Unchanged),
        failed: count(LineResult::Failed),
        lines,
        problems,
        more_problems,
    }
}
