//! Lines that describe orders: all lines with one entitlement are one order.
//!
//! A file has the columns below, or is a list of lots as `GET /accounts/{account}/lots` exports it: then `order`, `product` and `minted`
//! say what `entitlement`, `sku` and `units` do, and columns about what became of a lot since are passed over.

use super::table::{Line, Table};
use super::{Planned, try_out};
use crate::admin::auth::Caller;
use crate::admin::csv::column;
use crate::admin::order_keys::under_one_key;
use crate::admin::problem::{LineProblem, Problem};
use crate::admin::sight::Sight;
use crate::admin::value::{OnDay, When};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::code;
use leasehold_ledger::rule::lot::{self, Purchase};
use leasehold_ledger::rule::order::lines;
use leasehold_ledger::view::find;
use leasehold_protocol::Units;
use serde::de::DeserializeOwned;
use serde_json::Value;
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

/// A line that was understood.
struct Read {
    /// Its place among the planned.
    at: usize,
    reference: Option<String>,
    account: AccountId,
    line: lot::Line,
    /// The file says which code it has.
    names_code: bool,
}

/// Every line, the first of each order with the command that records all of it, and everything that is wrong.
pub fn plan(
    sight: &mut Sight<'_>,
    caller: &Caller,
    account: AccountId,
    table: &Table,
) -> Result<(Vec<Planned>, Vec<LineProblem>), Problem> {
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

/// The cells of a line.
struct Cells<'a> {
    line: &'a Line,
    is_export: bool,
}

impl Cells<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        self.line.text(self.named(column))
    }

    /// A column's name in this file.
    fn named<'a>(&self, column: &'a str) -> &'a str {
        match column {
            "entitlement" if self.is_export => "order",
            "sku" if self.is_export => "product",
            "units" if self.is_export => "minted",
            other => other,
        }
    }

    fn read(
        &self,
        account: AccountId,
        (lot, key, drawn): (HoldingId, KeyId, String),
        at: usize,
    ) -> Result<Read, Vec<LineProblem>> {
        let mut problems = Vec::new();
        for column in ["entitlement", "sku", "units"] {
            if self.text(column).is_none() {
                let name = self.named(column);
                problems.push(self.line.wrong(name, "cell_empty", format!("{name} is needed")));
            }
        }
        let units = self.text("units").map(|text| units(text).map_err(|why| self.wrong("units", why))).transpose();
        let account = self.value::<AccountId>("account").map(|given| given.unwrap_or(account));
        let expires = self.value::<When>("expires");
        let until = self.value::<OnDay>("free_upgrade_until");
        let free_on = self.value::<FreeOn>("free_on").map(|given| given.unwrap_or_default());
        let kind = self.value::<KeyKind>("kind").map(|given| given.unwrap_or(KeyKind::ActivationId));
        match (units, account, expires, until, free_on, kind) {
            (Ok(units), Ok(account), Ok(expires), Ok(until), Ok(free_on), Ok(kind)) if problems.is_empty() => {
                let code = self.text("activation_id").map(str::to_owned);
                let names_code = code.is_some();
                let line = lot::Line {
                    lot,
                    key,
                    code: code.unwrap_or(drawn),
                    kind,
                    sku: self.text("sku").unwrap_or_default().to_owned(),
                    units: units.unwrap_or_default(),
                    expires: expires.map(|end| end.0),
                    upgrade_until: until.map(|day| day.0),
                    free_on,
                };
                Ok(Read { at, reference: self.text("reference").map(str::to_owned), account, line, names_code })
            }
            (units, account, expires, until, free_on, kind) => {
                let wrong = [units.err(), account.err(), expires.err(), until.err(), free_on.err(), kind.err()];
                problems.extend(wrong.into_iter().flatten());
                Err(problems)
            }
        }
    }

    /// A cell as the API would read it; none where it is empty.
    fn value<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, LineProblem> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let value = serde_json::from_value(Value::String(text.to_owned()));
        value.map(Some).map_err(|error| self.wrong(column, error.to_string()))
    }

    fn wrong(&self, column: &str, why: String) -> LineProblem {
        self.line.wrong(self.named(column), "cell_invalid", why)
    }
}

/// Units as a cell has them, `KIND=N;KIND=N`.
fn units(text: &str) -> Result<Units, String> {
    let counts = text.split(';').map(|part| {
        let (kind, count) = part.split_once('=').ok_or_else(|| format!("{part:?} is not KIND=N"))?;
        let count: u32 = count.trim().parse().map_err(|_| format!("{count:?} is not a count of units"))?;
        Ok((kind.trim().to_owned(), count.into()))
    });
    let counts: Vec<(String, Value)> = counts.collect::<Result<_, String>>()?;
    let (len, map) = (counts.len(), counts.into_iter().collect::<serde_json::Map<_, _>>());
    if map.len() < len {
        return Err(format!("{text:?} names a kind twice"));
    }
    serde_json::from_value(map.into()).map_err(|error| error.to_string())
}
