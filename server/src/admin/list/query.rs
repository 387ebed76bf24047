//! What a request asks of a list: read from its query by the list's fields, and described by them.

use super::Listed;
use super::field::{Field, Kind, Value};
use crate::admin::page::{PageQuery, Paging};
use crate::admin::problem::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use leasehold_ledger::rule::code::fold;
use std::collections::BTreeSet;

/// Bytes in the longest text that is searched for or compared.
pub(super) const TEXT_LEN_MAX: usize = 256;
/// Bytes in the longest row of texts of which each is compared: 400 keys; it fits into a request's head with all the rest.
pub(super) const CHOSEN_LEN_MAX: usize = 8_000;

/// Which rows of a list, and in which order.
pub struct Listing<L: Listed> {
    fields: Vec<Field<L::Row>>,
    paging: Paging,
    sort: Option<Sort>,
    words: Vec<String>,
    wanted: Vec<Wanted>,
    on: Vec<&'static str>,
}

/// An order that is not the list's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field's place among the list's.
    pub field: usize,
    /// The last first.
    pub is_down: bool,
}

/// A condition: the field's place among the list's, and what it must be.
struct Wanted(usize, Test);

enum Test {
    Is(String),
    In(BTreeSet<String>),
    From(i64),
    To(i64),
}

impl<L: Listed> Listing<L> {
    fn read(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let fields = L::fields();
        let mut page = PageQuery::default();
        let (mut sort, mut words, mut wanted, mut seen) = (None, Vec::new(), Vec::new(), BTreeSet::new());
        let mut on = Vec::new();
        for (name, value) in pairs {
            let kind = fields.iter().find(|field| field.name == name).map(|field| (field.name, &field.kind));
            let most = if matches!(kind, Some((_, Kind::Chosen))) { CHOSEN_LEN_MAX } else { TEXT_LEN_MAX };
            if value.len() > most && name != "cursor" {
                return Err(invalid(format!("{name}: longer than {most} bytes")));
            }
            match name.as_str() {
                "limit" => {
                    page.limit = Some(value.parse().map_err(|_| invalid(format!("limit: {value:?} is no number")))?);
                }
                "cursor" => page.cursor = Some(value),
                "sort" => sort = Some(order(&fields, &value)?),
                "q" => words = fold(&value).split_whitespace().map(str::to_owned).collect(),
                _ => match kind {
                    Some((field, Kind::Switch(_))) => on.extend(switched(field, &value)?),
                    _ => wanted.push(condition(&fields, &name, value)?),
                },
            }
            if !seen.insert(name.clone()) {
                return Err(invalid(format!("{name}: it is given twice")));
            }
        }
        Ok(Self { fields, paging: page.paging()?, sort, words, wanted, on })
    }

    /// A switch of the list is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.on.contains(&name)
    }

    /// Which page.
    pub(super) fn paging(&self) -> &Paging {
        &self.paging
    }

    /// In which order; none for the list's own.
    pub(super) fn sort(&self) -> Option<Sort> {
        self.sort
    }

    /// Whether it comes in the list's own order.
    pub fn is_in_order(&self) -> bool {
        self.sort.is_none()
    }

    /// What a field that is compared has to be.
    pub fn asked(&self, field: &str) -> Option<&str> {
        self.wanted.iter().find_map(|Wanted(at, test)| match test {
            Test::Is(text) if self.fields[*at].name == field => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether a row may be left out.
    pub(super) fn passes_over(&self) -> bool {
        !self.words.is_empty() || !self.wanted.is_empty()
    }

    /// Whether a row is one of those asked for.
    pub(super) fn fits(&self, row: &L::Row) -> bool {
        self.wanted.iter().all(|wanted| wanted.holds(&self.fields, row)) && self.is_found(row)
    }

    fn is_found(&self, row: &L::Row) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let searched = self.fields.iter().filter(|field| field.kind == Kind::Text);
        let texts: Vec<String> = searched
            .filter_map(|field| match (field.value)(row) {
                Value::Text(text) => Some(fold(&text)),
                _ => None,
            })
            .collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
    }

    /// The place of a row in the order asked for.
    pub(super) fn place(&self, sort: Sort, row: &L::Row) -> Vec<u8> {
        (self.fields[sort.field].value)(row).place()
    }
}

impl Wanted {
    fn holds<R>(&self, fields: &[Field<R>], row: &R) -> bool {
        let field = &fields[self.0];
        match (&self.1, (field.value)(row)) {
            (Test::Is(text), Value::Text(found)) => match field.kind {
                Kind::Text => fold(&found) == *text,
                Kind::Exact => found.eq_ignore_ascii_case(text), // ids, as programs write them
                _ => found == *text,
            },
            (Test::In(texts), Value::Text(found)) => texts.contains(&found),
            (Test::From(from), Value::At(at)) => at.0 >= *from,
            (Test::To(to), Value::At(at)) => at.0 < *to,
            _ => false,
        }
    }
}

fn order<R>(fields: &[Field<R>], value: &str) -> Result<Sort, Problem> {
    let (name, is_down) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
    let sorts = |field: &&Field<R>| !matches!(field.kind, Kind::Switch(_) | Kind::Chosen);
    let field = fields.iter().position(|field| field.name == name && sorts(&field));
    let known = || fields.iter().filter(sorts).map(|field| field.name).collect::<Vec<_>>().join(", ");
    let field = field.ok_or_else(|| invalid(format!("sort: {name:?} is none of {}", known())))?;
    Ok(Sort { field, is_down })
}

fn condition<R>(fields: &[Field<R>], name: &str, value: String) -> Result<Wanted, Problem> {
    for (at, field) in fields.iter().enumerate() {
        let test = match &field.kind {
            Kind::Time if name.strip_prefix(field.name) == Some("_from") => Test::From(moment(name, &value)?),
            Kind::Time if name.strip_prefix(field.name) == Some("_to") => Test::To(moment(name, &value)?),
            Kind::Text if name == field.name => Test::Is(fold(&value)),
            Kind::Exact if name == field.name => Test::Is(value),
            Kind::Chosen if name == field.name => Test::In(value.split(',').map(|one| one.trim().to_owned()).collect()),
            Kind::Word(words) if name == field.name => {
                if !words.contains(&value) {
                    return Err(invalid(format!("{name}: {value:?} is none of {}", words.join(", "))));
                }
                Test::Is(value)
            }
            _ => continue,
        };
        return Ok(Wanted(at, test));
    }
    Err(invalid(format!("{name}: there is no such parameter")))
}

/// The name of a switch that is on.
fn switched(name: &'static str, value: &str) -> Result<Option<&'static str>, Problem> {
    match value {
        "true" => Ok(Some(name)),
        "false" => Ok(None),
        _ => Err(invalid(format!("{name}: {value:?} is none of true, false"))),
    }
}

fn moment(name: &str, value: &str) -> Result<i64, Problem> {
    let wrong = |_| invalid(format!("{name}: {value:?} is not a time like 2027-01-31T12:00:00Z"));
    value.parse::<Timestamp>().map(Timestamp::as_second).map_err(wrong)
}

/// A parameter that is not understood.
fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "query_invalid", "The query is not understood", detail)
        .hint("The parameters of each list stand in /api/v1/openapi.json.")
}

impl<L: Listed, S: Send + Sync> FromRequestParts<S> for Listing<L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        Self::read(pairs.map_err(|rejection| invalid(rejection.body_text()))?.0)
    }
}
