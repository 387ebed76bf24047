//! What the store itself costs a plain renewal: the writer's transaction without anything around it.

use super::commit::{batch_keys, costs};
use crate::Done;
use crate::world::TERM;
use leasehold::clock::Clock;
use leasehold::store;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::store::{Store, Table, Write};
use leasehold_protocol::{ActivationId, Nonce};
use std::path::Path;

/// Microseconds of CPU a renewal, bytes written a renewal, median milliseconds a commit.
///
/// # Errors
/// The store's.
pub fn through_store(data: &Path, rows: u32, batch: u32, commits: u32) -> Done<[f64; 3]> {
    let store = store::open(data)?;
    let now = Clock::System.now();
    let slot = |round: u8| Renewal {
        nonce: Nonce([round; 16]),
        seq: u32::from(round) + 1,
        iat: now,
        exp: now.plus(TERM),
        last_seen: 0,
        usage: [0; 4],
        flags: 0,
    };
    // Encoded before: the rule pays for that, not the store.
    let prepare = |first, content| -> Vec<([u8; 16], Vec<u8>)> {
        let slots =
            batch_keys(first, batch, rows).into_iter().map(|key| (key, slot(content).encode(ActivationId(key))));
        slots.collect()
    };
    costs(batch, commits, prepare, |slots| {
        let put = |tx: &mut dyn Write| slots.iter().try_for_each(|(key, slot)| tx.put(Table::Renewals, key, slot));
        Ok(store.write(&mut |tx| put(tx))?)
    })
}
