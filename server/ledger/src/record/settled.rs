//! What the next lease of a settled activation takes from the rows around it, copied into its own row.

use crate::record::{Holding, HoldingRole, Key};
use crate::rule::issue::CONVERSION_GRACE;
use leasehold_protocol::claims::Fingerprint;
use leasehold_protocol::{Day, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What key and holding put into a lease, apart from its units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// To whom.
    pub licensee: String,
    /// No lease outlives this: the holding's end, the grace of a conversion.
    pub ends: Option<Time>,
    /// Upgrades are free up to this day.
    pub upgrade_until: Option<Day>,
    /// The lot was added to the pool.
    pub pooled: bool,
    /// Units moved here are still carried by another artefact.
    pub arriving: bool,
}

impl Terms {
    /// The terms under `key` and its holding.
    #[must_use]
    pub fn of(key: &Key, home: &Holding) -> Self {
        let pooled = home.pooled_at().map(|at| at.plus(CONVERSION_GRACE));
        Self {
            licensee: key.licensee.clone(),
            ends: [home.until(), pooled].into_iter().flatten().min(),
            upgrade_until: home.upgrade_until,
            pooled: pooled.is_some(),
            arriving: home.role == HoldingRole::Allotment && !home.encumbered.is_none(),
        }
    }
}

/// An activation that has all it asked for, with nothing under way: its next lease follows from this, its own row, the
/// product and the clock. Nothing else is read for it (I13), so every change to the rows it was copied from takes it away
/// ([`crate::rule::settled::unsettle`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What key and holding say.
    pub terms: Terms,
    /// A hash of the fingerprint that was found good.
    pub fingerprint: [u8; 16],
}

/// A hash of a device's fingerprint; equal for equal ones.
#[must_use]
pub fn digest(fingerprint: &Fingerprint) -> [u8; 16] {
    let mut hash = Sha256::new();
    for (component, value) in fingerprint {
        hash.update([u8::try_from(component.len()).unwrap_or(u8::MAX)]);
        hash.update(component);
        hash.update(value);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}
