//! What an artefact says: units, end, and the window for the next check.

use crate::apply::Context;
use crate::charge;
use crate::draft::{Draft, Fault, ensure};
use crate::record::{
    Activation, ActivationState, Device, FreeOn, Holding, Installation, Key, Maintenance, Product, Terms,
};
use crate::renewal::Renewal;
use leasehold_protocol::lease::{Grant, Lease};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Day, PublicKey, Refused, Time, Units};
use sha2::{Digest, Sha256};

/// The check window opens at 08:01 UTC (H28)...
const WINDOW_OPENS: i64 = 8 * 3600 + 60;
/// ...and is six hours wide; each activation has its own slot in it.
const WINDOW_LEN: i64 = 6 * 3600;
/// Seconds a slot is wide: the console picks a moment in it.
const SLOT_LEN: i64 = 600;
/// A slot that begins sooner than this after a check is left to the next day.
const REST: i64 = 3600;
/// A notice that upgrades will soon cost again.
const MAINTENANCE_NOTICE_DAYS: i64 = 30;
/// The last lease of a converted lot ends this long after the conversion (H6).
pub const CONVERSION_GRACE: i64 = 14 * DAY;

/// The rows a rule reads to answer a device.
#[derive(Debug, Clone)]
pub struct Case {
    /// The key.
    pub key: Key,
    /// The holding its artefacts come from.
    pub home: Holding,
    /// The product.
    pub product: Product,
    /// The device, if the account has met it.
    pub device: Option<Device>,
}

impl Case {
    /// Reads what an activation refers to.
    ///
    /// # Errors
    /// [`Fault::Store`]; a row that is not there is a damaged store.
    pub fn of(draft: &Draft<'_>, activation: &Activation) -> Result<Self, Fault> {
        Ok(Self {
            key: draft.key(activation.key)?,
            home: draft.holding(activation.holding)?,
            product: draft.product(&activation.product)?,
            device: draft.record(&Device::key_of(activation.account, activation.device))?,
        })
    }

    /// The home holding is a lot that was added to the pool.
    #[must_use]
    pub fn pooled_at(&self) -> Option<Time> {
        self.home.pooled_at()
    }

    /// When an artefact signed at `now` ends, were its term `term`; none is for ever.
    #[must_use]
    pub fn end(&self, now: Time, term: Option<i64>) -> Time {
        let term = term.map_or(Time::MAX, |term| now.plus(term));
        term.min(Terms::of(&self.key, &self.home).ends.unwrap_or(Time::MAX))
    }

    /// The units `activation` may have now, of those it wants. A converted lot goes on with what it had.
    #[must_use]
    pub fn units(&self, activation: &Activation, wanted: Option<&Units>) -> Units {
        let most = match self.pooled_at() {
            Some(_) if self.home.free_on == FreeOn::AtOnce => activation.units.clone(),
            Some(_) => charge::moved(activation).min(&activation.units),
            None => charge::available(&self.home, &activation.charged),
        };
        wanted.map_or_else(|| most.clone(), |wanted| wanted.min(&most))
    }

    /// The lot was not added to the pool, or `activation` has lived on it since before and has its last 14 days (H5, H6).
    #[must_use]
    pub fn goes_on(&self, activation: &Activation, slot: &Renewal, now: Time) -> bool {
        self.pooled_at().is_none_or(|at| {
            let is_living = activation.state == ActivationState::Active && slot.exp > now;
            is_living && activation.created <= at && now < at.plus(CONVERSION_GRACE)
        })
    }

    /// The maintenance allows another artefact (H24, I6).
    ///
    /// # Errors
    /// `maintenance_expired`.
    pub fn maintained(&self, now: Time) -> Result<(), Fault> {
        let holds = is_maintained(&self.product, self.home.upgrade_until, now);
        ensure(holds, Refused::MaintenanceExpired, || self.product.sku.clone())
    }

    /// One device at a time (I9).
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.key.is_single()
    }

    /// The grant of the answer that `slot` records.
    #[must_use]
    pub fn grant(&self, iss: &str, activation: &Activation, slot: &Renewal, device: PublicKey) -> Grant {
        grant(iss, &self.product, &Terms::of(&self.key, &self.home), activation, slot, device)
    }

    /// The lease that `slot` records: the same slot gives the same lease.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn lease(
        &self,
        draft: &Draft<'_>,
        context: &Context<'_>,
        activation: &Activation,
        slot: &Renewal,
        device: PublicKey,
    ) -> Result<Lease, Fault> {
        let (installation, terms) = (draft.installation()?, Terms::of(&self.key, &self.home));
        Ok(lease(context, &installation, &self.product, &terms, activation, slot, device))
    }
}

