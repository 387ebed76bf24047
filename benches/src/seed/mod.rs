//! Makes a store with any number of keys, each activated by a console of [`crate::world`].
//!
//! ```text
//! derive public keys  ->  apply commands, an account at a time  ->  write rows, in the order of their keys
//! ```
//! Three threads, one a step. Every row comes out of the ledger's own commands ([`books`]); only the transactions are larger than
//! a server's. The installation is made by the same function as `leasehold init --demo-root`, so that `serve` starts on it.

pub mod books;
pub mod bulk;
pub mod cache;
mod format;
pub mod overlay;

use crate::world::{Console, ISS, KEYS_PER_ACCOUNT, SKUS, product};
use crate::{Done, progress};
use books::Clerk;
use bulk::{Bulk, Which};
use leasehold::clock::{self, Clock};
use leasehold::init::{Plan, init};
use leasehold::{server, store};
use leasehold_ledger::Command;
use leasehold_ledger::record::EventHead;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view::find;
use leasehold_protocol::PublicKey;
use overlay::Overlay;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Accounts that travel together from step to step.
const ACCOUNTS: usize = 40;
/// Rows in memory from which on they are written.
const ROWS_MAX: usize = 1_500_000;

/// Whether the Events of the commands are written too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum History {
    /// As a real store has them: two a key and their two sides.
    Kept,
    /// Without: half of the bytes, for stores of which only the cost of a check matters.
    LeftOut,
}

/// What was made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Seconds it took.
    pub seconds: f64,
    /// The store file's bytes.
    pub bytes: u64,
}

/// Makes an installation in `data` with a store of `keys` keys.
///
/// # Errors
/// A folder that has a store, a disk that is full.
pub fn seed(data: &Path, keys: u32, history: History) -> Done<Made> {
    let started = clock::instant();
    let plan = Plan { data, iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
    init(&plan, Clock::System).map_err(|failure| format!("{failure:?}"))?;
    let store = store::open(data)?;
    let installation = server::installation(&store).map_err(|failure| format!("{failure:?}"))?;
    let clerk = Clerk { vendor: installation.vendor, now: installation.created };
    let mut rows = Overlay::of(store.read()?.as_ref())?;
    for sku in SKUS {
        clerk.does(&mut rows, &Command::CreateProduct(product(sku)))?;
    }
    let head: Option<EventHead> = find(&rows, EventHead::KEY)?;
    let bar = progress::bar(keys.into(), "keys seeded");
    thread::scope(|scope| {
        let (publics, to_apply) = sync_channel(2);
        let (applied, to_write) = sync_channel(2);
        scope.spawn(move || derive(keys, &publics));
        let write = scope.spawn(|| write(&store, to_write, &bar).map_err(|error| error.to_string()));
        let apply = apply(&clerk, &mut rows, history, to_apply, applied);
        write.join().map_err(|_| "the writing thread panicked")??;
        apply
    })?;
    if history == History::LeftOut
        && let Some(head) = head
    {
        // The chain ends where its last Event is.
        leasehold_ledger::store::Write::put(
            &mut rows,
            Table::Meta,
            EventHead::KEY,
            &leasehold_ledger::row::encode(&head),
        )?;
    }
    store.write(&mut |tx| rows.write(tx))?;
    drop(store);
    bar.finish_and_clear();
    Ok(Made { seconds: started.elapsed().as_secs_f64(), bytes: store::open::bytes_on_disk(data) })
}

/// An account's number and its consoles' public keys.
type Publics = Vec<(u32, Vec<PublicKey>)>;

fn derive(keys: u32, to: &SyncSender<Publics>) {
    let accounts: Vec<u32> = (0..keys.div_ceil(KEYS_PER_ACCOUNT)).collect();
    for accounts in accounts.chunks(ACCOUNTS) {
        let publics = accounts.iter().map(|account| {
            let first = account * KEYS_PER_ACCOUNT;
            let consoles = first..(first + KEYS_PER_ACCOUNT).min(keys);
            (*account, consoles.map(|index| PublicKey::of(&Console(index).key())).collect())
        });
        if to.send(publics.collect()).is_err() {
            return; // the next step has failed and says why
        }
    }
}

fn apply(
    clerk: &Clerk,
    rows: &mut Overlay,
    history: History,
    from: Receiver<Publics>,
    to: SyncSender<(u64, Bulk)>,
) -> Done {
    let kept = rows.kept();
    let left_out: &[Table] = match history {
        History::Kept => &[],
        History::LeftOut => &[Table::Events, Table::AccountEvents],
    };
    for accounts in from {
        let mut bulk = Bulk::new();
        let mut keys = 0;
        for (number, publics) in accounts {
            clerk.account(rows, number, &publics)?;
            rows.drain(&kept, left_out, &mut bulk);
            keys += publics.len() as u64;
        }
        if to.send((keys, bulk)).is_err() {
            return Ok(()); // the next step has failed and says why
        }
    }
    Ok(())
}

fn write(store: &dyn Store, from: Receiver<(u64, Bulk)>, bar: &indicatif::ProgressBar) -> Done {
    let mut all = Bulk::new();
    for (keys, bulk) in from {
        all.append(bulk);
        if all.len(Which::Rising) >= ROWS_MAX {
            all.write(Which::Rising, store, |_| ())?;
        }
        bar.inc(keys);
    }
    all.write(Which::Rising, store, |_| ())?;
    let rest = progress::bar(all.len(Which::Scattered) as u64, "scattered rows written");
    all.write(Which::Scattered, store, |rows| rest.inc(rows))?;
    rest.finish_and_clear();
    Ok(())
}
