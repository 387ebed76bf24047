//! Two engines, the same random transactions, the same answers.

use crate::{OnDisk, all};
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::store::{Pair, Store, StoreError, Table, Write};
use proptest::collection::vec;
use proptest::prelude::*;

const CASES: u32 = 48;

#[derive(Debug, Clone)]
enum Step {
    Put(Table, Vec<u8>, Vec<u8>),
    Delete(Table, Vec<u8>),
    Get(Table, Vec<u8>),
    Scan(Table, Vec<u8>, Vec<u8>, usize),
}

/// What a step gave back.
type Answer = Vec<Pair>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let table = || prop_oneof![Just(Table::Meta), Just(Table::Jobs), Just(Table::Events)];
    let key = || vec(prop_oneof![Just(0u8), Just(1), Just(0xfe), Just(0xff)], 0..4);
    let step = prop_oneof![
        4 => (table(), key(), vec(any::<u8>(), 0..70)).prop_map(|(table, key, value)| Step::Put(table, key, value)),
        2 => (table(), key()).prop_map(|(table, key)| Step::Delete(table, key)),
        1 => (table(), key()).prop_map(|(table, key)| Step::Get(table, key)),
        2 => (table(), key(), key(), 0..6usize).prop_map(|(table, from, to, limit)| Step::Scan(table, from, to, limit)),
    ];
    vec(step, 0..25)
}

fn take(tx: &mut dyn Write, step: &Step) -> Result<Answer, StoreError> {
    match step {
        Step::Put(table, key, value) => tx.put(*table, key, value).map(|()| vec![]),
        Step::Delete(table, key) => tx.delete(*table, key).map(|()| vec![]),
        Step::Get(table, key) => Ok(tx.get(*table, key)?.map(|value| (key.clone(), value)).into_iter().collect()),
        Step::Scan(table, from, to, limit) => tx.scan(*table, from, to, *limit),
    }
}

/// Runs a transaction to its end, or lets it fail there; gives every answer on the way.
fn run(store: &dyn Store, steps: &[Step], commit: bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    let work = |tx: &mut dyn Write, answers: &mut Vec<Answer>| {
        for step in steps {
            answers.push(take(tx, step)?);
        }
        if commit { Ok(()) } else { Err(StoreError::Io("given up".into())) }
    };
    assert_eq!(store.write(&mut |tx| work(tx, &mut answers)).is_ok(), commit);
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engines_agree_on_random_transactions(transactions in vec((steps(), any::<bool>()), 1..8)) {
        let (memory, disk) = (MemoryStore::new(), OnDisk::new());
        for (steps, commit) in &transactions {
            prop_assert_eq!(run(&memory, steps, *commit), run(&disk, steps, *commit));
            let rows = |store: &dyn Store| store.read().and_then(|view| all(view.as_ref())).expect("it reads");
            prop_assert_eq!(rows(&memory), rows(&disk));
        }
    }
}