/// Maintenance allows another artefact (H24, I6).
#[must_use]
pub fn is_maintained(product: &Product, until: Option<Day>, now: Time) -> bool {
    product.maintenance != Maintenance::StopsRenewal || until.is_none_or(|until| until >= now.day())
}

fn grant(
    iss: &str,
    product: &Product,
    terms: &Terms,
    activation: &Activation,
    slot: &Renewal,
    device: PublicKey,
) -> Grant {
    Grant {
        iss: iss.to_owned(),
        sub: activation.id,
        aud: activation.product.clone(),
        nbf: slot.iat,
        iat: slot.iat,
        cti: activation.cti(slot.seq),
        device,
        nonce: slot.nonce,
        units: activation.units.clone(),
        features: product.features.clone(),
        licensee: terms.licensee.clone(),
        free_upgrade_until: terms.upgrade_until,
        at_expiry: product.at_expiry,
        seq: slot.seq,
    }
}

/// The lease that `slot` records under `terms`.
#[must_use]
pub fn lease(
    context: &Context<'_>,
    installation: &Installation,
    product: &Product,
    terms: &Terms,
    activation: &Activation,
    slot: &Renewal,
    device: PublicKey,
) -> Lease {
    Lease {
        grant: grant(&installation.iss, product, terms, activation, slot, device),
        exp: slot.exp,
        renew: window(activation.id, slot.iat, slot.exp),
        keyset_version: context.keyset_version,
        epoch: installation.epoch,
        notices: notices(terms, slot.iat),
    }
}

fn notices(terms: &Terms, now: Time) -> Vec<String> {
    let soon = terms.upgrade_until.is_some_and(|day| day.0 - now.day().0 <= MAINTENANCE_NOTICE_DAYS);
    let notices =
        [(soon, "maintenance_ends_soon"), (terms.arriving, "units_arriving"), (terms.pooled, "licence_pooled")];
    notices.iter().filter(|(told, _)| *told).map(|(_, name)| (*name).to_owned()).collect()
}

/// When the console should check again. Daily leases: in its slot of the check window; short ones: in their third quarter.
#[must_use]
pub fn window(activation: ActivationId, iat: Time, exp: Time) -> (Time, Time) {
    let term = exp.0 - iat.0;
    if term <= 2 * DAY {
        return (iat.plus(term / 2), iat.plus(term * 3 / 4));
    }
    let hash = Sha256::digest(activation.0);
    let share = i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    let offset = share * (WINDOW_LEN - SLOT_LEN) / (1 << 32);
    let today = iat.day().0 * DAY + WINDOW_OPENS + offset;
    let begin = if today >= iat.0 + REST { today } else { today + DAY };
    (Time(begin), Time(begin + SLOT_LEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h28_every_activation_checks_in_a_slot_of_its_own_between_0801_and_1401() {
        let iat = Time(20_000 * DAY + 12 * 3600);
        let begins: Vec<i64> = (0..200u8)
            .map(|id| window(ActivationId([id; 16]), iat, iat.plus(14 * DAY)))
            .inspect(|(from, to)| assert_eq!(to.0 - from.0, SLOT_LEN))
            .map(|(from, _)| from.0)
            .collect();
        assert!(begins.iter().all(|begin| *begin >= iat.0 + REST && *begin < iat.0 + REST + DAY));
        assert!(begins.iter().all(|begin| (WINDOW_OPENS..WINDOW_OPENS + WINDOW_LEN).contains(&begin.rem_euclid(DAY))));
        let early = begins.iter().filter(|begin| begin.rem_euclid(DAY) < WINDOW_OPENS + WINDOW_LEN / 2).count();
        assert!((60..140).contains(&early), "{early} of 200 in the first half");
    }

    #[test]
    fn a_short_lease_is_renewed_after_half_of_its_term() {
        let (from, to) = window(ActivationId([1; 16]), Time(1000), Time(1600));
        assert_eq!((from, to), (Time(1300), Time(1450)));
    }
}
