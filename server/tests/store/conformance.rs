//! What every engine does.

use crate::engines;
use leasehold_ledger::store::{Pair, Store, StoreError, Table, Write};

const A: Table = Table::Accounts;
const B: Table = Table::Keys;

fn put(store: &dyn Store, rows: &[(&[u8], &[u8])]) {
    let write = |tx: &mut dyn Write| rows.iter().try_for_each(|(key, value)| tx.put(A, key, value));
    store.write(&mut |tx| write(tx)).expect("written");
}

fn get(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    store.read().and_then(|view| view.get(A, key)).expect("it reads")
}

fn keys(rows: Vec<Pair>) -> Vec<Vec<u8>> {
    rows.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn what_is_written_is_read_replaced_and_removed() {
    for (engine, store) in engines() {
        assert_eq!(get(store.as_ref(), b"k"), None, "{engine}");
        put(store.as_ref(), &[(b"k", b"one"), (b"", b"the empty key"), (b"empty", b"")]);
        assert_eq!(get(store.as_ref(), b"k").as_deref(), Some(&b"one"[..]), "{engine}");
        assert_eq!(get(store.as_ref(), b"").as_deref(), Some(&b"the empty key"[..]), "{engine}");
        assert_eq!(get(store.as_ref(), b"empty").as_deref(), Some(&b""[..]), "{engine}");
        put(store.as_ref(), &[(b"k", b"two")]);
        assert_eq!(get(store.as_ref(), b"k").as_deref(), Some(&b"two"[..]), "{engine}");
        let remove = |tx: &mut dyn Write| tx.delete(A, b"k").and_then(|()| tx.delete(A, b"was never there"));
        store.write(&mut |tx| remove(tx)).expect("written");
        assert_eq!(get(store.as_ref(), b"k"), None, "{engine}");
    }
}

#[test]
fn tables_do_not_see_each_other() {
    for (engine, store) in engines() {
        let write = |tx: &mut dyn Write| tx.put(A, b"k", b"a").and_then(|()| tx.put(B, b"k", b"b"));
        store.write(&mut |tx| write(tx)).expect("written");
        store.write(&mut |tx| tx.delete(B, b"k")).expect("written");
        let view = store.read().expect("it reads");
        assert_eq!(view.get(A, b"k").expect("it reads").as_deref(), Some(&b"a"[..]), "{engine}");
        assert_eq!(view.scan(B, b"", &[0xff; 9], 9).expect("it reads"), [], "{engine}");
        let rows = Table::ALL.iter().map(|table| view.scan(*table, b"", &[0xff; 9], 9).expect("it reads").len());
        assert_eq!(rows.sum::<usize>(), 1, "{engine}");
    }
}

#[test]
fn a_transaction_sees_its_own_writes_and_nobody_else_does_before_the_commit() {
    for (engine, store) in engines() {
        put(store.as_ref(), &[(b"a", b"1"), (b"b", b"1"), (b"c", b"1")]);
        let before = store.read().expect("it reads");
        let work = |tx: &mut dyn Write| {
            tx.put(A, b"b", b"2")?;
            tx.put(A, b"d", b"2")?;
            tx.delete(A, b"c")?;
            assert_eq!(tx.get(A, b"b")?.as_deref(), Some(&b"2"[..]), "{engine}");
            assert_eq!(tx.get(A, b"c")?, None, "{engine}");
            assert_eq!(keys(tx.scan(A, b"", b"z", 9)?), [b"a", b"b", b"d"], "{engine}");
            assert_eq!(before.get(A, b"d")?, None, "{engine}");
            Ok(())
        };
        store.write(&mut |tx| work(tx)).expect("written");
        assert_eq!(before.get(A, b"b").expect("it reads").as_deref(), Some(&b"1"[..]), "{engine}: a snapshot moved");
        assert_eq!(keys(before.scan(A, b"", b"z", 9).expect("it reads")), [b"a", b"b", b"c"], "{engine}");
        let after = store.read().expect("it reads");
        assert_eq!(keys(after.scan(A, b"", b"z", 9).expect("it reads")), [b"a", b"b", b"d"], "{engine}");
    }
}

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    for (engine, store) in engines() {
        put(store.as_ref(), &[(b"a", b"1"), (b"b", b"1")]);
        let fails = |tx: &mut dyn Write| {
            tx.put(A, b"a", b"2")?;
            tx.put(A, b"a", b"3")?;
            tx.delete(A, b"b")?;
            tx.put(B, b"new", b"1")?;
            Err(StoreError::Io("enough".into()))
        };
        assert_eq!(store.write(&mut |tx| fails(tx)), Err(StoreError::Io("enough".into())), "{engine}");
        let view = store.read().expect("it reads");
        let rows = view.scan(A, b"", b"z", 9).expect("it reads");
        assert_eq!(rows, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"1".to_vec())], "{engine}");
        assert_eq!(view.get(B, b"new").expect("it reads"), None, "{engine}");
        drop(view);
        put(store.as_ref(), &[(b"c", b"1")]);
        assert!(get(store.as_ref(), b"c").is_some(), "{engine}: a failed transaction spoiled the next");
    }
}

