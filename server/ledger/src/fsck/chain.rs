//! The chain of Events: no number missing, every hash fits, each account sees its side and no other (I13, R12).
//!
//! Each Event carries the hash of the one before it, and the head that of the last. So an Event vouches for the one before
//! it, as long as somebody vouches for itself: of several links in a row that do not fit, the last leads from an Event that
//! was changed; those before it are in doubt, for what that one says of them counts for nothing.

use super::Report;
use super::activation;
use super::index::compare;
use super::rows::{Rows, decoded, each};
use super::units::{self, Count};
use crate::record::{Event, EventHead, HoldingId, Value, Verb};
use crate::row::{self, Record};
use crate::store::{Read, StoreError, Table};
use std::collections::BTreeMap;

/// The chain as far as it was walked.
#[derive(Default)]
struct Walk {
    last: EventHead,
    /// The row of `last` says nothing that can be believed, and that was reported.
    is_damaged: bool,
    /// Where the links that do not fit begin, up to the one that leads to `last`.
    broken: Option<u64>,
    /// The sides the Events have.
    sides: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What each holding has by what the Events say.
    balances: BTreeMap<HoldingId, Count>,
    /// The latest that the clock had shown when it was set back, as Events name times, which sort as they follow each other.
    shown: Option<String>,
    /// The same at the conversion of each lot that was converted after that.
    set_back: BTreeMap<String, String>,
}

pub fn check(view: &dyn Read, rows: &Rows, report: &mut Report) -> Result<(), StoreError> {
    let mut walk = Walk::default();
    let found = report.findings.len();
    each(view, Event::TABLE, report, |report, (key, row)| walk.step(report, &key, &row))?;
    let head = match view.get(Table::Meta, EventHead::KEY)? {
        Some(row) => decoded::<EventHead>(report, EventHead::KEY, &row),
        None => Some(EventHead::default()),
    };
    walk.end(report, head);
    if report.findings.len() == found {
        units::follow(rows, &walk.balances, report); // of a damaged chain nothing follows
        activation::graces(rows, &walk.set_back, report);
    }
    compare(view, Table::AccountEvents, walk.sides, report)
}

/// Holds the chain against what the anchor says of it: an Event of that number is there, with that hash.
///
/// # Errors
/// [`StoreError`] when the store cannot be read; what does not fit is a finding.
pub fn against(view: &dyn Read, anchor: &EventHead, report: &mut Report) -> Result<(), StoreError> {
    let end = view.get(Table::Meta, EventHead::KEY)?.and_then(|row| row::decode(EventHead::KEY, &row).ok());
    let end: EventHead = end.unwrap_or_default();
    if end.number < anchor.number {
        report.find("I13", events(end.number + 1, anchor.number), "cut off: the anchor knows of it");
        return Ok(());
    }
    let row = view.get(Table::Events, &anchor.number.to_be_bytes())?;
    let holds = anchor.number == 0 || row.is_some_and(|row| Event::hash(&row) == anchor.hash);
    report.ensure(holds, "I13", events(anchor.number, anchor.number), || {
        "the anchor knows another one: it was written anew, or one before it was".to_owned()
    });
    Ok(())
}

impl Walk {
    fn step(&mut self, report: &mut Report, key: &[u8], row: &[u8]) {
        let due = self.last.number + 1;
        let number = key.try_into().map_or(due, u64::from_be_bytes);
        if number > due {
            report.find("I13", events(due, number - 1), "missing");
        }
        let event = believed(report, number, key, row);
        match &event {
            Some(event) if number == due => self.link(report, event.previous),
            _ => self.flush(report, self.last.number),
        }
        let sides = event.iter().flat_map(|event| &event.accounts);
        self.sides.extend(sides.map(|account| (Event::side(*account, number), vec![])));
        for moved in event.iter().flat_map(|event| &event.moves) {
            let ends = [(moved.from, -1), (moved.to, 1)];
            let ends = ends.into_iter().filter_map(|(at, sign)| at.map(|at| (at, sign)));
            ends.for_each(|(at, sign)| self.balances.entry(at).or_default().add(&moved.units, sign));
        }
        event.iter().for_each(|event| self.clock(event));
        self.is_damaged = event.is_none();
        self.last = EventHead { number, hash: Event::hash(row) };
    }

    /// What was converted when the clock showed less than it once had.
    fn clock(&mut self, event: &Event) {
        let values = event.facts.iter().map(|fact| &fact.value);
        match (event.verb, &self.shown) {
            (Verb::ClockAccepted, _) => {
                let believed =
                    values.filter_map(|value| if let Value::Was(was, _) = value { was.clone() } else { None });
                self.shown = believed.chain(self.shown.take()).max();
            }
            (Verb::LotConverted, Some(shown)) => drop(self.set_back.insert(event.subject.clone(), shown.clone())),
            _ => {}
        }
    }

    /// What comes next names `hash` as that of the last one.
    fn link(&mut self, report: &mut Report, hash: [u8; 32]) {
        if hash == self.last.hash || self.is_damaged {
            self.flush(report, self.last.number);
        } else {
            self.broken.get_or_insert(self.last.number);
        }
    }

    /// The links from the first broken one to that of the Event before `end` do not fit; the next does, or is not there.
    fn flush(&mut self, report: &mut Report, end: u64) {
        let Some(first) = self.broken.take() else { return };
        let changed = end.saturating_sub(1).max(1); // nothing stands before the first, whatever it says
        for number in first.max(1)..changed {
            let problem = "it may have been changed: the one after it was, and names another hash for it";
            report.find("I13", events(number, number), problem);
        }
        report.find("I13", events(changed, changed), "it was changed: what follows was written after another one");
    }

    fn end(&mut self, report: &mut Report, head: Option<EventHead>) {
        let last = self.last.number;
        let Some(head) = head else { return self.flush(report, last) };
        if head.number > last {
            self.flush(report, last);
            report.find("I13", events(last + 1, head.number), "cut off: the head of the chain knows of it");
        } else if head.number < last {
            self.flush(report, last);
            report.find("I13", events(head.number + 1, last), "the head of the chain does not know of it");
        } else {
            self.link(report, head.hash);
            self.flush(report, last + 1);
        }
    }
}

/// The Event in a row that is what it says.
fn believed(report: &mut Report, number: u64, key: &[u8], row: &[u8]) -> Option<Event> {
    let problem = match row::decode::<Event>(key, row) {
        Ok(event) if event.key() == key => return Some(event),
        Ok(_) => "it is the row of another key".to_owned(),
        Err(error) => error.to_string(),
    };
    report.find("row", events(number, number), problem);
    None
}

fn events(first: u64, last: u64) -> String {
    if first == last { format!("event {first}") } else { format!("events {first} to {last}") }
}
