//! R12: whatever is done to an Event of the chain, the check of the store says to which.
//!
//! Tampering in one place shows in the links before and after it only, so several Events far enough from each other are
//! tampered with at once: each of them has to be named, and no other.

mod kit;

use kit::{APART, Chain, key, names, put};
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::Table;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checksum {
    Left,
    Repaired,
}

/// The row with one bit flipped; none where the row is not that long.
fn flipped(number: u64, row: &[u8], at: usize, bit: usize, checksum: Checksum) -> Option<Vec<u8>> {
    let body = row.len() - 4;
    let len = if checksum == Checksum::Repaired { body } else { row.len() };
    let mut other = row[..len].to_vec();
    *other.get_mut(at)? ^= 1 << bit;
    Some(if checksum == Checksum::Repaired { row::sealed(Table::Events, &key(number), other) } else { other })
}

#[test]
fn r12_every_bit_of_every_event_that_is_changed_is_found_and_the_event_named() {
    let chain = Chain::new();
    let longest = chain.rows.iter().map(Vec::len).max().expect("rows");
    let mut flips = 0_u64;
    // Every byte of every row; of each byte one bit, and all eight where volume is asked for.
    let bits = std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1).clamp(1, 8);
    let places = (0..APART).flat_map(|phase| (0..longest).map(move |at| (phase, at)));
    let flips_of = |(phase, at): (u64, usize)| (0..bits).map(move |bit| (phase, at, (at + bit) % 8));
    let all = places.flat_map(flips_of).flat_map(|flip| [(Checksum::Left, flip), (Checksum::Repaired, flip)]);
    for (checksum, (phase, at, bit)) in all {
        let mut changed = Vec::new();
        for number in (1..=chain.last()).filter(|number| number % APART == phase) {
            if let Some(row) = flipped(number, chain.row(number), at, bit, checksum) {
                chain.set(number, Some(&row));
                changed.push(number);
            }
        }
        let (certain, doubts) = chain.named();
        let what = format!("bit {bit} of byte {at}, checksum {checksum:?}, phase {phase}");
        assert_eq!(certain, names(changed.iter().copied()), "{what}");
        let before = names(changed.iter().map(|number| number - 1));
        assert!(doubts.is_subset(&before), "{what}: {doubts:?}");
        flips += u64::try_from(changed.len()).expect("few");
        changed.iter().for_each(|number| chain.set(*number, Some(chain.row(*number))));
    }
    assert!(chain.report().is_clean());
    println!("count audit: {flips} single-bit changes of {} Events, each Event named", chain.last());
}

#[test]
fn r12_every_event_that_is_dropped_is_named() {
    let chain = Chain::new();
    for number in 1..=chain.last() {
        chain.set(number, None);
        assert_eq!(chain.named().0, names([number]), "{number}");
        chain.set(number, Some(chain.row(number)));
    }
    for phase in 0..APART {
        let dropped = || (1..=chain.last()).filter(move |number| number % APART == phase);
        dropped().for_each(|number| chain.set(number, None));
        assert_eq!(chain.named().0, names(dropped()));
        chain.restore();
    }
    for number in 1..chain.last() - 3 {
        (0..3).for_each(|more| chain.set(number + more, None));
        assert_eq!(chain.named().0, [format!("events {number} to {}", number + 2)].into());
        (0..3).for_each(|more| chain.set(number + more, Some(chain.row(number + more))));
    }
    assert!(chain.report().is_clean());
    println!("count audit: {} Events dropped, alone and with others, each named", chain.last());
}

#[test]
fn r12_every_two_events_that_are_swapped_are_named() {
    let chain = Chain::new();
    let mut swaps = 0;
    // As they are; with checksums that fit; with numbers and checksums that fit.
    let moved = |way: u8, from: u64, to: u64| match way {
        0 => chain.row(from).clone(),
        1 => {
            let row = chain.row(from);
            row::sealed(Table::Events, &key(to), row[..row.len() - 4].to_vec())
        }
        _ => row::encode(&Event { number: to, ..chain.event(from) }),
    };
    for (way, first) in (0..3).flat_map(|way| (1..chain.last()).map(move |first| (way, first))) {
        for second in [first + 1, first + 7, chain.last()].into_iter().filter(|second| *second <= chain.last()) {
            if second == first {
                continue;
            }
            chain.set(first, Some(&moved(way, second, first)));
            chain.set(second, Some(&moved(way, first, second)));
            let (certain, doubts) = chain.named();
            let all: BTreeSet<_> = certain.union(&doubts).cloned().collect();
            assert!(all.is_superset(&names([first, second])), "{way}: {first} and {second}: {all:?}");
            assert!(all.is_subset(&names([first - 1, first, second - 1, second])), "{way}: {all:?}");
            [first, second].into_iter().for_each(|number| chain.set(number, Some(chain.row(number))));
            swaps += 1;
        }
    }
    assert!(chain.report().is_clean());
    println!("count audit: {swaps} swaps of two Events, both named");
}

#[test]
fn r12_events_that_are_cut_off_are_named_by_the_head_or_else_by_the_anchor() {
    let chain = Chain::new();
    let last = chain.last();
    let anchor = chain.head(last);
    let view =
        |end: u64| if end + 1 == last { format!("event {last}") } else { format!("events {} to {last}", end + 1) };
    assert_eq!(chain.against(&anchor), [""; 0]);
    for end in (1..last).rev() {
        chain.set(end + 1, None);
        assert_eq!(chain.named().0, [view(end)].into(), "the head knows");
        // Cut off with every trace in the store: only what stands elsewhere knows.
        chain.put_head(&chain.head(end));
        assert_eq!(chain.named().0, BTreeSet::new());
        assert_eq!(chain.against(&anchor), [view(end)], "the anchor knows");
        chain.put_head(&anchor);
    }
    chain.restore();
    println!(
        "count audit: {} cuts, each named by the head, and by the anchor where the head was put back too",
        last - 1
    );
}

#[test]
fn r12_a_chain_written_anew_from_any_event_on_does_not_fit_its_anchor() {
    let chain = Chain::new();
    let anchor = chain.head(chain.last());
    for edited in (1..=chain.last()).step_by(7) {
        let mut previous = chain.event(edited).previous;
        for number in edited..=chain.last() {
            let actor = if number == edited { "nobody".to_owned() } else { chain.event(number).actor };
            let row = row::encode(&Event { actor, previous, ..chain.event(number) });
            previous = Event::hash(&row);
            chain.set(number, Some(&row));
        }
        chain.put_head(&EventHead { number: chain.last(), hash: previous });
        assert!(chain.report().is_clean(), "it is a sound chain, but not the one that was written");
        assert_eq!(chain.against(&anchor), [format!("event {}", chain.last())]);
        chain.restore();
    }
}

#[test]
fn r12_events_that_the_head_does_not_know_are_named() {
    let chain = Chain::new();
    for end in (chain.last() - 20)..chain.last() {
        chain.put_head(&chain.head(end));
        let named = chain.named().0;
        let rest = if end + 1 == chain.last() {
            format!("event {}", end + 1)
        } else {
            format!("events {} to {}", end + 1, chain.last())
        };
        assert_eq!(named, [rest].into());
    }
    let key = chain.event(1).key();
    put(&chain.world.store, Table::Meta, EventHead::KEY, None);
    assert_eq!(chain.named().0, [format!("events 1 to {}", chain.last())].into(), "{key:?}");
}