/// From, to, limit, and the keys there.
type Case<'a> = (&'a [u8], &'a [u8], usize, &'a [&'a [u8]]);

#[test]
fn a_scan_begins_at_from_ends_before_to_and_gives_no_more_than_its_limit() {
    for (engine, store) in engines() {
        let all: [&[u8]; 6] = [b"", b"a", b"a\0", b"ab", b"b", &[0xff, 0xff]];
        put(store.as_ref(), &all.map(|key| (key, &b"v"[..])));
        let view = store.read().expect("it reads");
        let scan = |from: &[u8], to: &[u8], limit| keys(view.scan(A, from, to, limit).expect("it reads"));
        let cases: [Case<'_>; 12] = [
            (b"", &[0xff; 3], 100, &all),
            (b"", &[0xff, 0xff], 100, &all[..5]),
            (b"a", b"b", 100, &all[1..4]),
            (b"a", b"b\0", 100, &all[1..5]),
            (b"a\0", b"ab", 100, &all[2..3]),
            (b"aa", b"ac", 100, &all[3..4]),
            (b"a", b"b", 2, &all[1..3]),
            (b"a", b"b", 0, &[]),
            (b"a", b"a", 100, &[]),
            (b"b", b"a", 100, &[]),
            (b"c", b"d", 100, &[]),
            (b"", b"", 100, &[]),
        ];
        for (from, to, limit, expected) in cases {
            assert_eq!(scan(from, to, limit), expected, "{engine}: {from:?}..{to:?}, at most {limit}");
            let work = |tx: &mut dyn Write| {
                assert_eq!(keys(tx.scan(A, from, to, limit)?), expected, "{engine}: {from:?}..{to:?} in a transaction");
                Ok(())
            };
            store.write(&mut |tx| work(tx)).expect("written");
        }
    }
}

#[test]
fn keys_sort_bytewise_and_values_may_be_long() {
    for (engine, store) in engines() {
        let numbers: Vec<_> =
            (0..1000u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect();
        let long = vec![7; 100_000];
        let write = |tx: &mut dyn Write| {
            numbers.iter().try_for_each(|key| tx.put(A, key, key))?;
            tx.put(B, b"long", &long)
        };
        store.write(&mut |tx| write(tx)).expect("written");
        let view = store.read().expect("it reads");
        let mut sorted: Vec<_> = numbers.iter().map(|key| key.to_vec()).collect();
        sorted.sort_unstable();
        assert_eq!(keys(view.scan(A, &[], &[0xff; 9], usize::MAX).expect("it reads")), sorted, "{engine}");
        assert_eq!(view.get(B, b"long").expect("it reads"), Some(long), "{engine}");
    }
}
