//! Answers on a terminal: a table for a list, a line a field for a record, or JSON as it came.

use serde_json::Value;

/// Prints a list in the given columns; `product.name` is the name in an item's product.
pub fn list(list: &Value, columns: &[&str], json: bool) {
    if json {
        println!("{list:#}");
        return;
    }
    let items = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let cell = |item, column: &str| plain(column.split('.').fold(item, |part: &Value, field| &part[field]));
    let row = |item| columns.iter().map(|column| cell(item, column)).collect::<Vec<_>>();
    let rows = items.iter().map(row);
    let title = |column: &&str| column.rsplit('.').next().unwrap_or_default().replace('_', " ").to_uppercase();
    let head = columns.iter().map(title).collect();
    print!("{}", table(std::iter::once(head).chain(rows).collect()));
    if !list["next"].is_null() {
        eprintln!("there are more: raise --limit");
    }
}

/// Prints a record: a line a field, then what it has several of.
pub fn record(record: &Value, json: bool) {
    if json {
        println!("{record:#}");
    } else if !record.is_null() {
        print!("{}", text(record));
    }
}

/// Prints a letter as its reader gets it; what is to be known about it goes to standard error.
pub fn letter(letter: &Value, json: bool) {
    if json {
        return record(letter, json);
    }
    for (name, field) in [("From", "from"), ("To", "to"), ("Subject", "subject")] {
        println!("{name}: {}", plain(&letter[field]));
    }
    println!("\n{}", plain(&letter["text"]));
    letter["notes"].as_array().into_iter().flatten().for_each(|note| eprintln!("{}", plain(note)));
}

fn text(record: &Value) -> String {
    let Some(fields) = record.as_object() else { return format!("{}\n", plain(record)) };
    let (several, single): (Vec<_>, Vec<_>) = fields.iter().partition(|(_, value)| has_records(value));
    let mut text = table(single.into_iter().map(|(name, value)| vec![name.clone(), plain(value)]).collect());
    for (name, records) in several {
        for (at, record) in records.as_array().into_iter().flatten().enumerate() {
            text.push_str(&format!("{name} {}:\n", at + 1));
            self::text(record).lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    }
    text
}

fn has_records(value: &Value) -> bool {
    value.as_array().is_some_and(|values| values.iter().any(Value::is_object))
}

/// A value in words: units as `10 OBM + 5 VM`, nothing as `-`.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) if values.is_empty() => "-".into(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "0".into(),
        Value::Object(fields) if fields.values().all(Value::is_u64) => {
            fields.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(" + ")
        }
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", plain(value))).collect::<Vec<_>>().join("; ")
        }
    }
}

/// Rows in columns as wide as their widest cell. Control characters in a cell would move the cursor, so they are left out.
fn table(rows: Vec<Vec<String>>) -> String {
    let clean = |cell: String| cell.chars().filter(|letter| !letter.is_control()).collect::<String>();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().map(clean).collect()).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_in_words() {
        assert_eq!(plain(&json!({"OBM": 10, "VM": 5})), "10 OBM + 5 VM");
        assert_eq!(plain(&json!({})), "0");
        assert_eq!(plain(&json!(null)), "-");
        assert_eq!(plain(&json!([{"units": {"OBM": 1}, "at_latest": null}])), "at_latest: -; units: 1 OBM");
    }

    #[test]
    fn what_a_record_has_several_of_stands_below_it() {
        let record = json!({"account": "a", "types": [{"compat": "std", "free": {"OBM": 2}}]});
        assert_eq!(text(&record), "account  a\ntypes 1:\n  compat  std\n  free    2 OBM\n");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_hold_no_control_characters() {
        let rows = vec![vec!["ID".into(), "NAME".into()], vec!["a-long-id".into(), "\u{1b}[2JEve\u{e9}".into()]];
        assert_eq!(table(rows), "ID         NAME\na-long-id  [2JEve\u{e9}\n");
    }
}
