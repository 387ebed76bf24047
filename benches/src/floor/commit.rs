//! The commit floor: rows of a slot's size put directly into one table of redb, durable and in two phases, as the store commits.
//! This is what a store without a log would do for every renewal.

use crate::Done;
use crate::proc::{own_cpu_us, own_written_bytes};
use crate::world::Console;
use leasehold::clock;
use redb::{Builder, Database, TableDefinition};
use std::path::Path;

const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("rows");
/// As the store's.
const CACHE_LEN: usize = 16 * 1024 * 1024;
/// As a renewal's slot.
const ROW_LEN: usize = 64;

/// Microseconds of CPU a row, bytes written a row, median milliseconds a commit.
///
/// # Errors
/// The engine's.
pub fn direct(file: &Path, rows: u32, batch: u32, commits: u32) -> Done<[f64; 3]> {
    if !file.exists() {
        // Copied, as the stores that are measured are: a file with holes in it makes every commit allocate blocks.
        let begun = file.with_extension("new");
        fill(&Builder::new().create(&begun)?, rows)?;
        std::fs::copy(&begun, file)?;
        std::fs::remove_file(&begun)?;
        std::fs::File::open(file)?.sync_all()?;
    }
    let database = Builder::new().set_cache_size(CACHE_LEN).create(file)?;
    let prepare = |first: u32, round: u8| (batch_keys(first, batch, rows), [round; ROW_LEN]);
    costs(batch, commits, prepare, |(keys, row)| {
        let mut transaction = database.begin_write()?;
        transaction.set_two_phase_commit(true);
        {
            let mut table = transaction.open_table(TABLE)?;
            for key in keys {
                table.insert(&key[..], &row[..])?;
            }
        }
        Ok(transaction.commit()?)
    })
}

/// Keys of `batch` rows, scattered over all.
pub fn batch_keys(first: u32, batch: u32, rows: u32) -> Vec<[u8; 16]> {
    (first..first + batch).map(|row| key(row.wrapping_mul(2_654_435_761) % rows)).collect()
}

/// Prepares a batch (given its first row and a number for its content) and commits it, `commits` times; only the commit counts:
/// microseconds of CPU a row, bytes written a row, median milliseconds a commit.
///
/// # Errors
/// A commit's.
pub fn costs<R>(
    batch: u32,
    commits: u32,
    prepare: impl Fn(u32, u8) -> R,
    mut commit: impl FnMut(R) -> Done,
) -> Done<[f64; 3]> {
    let bytes = own_written_bytes()?;
    let (mut cpu, mut millis) = (0.0, Vec::new());
    for (number, content) in (0..commits).zip((1..=250u8).cycle()) {
        let rows = prepare(number * batch, content);
        let (started, before) = (clock::instant(), own_cpu_us());
        commit(rows)?;
        cpu += own_cpu_us() - before;
        millis.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let rows = f64::from(batch) * f64::from(commits);
    millis.sort_by(f64::total_cmp);
    Ok([cpu / rows, (own_written_bytes()? - bytes) / rows, millis[millis.len() / 2]])
}

fn key(row: u32) -> [u8; 16] {
    Console(row).activation().0
}

fn fill(database: &Database, rows: u32) -> Done {
    let mut keys: Vec<[u8; 16]> = (0..rows).map(key).collect();
    keys.sort_unstable();
    for keys in keys.chunks(100_000) {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for key in keys {
                table.insert(&key[..], &[0; ROW_LEN][..])?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}
