//! The part of an activation that a renewal changes: 64 bytes, the same in memory and on disk.
//!
//! ```text
//! nonce 16 | seq 4 | iat 8 | exp 8 | last seen 4 | usage 4 x 4 | flags 4 | checksum 4   = 64, big-endian
//! ```
//! `cti` is derived from activation and `seq`. Units stand in the cold row: a plain renewal does not change them.

use crate::row;
use crate::store::{StoreError, Table};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Nonce, Time};

/// Bytes of a slot.
pub const SLOT_LEN: usize = 64;
/// Usage counters in a slot.
pub const USAGE_LEN: usize = 4;
const _: () = assert!(16 + 4 + 8 + 8 + 4 + 4 * USAGE_LEN + 4 + 4 == SLOT_LEN);

/// The last answer was a receipt, not a lease.
pub const RELEASED: u32 = 1;
/// The device's clock was more than a day wrong when it asked.
pub const CLOCK_SUSPECT: u32 = 2;

/// The flags of an answer, signed at `now`, to a message that the device dated `asked`; the answer before was signed at `last`.
///
/// A message may be old when it arrives, for it is repeated through an outage; but none is made before the answer it follows, nor in
/// days to come.
#[must_use]
pub fn flags(now: Time, last: Time, asked: Time) -> u32 {
    if asked > now.plus(DAY) || asked.plus(DAY) < last { CLOCK_SUSPECT } else { 0 }
}

/// The last recorded answer of an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// The nonce it answered; the same nonce again is a retry.
    pub nonce: Nonce,
    /// Its sequence number; 0 before the first.
    pub seq: u32,
    /// Signed at.
    pub iat: Time,
    /// Ends at; [`Time::MAX`] for a licence file without an end.
    pub exp: Time,
    /// When the device was last heard, in seconds since 1970 (32 bits last until 2106).
    pub last_seen: u32,
    /// Units in use as the device reports them, in the order of the product's kinds.
    pub usage: [u32; USAGE_LEN],
    /// [`RELEASED`], [`CLOCK_SUSPECT`].
    pub flags: u32,
}

impl Renewal {
    /// The slot.
    #[must_use]
    pub fn encode(&self, activation: ActivationId) -> Vec<u8> {
        let mut slot = Vec::with_capacity(SLOT_LEN);
        slot.extend_from_slice(&self.nonce.0);
        slot.extend_from_slice(&self.seq.to_be_bytes());
        slot.extend_from_slice(&self.iat.0.to_be_bytes());
        slot.extend_from_slice(&self.exp.0.to_be_bytes());
        slot.extend_from_slice(&self.last_seen.to_be_bytes());
        self.usage.iter().for_each(|count| slot.extend_from_slice(&count.to_be_bytes()));
        slot.extend_from_slice(&self.flags.to_be_bytes());
        row::sealed(Table::Renewals, &activation.0, slot)
    }

    /// Reads a slot.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decode(activation: ActivationId, slot: &[u8]) -> Result<Self, StoreError> {
        let corrupt = |problem| StoreError::Corrupt { table: "renewals", key: row::hex(&activation.0), problem };
        let body =
            row::opened(Table::Renewals, &activation.0, slot).ok_or_else(|| corrupt("the checksum does not fit"))?;
        let mut body = Fields(body);
        let read = (|| {
            Some(Self {
                nonce: Nonce(body.take()?),
                seq: u32::from_be_bytes(body.take()?),
                iat: Time(i64::from_be_bytes(body.take()?)),
                exp: Time(i64::from_be_bytes(body.take()?)),
                last_seen: u32::from_be_bytes(body.take()?),
                usage: [body.count()?, body.count()?, body.count()?, body.count()?],
                flags: body.count()?,
            })
        })();
        read.filter(|_| body.0.is_empty()).ok_or_else(|| corrupt("not 64 bytes"))
    }

    /// The device's clock was wrong when it asked last.
    #[must_use]
    pub fn is_clock_suspect(&self) -> bool {
        self.flags & CLOCK_SUSPECT != 0
    }

    /// The last answer was a receipt.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.flags & RELEASED != 0
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn count(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }
}
