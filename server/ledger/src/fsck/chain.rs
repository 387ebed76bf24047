//! The chain of Events: no number missing, every hash fits, each account sees its side and no other (I13).

use super::Report;
use super::index::compare;
use super::rows::{decoded, each};
use crate::record::{Event, EventHead};
use crate::row::Record;
use crate::store::{Read, StoreError, Table};
use std::collections::BTreeMap;

pub fn check(view: &dyn Read, report: &mut Report) -> Result<(), StoreError> {
    let mut last = EventHead::default();
    let mut sides = BTreeMap::new();
    each(view, Event::TABLE, report, |report, (key, row)| {
        let number = key.as_slice().try_into().map_or(last.number + 1, u64::from_be_bytes);
        if number != last.number + 1 {
            report.find("I13", format!("event {number}"), format!("event {} is missing before it", last.number + 1));
        }
        let hash = Event::hash(&row);
        if let Some(event) = decoded::<Event>(report, &key, &row) {
            let follows = number != last.number + 1 || event.previous == last.hash;
            report.ensure(follows, "I13", format!("event {}", last.number), || {
                format!("it was changed: event {number} was written after another one")
            });
            sides.extend(event.accounts.iter().map(|account| (Event::side(*account, number), vec![])));
        }
        last = EventHead { number, hash };
    })?;
    let head = view.get(Table::Meta, EventHead::KEY)?;
    let head = head.and_then(|row| decoded::<EventHead>(report, EventHead::KEY, &row)).unwrap_or_default();
    report.ensure(head.number == last.number, "I13", format!("event {}", last.number + 1), || {
        format!("the chain ends at {}, but {} events were written", last.number, head.number)
    });
    report.ensure(
        head.number != last.number || head.hash == last.hash,
        "I13",
        format!("event {}", last.number),
        || "it was changed: the head of the chain has another hash".to_owned(),
    );
    compare(view, Table::AccountEvents, sides, report)
}
