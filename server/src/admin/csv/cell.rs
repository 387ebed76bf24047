//! How a value is written in a cell, and read back.
//!
//! | value | cell |
//! |---|---|
//! | text | itself, in front of it `'` where it begins with `=`, `+`, `-`, `@`, a tab, a line end, `'`, or the full-width form of one |
//! | number, true, false | as in JSON |
//! | null | empty |
//! | counts by kind | `OBM=10;VM=5` |
//! | a list of texts | `a;b` |
//! | anything else | compact JSON |
//!
//! Spreadsheets take a cell that begins with one of those letters for a formula and run it (CWE-1236); with `'` in front it is a
//! text. Taking one `'` off gives every text back as it was. In the file every cell stands in quotes (RFC 4180, 2.5), so that none
//! is taken apart at a `;` or a tab in it.

use serde_json::Value;

/// What a spreadsheet may take for the beginning of a formula, and the mark itself.
const MARKED: [char; 13] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'];
const MARK: char = '\'';

/// The cell of a value.
#[must_use]
pub fn write(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => guarded(text),
        Value::Array(items) => match items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) => guarded(&texts.join(";")),
            None => guarded(&value.to_string()),
        },
        Value::Object(fields) if fields.values().all(Value::is_number) => {
            let counts = fields.iter().map(|(kind, count)| format!("{kind}={count}"));
            guarded(&counts.collect::<Vec<_>>().join(";"))
        }
        Value::Object(_) => guarded(&value.to_string()),
    }
}

fn guarded(text: &str) -> String {
    if text.starts_with(MARKED) { format!("{MARK}{text}") } else { text.to_owned() }
}

/// The text of a cell.
#[must_use]
pub fn read(cell: &str) -> &str {
    cell.strip_prefix(MARK).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_comes_back_and_none_begins_a_formula() {
        for text in ["", "a", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r", "'", "'=1", "''", "\u{ff1d}1", "a=1", " =1"]
        {
            let cell = write(&text.into());
            assert_eq!(read(&cell), text);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        }
    }

    #[test]
    fn values_are_written_as_the_table_says() {
        let cases = [
            (json!(null), ""),
            (json!(true), "true"),
            (json!(7), "7"),
            (json!({"OBM": 10, "VM": 5}), "OBM=10;VM=5"),
            (json!({}), ""),
            (json!(["a", "b"]), "a;b"),
            (json!([{"units": {"OBM": 1}}]), "[{\"units\":{\"OBM\":1}}]"),
            (json!(["=1"]), "'=1"),
        ];
        for (value, cell) in cases {
            assert_eq!(write(&value), cell);
        }
    }
}
