//! Lines that describe orders: all lines with one entitlement are one order.
//!
//! A file has the columns below, or is a list of lots as `GET /accounts/{account}/lots` exports it: then `order`, `product` and `minted`
//! say what `entitlement`, `sku` and `units` do, and columns about what became of a lot since are passed over.

mod cells;

use super::plan::{Plan, Planned, try_out};
use super::table::Table;
use crate::admin::auth::Caller;
use crate::admin::csv::column;
use crate::admin::order_keys::under_one_key;
use crate::admin::problem::{LineProblem, Problem};
use crate::admin::sight::Sight;
use cells::{Cells, Read};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::code;
use leasehold_ledger::rule::lot::Purchase;
use leasehold_ledger::rule::order::lines;
use leasehold_ledger::view::find;
use std::collections::BTreeMap;

/// Columns a file may have.
const COLUMNS: [&str; 10] = [
    "entitlement",
    "reference",
    "account",
    "sku",
    "units",
    "expires",
    "free_upgrade_until",
    "free_on",
    "kind",
    "activation_id",
];
/// The list whose export can be imported.
const EXPORT: &str = "/api/v1/accounts/{account}/lots";

/// Every line, the first of each order with the command that records all of it, and everything that is wrong.
pub fn plan(sight: &mut Sight<'_>, caller: &Caller, account: AccountId, table: &Table) -> Result<Plan, Problem> {
    let is_export = ["order", "product", "minted"].iter().all(|name| table.head.iter().any(|head| head == name));
    let export = column::of_list(EXPORT).filter(|_| is_export).map(|list| list.names());
    let known: Vec<&str> = export.map_or(COLUMNS.to_vec(), |names| names.iter().map(String::as_str).collect());
    let (mut planned, mut problems) = (Vec::new(), table.problems(&known));
    let mut orders: Vec<(String, Vec<Read>)> = Vec::new();
    let mut broken: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in (0..).zip(&table.lines) {
        // Drawn for every line, needed or not: when the request is sent again, each line draws the same.
        let (lot, key, drawn) = (HoldingId(caller.id()), KeyId(caller.id()), caller.key_code());
        let cells = Cells { line, is_export };
        let name = cells.text("entitlement").map(|text| code::name(text).unwrap_or_else(|_| text.to_owned()));
        let name = name.unwrap_or_default();
        let at = planned.len();
        planned.push(Planned {
            line: line.number,
            number,
            name: name.clone(),
            id: lot.0,
            is_new: false,
            command: None,
        });
        match cells.read(account, (lot, key, drawn), at) {
            Ok(read) => match orders.iter_mut().find(|(order, _)| *order == name) {
                Some((_, lines)) => {
                    lines.push(Read { line: under_one_key(read.line, lines.iter().map(|one| &one.line)), ..read })
                }
                None => orders.push((name, vec![read])),
            },
            Err(wrong) => {
                *broken.entry(name).or_default() += 1;
                problems.extend(wrong);
            }
        }
    }
    for (name, lines) in orders {
        let is_whole = !broken.contains_key(&name);
        problems.extend(order(sight, caller, &mut planned, (name, lines), is_whole)?);
    }
    problems.sort_by_key(|problem| problem.line);
    Ok((planned, problems))
}

/// Rehearses an order. Where it is refused as a whole each line is tried for itself, to find the one that is wrong.
fn order(
    sight: &mut Sight<'_>,
    caller: &Caller,
    planned: &mut [Planned],
    (entitlement, lines): (String, Vec<Read>),
    is_whole: bool,
) -> Result<Vec<LineProblem>, Problem> {
    let first = lines[0].at;
    let differs = lines.iter().filter(|one| (one.account, &one.reference) != (lines[0].account, &lines[0].reference));
    let mut problems: Vec<LineProblem> = differs
        .map(|one| {
            let detail =
                format!("the order {entitlement:?} has another account or reference in line {}", planned[first].line);
            let hint = "One order is of one account: give the other one a number of its own.".to_owned();
            LineProblem { line: planned[one.at].line, column: None, code: "order_differs", detail, hint: Some(hint) }
        })
        .collect();
    if let Some(lots) = there(sight, &entitlement, &lines).filter(|_| is_whole) {
        for (one, lot) in lines.iter().zip(lots) {
            let done = caller.has_done(planned[first].number);
            planned[one.at].is_new = lot.0 == planned[one.at].id || done;
            planned[one.at].id = lot.0;
        }
        return Ok(problems);
    }
    lines.iter().for_each(|one| planned[one.at].is_new = true);
    let purchase = |lines: &[&Read]| {
        Command::Mint(Purchase {
            account: lines[0].account,
            entitlement: entitlement.clone(),
            reference: lines[0].reference.clone(),
            lines: lines.iter().map(|one| one.line.clone()).collect(),
        })
    };
    let all = lines.iter().collect::<Vec<_>>();
    let refusal = if is_whole && problems.is_empty() {
        let command = purchase(&all);
        match try_out(sight, caller, &command)? {
            Ok(changes) => {
                sight.draft.adopt(changes);
                planned[first].command = Some(command);
                return Ok(problems);
            }
            Err(problem) => Some(problem),
        }
    } else {
        None
    };
    let found = problems.len();
    for one in &all {
        if let Err(problem) = try_out(sight, caller, &purchase(&[*one]))? {
            problems.push(problem.of_line(planned[one.at].line));
        }
    }
    if let Some(refusal) = refusal.filter(|_| problems.len() == found) {
        let told = refusal.of_line(planned[first].line); // each line would do, and all of them together do not
        problems.extend(all.iter().map(|one| LineProblem { line: planned[one.at].line, ..told.clone() }));
    }
    Ok(problems)
}

/// The lots of an order that is there already, just as these lines say, in their order.
fn there(sight: &Sight<'_>, entitlement: &str, wanted: &[Read]) -> Option<Vec<HoldingId>> {
    let order = find::<Order>(&sight.draft, entitlement.as_bytes()).ok()??;
    let mut lots = lines(&sight.draft, entitlement).ok()?;
    let is_same = |read: &Read, id: &HoldingId| {
        let lot = sight.draft.holding(*id).ok()?;
        let key = sight.draft.key(lot.key?).ok()?;
        let line = &read.line;
        let same = lot.account == read.account
            && lot.product == line.sku
            && lot.minted == line.units
            && lot.expires == line.expires
            && lot.bought_until == line.upgrade_until
            && lot.free_on == line.free_on
            && (!read.names_code || code::parse(&line.code).ok()? == key.code)
            && read.reference.as_ref().is_none_or(|reference| order.reference.as_ref() == Some(reference));
        Some(same)
    };
    let mut found = Vec::new();
    for read in wanted {
        let at = lots.iter().position(|id| is_same(read, id) == Some(true))?;
        found.push(lots.remove(at));
    }
    lots.is_empty().then_some(found)
}

/// What was refused when it was sent is a whole order, whose first line has the command of all: a problem of each of its lines.
pub fn of_each_line(planned: &[Planned], problems: Vec<LineProblem>) -> Vec<LineProblem> {
    let of = |problem: &LineProblem| planned.iter().find(|one| one.line == problem.line).map(|one| &one.name);
    let spread = |problem: LineProblem| {
        let name = of(&problem);
        let lines = planned.iter().filter(move |one| Some(&one.name) == name);
        lines.map(move |one| LineProblem { line: one.line, ..problem.clone() })
    };
    problems.into_iter().flat_map(spread).collect()
}
