//! Activations: a product on a device under a key. This is the cold part; [`crate::renewal`] is the other.

use crate::record::id::{AccountId, HoldingId, KeyId};
use crate::record::settled::Settled;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::{ActivationId, Cti, DeviceId, Time, Units};
use serde::{Deserialize, Serialize};

/// Branches of answers remembered as abandoned; beyond this the oldest is forgotten.
pub const ABANDONED_MAX: usize = 8;

/// How the device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On leases, online.
    Lease,
    /// On a licence file.
    File,
}

/// What became of it. Whether an active one has lapsed is decided by time; `Lapsed` records that a job saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationState {
    /// Renewed as it asks.
    Active,
    /// Given back by the device.
    Released,
    /// Its last artefact ended by time.
    Lapsed,
    /// Somebody has ended its renewal; what the device holds runs to its end.
    Stopped,
}

/// Units in an artefact that may still be alive beside the current one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// Its sequence number.
    pub seq: u32,
    /// What it carries.
    pub units: Units,
    /// When it ends by time.
    pub exp: Time,
}

/// Units this activation's artefacts carry that were moved from its home holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encumbrance {
    /// Where they are now.
    pub at: HoldingId,
    /// How many.
    pub units: Units,
}

/// The cold part of an activation. Kept for ever, released or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// Its id; `sub` of its artefacts.
    pub id: ActivationId,
    /// The key it was made with.
    pub key: KeyId,
    /// The holding its artefacts are issued from: its home.
    pub holding: HoldingId,
    /// Whose.
    pub account: AccountId,
    /// The product's sku.
    pub product: String,
    /// Where.
    pub device: DeviceId,
    /// On leases or on a file.
    pub mode: Mode,
    /// What became of it.
    pub state: ActivationState,
    /// Units asked for; none for all the key gives.
    pub wanted: Option<Units>,
    /// Units in the current artefact (the one the renewal slot names).
    pub units: Units,
    /// Units charged to the home holding for all its living artefacts.
    pub charged: Units,
    /// Units it carries that were moved on, oldest first.
    pub encumbrances: Vec<Encumbrance>,
    /// Older artefacts that may still be alive.
    pub older: Vec<Artefact>,
    /// Sequence numbers `(first, last)` of answers the device went back behind.
    pub abandoned: Vec<(u32, u32)>,
    /// The product's version, as last reported.
    pub version: String,
    /// The number of the refusal it got last, if its last answer was one.
    pub refused: Option<u16>,
    /// The time under which the Due table lists it.
    pub due: Option<Time>,
    /// The last day an alarm of each kind was written.
    pub alarms: Vec<(Alarm, i64)>,
    /// Its next renewal is a plain one, and what that takes from other rows.
    pub settled: Option<Settled>,
    /// Made at.
    pub created: Time,
}

/// Things worth an Event at most once a day (I13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Alarm {
    /// The device came back with an older lease.
    Rewind,
    /// A branch abandoned earlier showed up again: two living copies.
    Fork,
    /// Less than half of the fingerprint is left.
    Mismatch,
}

impl Activation {
    /// It is active, something is booked for it still, or an artefact of it is yet to end: where units are free at once one may
    /// live that nothing is booked for. What is not has nothing that a rule would have to count.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let booked = !self.charged.is_none() || !self.encumbrances.is_empty() || !self.older.is_empty();
        self.state == ActivationState::Active || booked || self.due.is_some()
    }

    /// The `cti` of its artefact number `seq`.
    #[must_use]
    pub fn cti(&self, seq: u32) -> Cti {
        Cti::derive(self.id, seq)
    }
}

impl Record for Activation {
    const TABLE: Table = Table::Activations;
    fn key(&self) -> Vec<u8> {
        self.id.0.to_vec()
    }
}
