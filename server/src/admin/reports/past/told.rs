//! What Events tell of an activation's use: before them, and from then on.

use leasehold_ledger::record::{Event, Value, Verb};
use leasehold_protocol::{Time, Units};
use std::collections::BTreeMap;

/// By kind of unit.
pub type Kinds = BTreeMap<String, i64>;

/// What one activation used at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// This.
    Known(Kinds),
    /// This, unless an older Event says otherwise.
    Likely(Kinds),
}

/// What an Event's activation used before it; none where the Event is about something else.
pub fn before(event: &Event, at: Time) -> Option<Use> {
    let units = || event.fact("units").map(read).unwrap_or_default();
    Some(match event.verb {
        Verb::Activated => Use::Known(Kinds::new()),
        Verb::LeaseChanged | Verb::UnitsFreed => Use::Known(was(event)),
        Verb::Lapsed => {
            let ended: Option<jiff::Timestamp> = event.fact("ended").and_then(|ended| ended.parse().ok());
            let had_ended = ended.is_some_and(|ended| ended.as_second() <= at.0);
            Use::Known(if had_ended { Kinds::new() } else { units() })
        }
        Verb::Released | Verb::FileReturned | Verb::LeaseProved => Use::Likely(units()),
        Verb::FileIssued => Use::Likely(Kinds::new()),
        _ => return None,
    })
}

/// What an Event's activation used from then on; none where the Event is about something else.
pub fn since(event: &Event) -> Option<Kinds> {
    match event.verb {
        Verb::Activated | Verb::LeaseChanged | Verb::UnitsFreed | Verb::FileIssued => {
            Some(event.fact("units").map(read).unwrap_or_default())
        }
        Verb::LeaseProved => Some(event.fact("booked").map(read).unwrap_or_default()),
        Verb::Released | Verb::FileReturned | Verb::Lapsed => Some(Kinds::new()),
        _ => None,
    }
}

/// Its units before a change; after it, where they stayed the same.
fn was(event: &Event) -> Kinds {
    let fact = event.facts.iter().find(|fact| fact.name == "units");
    let text = fact.and_then(|fact| match &fact.value {
        Value::Is(units) => Some(units.as_str()),
        Value::Was(before, _) => before.as_deref(),
    });
    text.map(read).unwrap_or_default()
}

/// Units by kind.
pub fn kinds(units: &Units) -> Kinds {
    units.iter().map(|(kind, count)| (kind.to_owned(), i64::from(count))).collect()
}

/// Units as Events say them: `10 OBM + 5 VM`, or `nothing`.
fn read(text: &str) -> Kinds {
    let parts = text.split(" + ").filter_map(|part| part.split_once(' '));
    parts.filter_map(|(count, kind)| Some((kind.to_owned(), count.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_events_say_them() {
        let units = Units::try_from(BTreeMap::from([("OBM".to_owned(), 10), ("VM-2".to_owned(), 5)])).expect("units");
        for units in [units, Units::default()] {
            assert_eq!(read(&units.to_string()), kinds(&units));
        }
    }
}
