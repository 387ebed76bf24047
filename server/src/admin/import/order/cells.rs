//! What the cells of a line say about an order.

use crate::admin::import::table::Line;
use crate::admin::problem::LineProblem;
use crate::admin::value::{OnDay, When};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot;
use leasehold_protocol::Units;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A line that was understood.
pub struct Read {
    /// Its place among the planned.
    pub at: usize,
    /// The order's reference.
    pub reference: Option<String>,
    /// Whose order it is.
    pub account: AccountId,
    /// The order's line.
    pub line: lot::Line,
    /// The file says which code it has.
    pub names_code: bool,
}

/// The cells of a line.
pub struct Cells<'a> {
    /// The line.
    pub line: &'a Line,
    /// The file is a list of lots as it was exported, whose columns have other names.
    pub is_export: bool,
}

impl Cells<'_> {
    /// The text of a cell; none where it is empty or there is no such column.
    pub fn text(&self, column: &str) -> Option<&str> {
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

    /// The line of an order that it is, with these ids.
    ///
    /// # Errors
    /// One problem a cell.
    pub fn read(
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
