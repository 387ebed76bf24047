//! Checks a whole store: every row decodes, every index is complete, every invariant of the ledger holds.
//!
//! Nothing stops it but a store that cannot be read: a damaged row is a finding, and the rest is checked without it, so one
//! damaged row may show up again as what it is missing from. It reads one snapshot and holds its records in memory.

mod account;
mod activation;
mod catalogue;
mod chain;
mod index;
mod license;
mod people;
mod reserve;
mod rows;
mod seats;
mod units;

use crate::record::EventHead;
use crate::store::{Read, StoreError};
use leasehold_protocol::Time;
use rows::Rows;
use std::collections::BTreeMap;
use std::fmt;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which invariant: `I1` to `I17`, `row` for damage, `index` for a missing or stray index row.
    pub invariant: &'static str,
    /// Table and key, or the id of the record; `event N` or `events N to M` of the chain.
    pub subject: String,
    /// What is there, and what should be.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: {}", self.invariant, self.subject, self.problem)
    }
}

/// What a check of the whole store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Everything that must not be, in the order it was met.
    pub findings: Vec<Finding>,
    /// Rows by name of the table, damaged ones included.
    pub rows: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, invariant: &'static str, subject: impl fmt::Display, problem: impl Into<String>) {
        self.findings.push(Finding { invariant, subject: subject.to_string(), problem: problem.into() });
    }

    fn ensure(
        &mut self,
        holds: bool,
        invariant: &'static str,
        subject: impl fmt::Display,
        problem: impl FnOnce() -> String,
    ) {
        if !holds {
            self.find(invariant, subject, problem());
        }
    }
}

/// Checks the store behind `view` as it stands at `now`.
///
/// # Errors
/// [`StoreError`] when the store cannot be read; damage is a finding.
pub fn check(view: &dyn Read, now: Time) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let rows = Rows::read(view, &mut report)?;
    account::check(&rows, &mut report);
    units::check(&rows, &mut report);
    activation::check(&rows, now, &mut report);
    license::check(&rows, &mut report);
    people::check(&rows, &mut report);
    seats::check(&rows, &mut report);
    reserve::check(&rows, &mut report);
    catalogue::check(&rows, &mut report);
    index::check(view, &rows, &mut report)?;
    chain::check(view, &rows, &mut report)?;
    Ok(report)
}

/// Holds the chain of Events against the head that the anchor names: Events cut off with their traces are found, and a chain
/// that was written anew. What does not fit is added to `report`.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn against_anchor(view: &dyn Read, anchor: &EventHead, report: &mut Report) -> Result<(), StoreError> {
    chain::against(view, anchor, report)
}
