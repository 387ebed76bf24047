//! A CSV file as lines of named cells.

use super::{COLUMNS_MAX, FILE_LEN_MAX, LINES_MAX};
use crate::admin::csv::cell;
use crate::admin::extract::media_type;
use crate::admin::problem::{LineProblem, Problem};
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use std::collections::{BTreeMap, BTreeSet};

/// A file's lines.
#[derive(Debug, Default)]
pub struct Table {
    /// Names of the columns.
    pub head: Vec<String>,
    /// Lines with something in them.
    pub lines: Vec<Line>,
    broken: Vec<LineProblem>,
}

/// A line.
#[derive(Debug, Default, Clone)]
pub struct Line {
    /// Its number in the file, from 1; a line with line ends in its cells has the first one's.
    pub number: u64,
    cells: BTreeMap<String, String>,
}

impl Line {
    /// The text in a column; none where it is empty or there is no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// What people know it by.
    #[must_use]
    pub fn name(&self) -> String {
        self.text("name").or(self.text("email")).unwrap_or_default().to_owned()
    }

    /// Something is wrong in a column.
    #[must_use]
    pub fn wrong(&self, column: &str, code: &'static str, detail: String) -> LineProblem {
        let hint = "Correct the cell and send the file again.".to_owned();
        LineProblem { line: self.number, column: Some(column.to_owned()), code, detail, hint: Some(hint) }
    }
}

impl Table {
    /// Reads a file. What is wrong with single lines is kept for [`Table::problems`].
    ///
    /// # Errors
    /// `import_unreadable` for what is no UTF-8, has no head, or has too many columns or lines.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes).map_err(|error| unreadable(format!("it is not UTF-8: {error}")))?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let head = reader.headers().map_err(|error| unreadable(error.to_string()))?;
        if head.len() > COLUMNS_MAX {
            let detail = format!("its first line names {} columns; at most {COLUMNS_MAX} are taken", head.len());
            return Err(unreadable(detail));
        }
        let head: Vec<String> = head.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        if head.iter().all(String::is_empty) {
            return Err(unreadable("its first line names no column"));
        }
        let mut table = Self { head, ..Self::default() };
        let mut place = Place { text, at: 0, number: 1 };
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(error.to_string()))?;
            let number = place.number_of(&record);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if table.lines.len() == LINES_MAX {
                return Err(unreadable(format!("it has more than {LINES_MAX} lines; send it in parts")));
            }
            table.add(number, &record);
        }
        Ok(table)
    }

    fn add(&mut self, number: u64, record: &csv::StringRecord) {
        let cells = self.head.iter().cloned().zip(record.iter().map(|text| cell::read(text.trim()).to_owned()));
        let line = Line { number, cells: cells.collect() };
        if record.len() != self.head.len() {
            let detail = format!("it has {} cells, and there are {} columns", record.len(), self.head.len());
            self.broken.push(LineProblem { column: None, ..line.wrong("", "cells_missing", detail) });
        }
        self.lines.push(line);
    }

    /// What is wrong with the head and with the form of lines.
    #[must_use]
    pub fn problems(&self, known: &[&str]) -> Vec<LineProblem> {
        let head = Line { number: 1, ..Line::default() };
        let (mut problems, mut seen) = (self.broken.clone(), BTreeSet::new());
        for name in &self.head {
            if !known.contains(&name.as_str()) {
                problems.push(head.wrong(name, "column_unknown", format!("{name:?} is none of {}", known.join(", "))));
            }
            if !seen.insert(name) {
                problems.push(head.wrong(name, "column_twice", format!("{name:?} stands there twice")));
            }
        }
        problems
    }
}

/// A place in a file, that goes forward. The reader's own count of lines is one behind where they end in CR LF.
struct Place<'a> {
    text: &'a str,
    at: usize,
    number: u64,
}

impl Place<'_> {
    /// The number of the line that a record begins in; records come in order.
    fn number_of(&mut self, record: &csv::StringRecord) -> u64 {
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        let before = self.text.get(self.at..start).unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        // A record is said to begin before what is left of the line end in front of it, and before empty lines.
        let empty = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
        self.number += [before, empty].iter().map(|text| text.matches('\n').count() as u64).sum::<u64>();
        self.at = start + empty.len();
        self.number
    }
}

/// A CSV file in a request's body.
pub struct Csv(pub Table);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "text/csv" {
            return Err(media_type("text/csv"));
        }
        let too_large = |_| {
            let detail = format!("at most {} KiB are taken", FILE_LEN_MAX / 1024);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The file is too large", detail)
        };
        let bytes = to_bytes(request.into_body(), FILE_LEN_MAX).await.map_err(too_large)?;
        Table::read(&bytes).map(Self)
    }
}

fn unreadable(detail: impl Into<String>) -> Problem {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "import_unreadable", "The file cannot be read", detail)
        .hint("Send CSV (RFC 4180) in UTF-8 whose first line names the columns.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_over_quoted_line_ends_and_empty_lines() {
        let table = Table::read("\u{feff}Name,notes\r\nA,\"x\r\ny\"\r\n\r\n,\r\nB,'=1\r\n".as_bytes()).expect("a file");
        let lines: Vec<_> =
            table.lines.iter().map(|line| (line.number, line.text("name"), line.text("notes"))).collect();
        assert_eq!(lines, [(2, Some("A"), Some("x\r\ny")), (6, Some("B"), Some("=1"))]);
        assert_eq!(table.problems(&["name", "notes"]), []);
    }

    #[test]
    fn semicolons_separate_where_the_head_has_them() {
        let table = Table::read(b"name;kind\nA;reseller\n").expect("a file");
        assert_eq!(table.lines[0].text("kind"), Some("reseller"));
    }

    #[test]
    fn what_is_wrong_with_head_and_form_is_said_at_once() {
        let table = Table::read(b"name,colour,name\nA,b\nB,b,c,d\n").expect("a file");
        let found: Vec<_> = table.problems(&["name"]).into_iter().map(|one| (one.line, one.code)).collect();
        assert_eq!(found, [(2, "cells_missing"), (3, "cells_missing"), (1, "column_unknown"), (1, "column_twice")]);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for bytes in [&b"\xff\xfe"[..], b"", b",,\n"] {
            assert!(Table::read(bytes).is_err(), "{bytes:?}");
        }
        let long = format!("name\n{}", "x\n".repeat(LINES_MAX + 1));
        assert!(Table::read(long.as_bytes()).is_err());
    }

    #[test]
    fn a_head_of_a_hundred_thousand_names_is_refused_unread() {
        let names = |count: u32| (0..count).map(|number| format!("{number}")).collect::<Vec<_>>().join(",");
        let problem = Table::read(names(130_000).as_bytes()).expect_err("too many columns");
        assert_eq!(problem.code(), "import_unreadable");
        let detail = problem.details()["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!(detail, "its first line names 130000 columns; at most 64 are taken");
        assert!(Table::read(names(64).as_bytes()).is_ok() && Table::read(names(65).as_bytes()).is_err());
    }
}
