//! Whether a store kept from an earlier run is what this build would make.

use super::books::Clerk;
use super::overlay::Overlay;
use crate::Done;
use crate::world::{self, Console, ISS, KEYS_PER_ACCOUNT, product};
use leasehold::store::open::{FILE_NAME, SCHEMA};
use leasehold_ledger::Command;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::{AccountId, Installation};
use leasehold_ledger::store::{Read, Store, Table};
use leasehold_protocol::{Digest, PublicKey, Time};
use redb::{ReadableDatabase, TableHandle};
use tempfile::TempDir;

/// Names what this build writes: a hash of one account's rows, the schema, and the engine's tables.
///
/// # Errors
/// The store's.
pub fn name() -> Done<String> {
    let memory = MemoryStore::new();
    let clerk = Clerk { vendor: AccountId(world::id(0, 0)), now: Time(1_800_000_000) };
    let mut rows = Overlay::of(memory.read()?.as_ref())?;
    let installation = Installation { iss: ISS.into(), vendor: clerk.vendor, epoch: 1, created: clerk.now };
    clerk.does(&mut rows, &Command::SetUp { installation, vendor: "Example Software".into() })?;
    clerk.does(&mut rows, &Command::CreateProduct(product(Console(KEYS_PER_ACCOUNT).sku())))?;
    clerk.account(&mut rows, 1, &[PublicKey::of(&Console(KEYS_PER_ACCOUNT).key())])?;
    let mut hashed: Vec<u8> = SCHEMA.to_be_bytes().to_vec();
    for table in Table::ALL {
        hashed.extend_from_slice(table.name().as_bytes());
        let rows = rows.scan(*table, &[], &[0xff; 64], usize::MAX)?;
        rows.iter().for_each(|(key, row)| hashed.extend([&key[..], row].concat()));
    }
    let made = TempDir::new()?;
    drop(leasehold::store::create(made.path(), &mut |_| Ok(()))?);
    let engine = redb::Database::open(made.path().join(FILE_NAME))?;
    let mut tables: Vec<String> = engine.begin_read()?.list_tables()?.map(|table| table.name().to_owned()).collect();
    tables.sort();
    hashed.extend(tables.concat().into_bytes());
    Ok(Digest::of(&hashed).to_string()[..12].to_owned())
}
