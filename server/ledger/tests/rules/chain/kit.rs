//! A chain of Events to be tampered with, and what the check of the store says of it.

use crate::rules::world::{World, units};
use leasehold_ledger::fsck::{self, Finding, Report};
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::row;
use leasehold_ledger::store::{Store, Table};
use std::collections::BTreeSet;

/// Events in the store.
const EVENTS: u64 = 300;
/// Every so manieth Event is tampered with at once.
pub const APART: u64 = 4;

/// A store whose Events are of several sizes and sides.
fn written() -> World {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(400, 400));
    let key = world.pool_key(pool, "Key", units(1, 1));
    let events = |world: &World| u64::try_from(world.events().len()).expect("few");
    let mut count = 0;
    while events(&world) < EVENTS {
        count += 1;
        let quota = units(count % 97 + 2, count % 89 + 2);
        let command = match count % 3 {
            0 => leasehold_ledger::Command::SetKeyQuota { key: key.id, quota },
            1 => leasehold_ledger::Command::StopKey { key: key.id },
            _ => leasehold_ledger::Command::ResumeKey { key: key.id },
        };
        let actor = world.member(customer, leasehold_ledger::actor::Role::Admin);
        world.attempt(actor, &command).expect("it is allowed");
    }
    world.check("the chain was written");
    world
}

pub struct Chain {
    pub world: World,
    pub rows: Vec<Vec<u8>>,
}

pub fn key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

pub fn put(store: &MemoryStore, table: Table, key: &[u8], value: Option<&[u8]>) {
    let written = store.write(&mut |tx| match value {
        Some(value) => tx.put(table, key, value),
        None => tx.delete(table, key),
    });
    written.expect("memory");
}

/// Whether a finding says of an Event that it is not what was written; doubt is no such thing.
pub fn is_certain(finding: &Finding) -> bool {
    !finding.problem.starts_with("it may have been changed")
}

impl Chain {
    pub fn new() -> Self {
        let world = written();
        let rows = world.events().iter().map(row::encode).collect();
        Self { world, rows }
    }

    pub fn last(&self) -> u64 {
        u64::try_from(self.rows.len()).expect("few")
    }

    pub fn row(&self, number: u64) -> &Vec<u8> {
        &self.rows[usize::try_from(number - 1).expect("few")]
    }

    pub fn event(&self, number: u64) -> Event {
        row::decode(&key(number), self.row(number)).expect("sound")
    }

    pub fn set(&self, number: u64, row: Option<&[u8]>) {
        put(&self.world.store, Table::Events, &key(number), row);
    }

    pub fn put_head(&self, head: &EventHead) {
        put(&self.world.store, Table::Meta, EventHead::KEY, Some(&row::encode(head)));
    }

    pub fn head(&self, number: u64) -> EventHead {
        EventHead { number, hash: Event::hash(self.row(number)) }
    }

    pub fn restore(&self) {
        (1..=self.last()).for_each(|number| self.set(number, Some(self.row(number))));
        self.put_head(&self.head(self.last()));
    }

    pub fn report(&self) -> Report {
        let view = self.world.store.read().expect("memory");
        fsck::check(view.as_ref(), self.world.now).expect("memory")
    }

    pub fn against(&self, anchor: &EventHead) -> Vec<String> {
        let view = self.world.store.read().expect("memory");
        let mut report = Report::default();
        fsck::against_anchor(view.as_ref(), anchor, &mut report).expect("memory");
        report.findings.into_iter().map(|finding| finding.subject).collect()
    }

    /// The subjects that are Events, of certain findings and of doubts.
    pub fn named(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let findings = self.report().findings.into_iter().filter(|finding| finding.subject.starts_with("event"));
        let (certain, doubts): (Vec<_>, Vec<_>) = findings.partition(is_certain);
        let subjects = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.subject).collect();
        (subjects(certain), subjects(doubts))
    }
}

pub fn names(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(|number| format!("event {number}")).collect()
}
