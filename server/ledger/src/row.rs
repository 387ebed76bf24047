//! How a record becomes a row: version, body, checksum.
//!
//! ```text
//! version: u8 | body: postcard encoding of the record | checksum: first 4 bytes of SHA-256(table, 0, key, version, body)
//! ```
//! Table and key are in the checksum, so a row that strayed to another place is noticed as well as a flipped bit.

use crate::store::{StoreError, Table};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

const CHECKSUM_LEN: usize = 4;

/// A record that stands in a table.
pub trait Record: Serialize + DeserializeOwned {
    /// Where it stands.
    const TABLE: Table;
    /// The version of its encoding that is written.
    const VERSION: u8 = 1;

    /// The row's key.
    fn key(&self) -> Vec<u8>;
}

/// The row of `record`.
#[must_use]
pub fn encode<R: Record>(record: &R) -> Vec<u8> {
    let row = postcard::to_extend(record, vec![R::VERSION]).expect("a record is always encodable into memory");
    sealed(R::TABLE, &record.key(), row)
}

/// The record in `row`.
///
/// # Errors
/// [`StoreError::Corrupt`] when the row is not one that was written here.
pub fn decode<R: Record>(key: &[u8], row: &[u8]) -> Result<R, StoreError> {
    let corrupt = |problem| StoreError::Corrupt { table: R::TABLE.name(), key: hex(key), problem };
    let row = opened(R::TABLE, key, row).ok_or_else(|| corrupt("the checksum does not fit"))?;
    match row.split_first() {
        Some((version, body)) if *version == R::VERSION => {
            postcard::from_bytes(body).map_err(|_| corrupt("the body is not a record"))
        }
        _ => Err(corrupt("a version of the encoding that is not known")),
    }
}

/// `body` with its checksum behind it.
#[must_use]
pub fn sealed(table: Table, key: &[u8], mut body: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(table, key, &body);
    body.extend_from_slice(&checksum);
    body
}

/// The body in front of a checksum that fits.
#[must_use]
pub fn opened<'a>(table: Table, key: &[u8], row: &'a [u8]) -> Option<&'a [u8]> {
    let (body, found) = row.split_last_chunk::<CHECKSUM_LEN>()?;
    (*found == checksum(table, key, body)).then_some(body)
}

fn checksum(table: Table, key: &[u8], body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut hash = Sha256::new();
    hash.update(table.name());
    hash.update([0]);
    hash.update(key);
    hash.update(body);
    let hash = hash.finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Lower-case hex, for error messages.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
