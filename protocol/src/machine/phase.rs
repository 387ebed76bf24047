//! Where a console stands: one word, and what a product and its user want to know.

use super::Machine;
use super::event::Now;
use super::state::Kind;
use crate::ids::{ActivationId, DeviceId};
use crate::lease::{AtExpiry, Grant};
use crate::time::{Day, Time};
use crate::units::Units;
use serde::Serialize;
use std::fmt;

/// Where a console stands. Where several hold, the one that stands first here is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing in hand that was not given back.
    Unlicensed,
    /// Nothing in hand either, and the device is announced: it asks again until somebody has licensed it.
    Waiting,
    /// What was in hand has ended: `at_expiry` says what the product does.
    Expired,
    /// The wall clock is more than a day behind what the server has signed; the grant goes on.
    ClockSuspect,
    /// The server refused the last check; the lease goes on to its end.
    Stopped,
    /// The check's window has closed without an answer; the lease goes on to its end.
    Overdue,
    /// All is well.
    Licensed,
}

impl Phase {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Unlicensed => "unlicensed",
            Phase::Waiting => "waiting",
            Phase::Expired => "expired",
            Phase::ClockSuspect => "clock_suspect",
            Phase::Stopped => "stopped",
            Phase::Overdue => "overdue",
            Phase::Licensed => "licensed",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What a product and its user want to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Where the console stands.
    pub state: Phase,
    /// The product's sku.
    pub product: String,
    /// The device.
    pub device: DeviceId,
    /// The installation pinned.
    pub installation: Option<String>,
    /// The activation.
    pub activation: Option<ActivationId>,
    /// The number of the lease or licence file.
    pub seq: Option<u32>,
    /// To whom it was granted.
    pub licensee: Option<String>,
    /// The units in hand; none once they ended or were given back.
    pub units: Units,
    /// The features in hand; none once they ended or were given back.
    pub features: Vec<String>,
    /// When it ends; none for a perpetual licence file.
    pub end: Option<Time>,
    /// What the product does then.
    pub at_expiry: Option<AtExpiry>,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<Day>,
    /// Words for the product to show, by their code.
    pub notices: Vec<String>,
    /// When the next message is due.
    pub next_check: Option<Time>,
    /// The message on its way.
    pub pending: Option<Kind>,
    /// The last signed refusal's code.
    pub refusal: Option<&'static str>,
    /// What it means and what to do.
    pub refusal_text: Option<&'static str>,
    /// When it was signed.
    pub refused_at: Option<Time>,
    /// The version of the keyset in hand; 0 for none.
    pub keyset_version: u32,
    /// From this moment the keyset vouches for nothing new.
    pub keyset_end: Option<Time>,
    /// The newest signed server time.
    pub server_time: Option<Time>,
}

impl Machine {
    /// Where the console stands.
    #[must_use]
    pub fn phase(&self, now: Now) -> Phase {
        let Some(grant) = self.granted() else {
            return if self.state.pending_of(Kind::Register).is_some() { Phase::Waiting } else { Phase::Unlicensed };
        };
        let time = self.time(now);
        let by_lease = self.usable_lease().filter(|lease| lease.grant.cti == grant.cti);
        let refused = self.state.refusal.is_some_and(|refusal| refusal.to == Kind::Check && !refusal.passes());
        match () {
            () if self.end().is_some_and(|end| time >= end) => Phase::Expired,
            () if self.is_clock_suspect(now) => Phase::ClockSuspect,
            () if by_lease.is_some() && refused => Phase::Stopped,
            () if by_lease.is_some_and(|lease| time > lease.renew.1) => Phase::Overdue,
            () => Phase::Licensed,
        }
    }

    /// What may be used now: nothing where it ended or was given back.
    #[must_use]
    pub fn grant(&self, now: Now) -> Option<&Grant> {
        self.granted().filter(|_| self.is_licensed(now))
    }

    /// When what is in hand ends; none for a perpetual licence file and for nothing in hand.
    #[must_use]
    pub fn end(&self) -> Option<Time> {
        let lease = self.usable_lease().and(self.state.lease.as_ref()).map(|held| Some(held.end));
        let license = self.usable_license().map(|license| license.exp);
        match (lease, license) {
            (Some(_), Some(None)) => None,
            (Some(lease), Some(license)) => lease.max(license),
            (one, other) => one.or(other).flatten(),
        }
    }

    /// What a product and its user want to know.
    #[must_use]
    pub fn status(&self, now: Now) -> Status {
        let grant = self.granted();
        let usable = self.grant(now);
        let refusal = self.state.refusal;
        Status {
            state: self.phase(now),
            product: self.state.product.clone(),
            device: self.device.device_id(),
            installation: self.state.iss.clone(),
            activation: grant.map(|grant| grant.sub),
            seq: grant.map(|grant| grant.seq),
            licensee: grant.map(|grant| grant.licensee.clone()),
            units: usable.map(|grant| grant.units.clone()).unwrap_or_default(),
            features: usable.map(|grant| grant.features.clone()).unwrap_or_default(),
            end: self.end(),
            at_expiry: grant.map(|grant| grant.at_expiry),
            free_upgrade_until: grant.and_then(|grant| grant.free_upgrade_until),
            notices: self.usable_lease().map(|lease| lease.notices.clone()).unwrap_or_default(),
            next_check: self.state.due,
            pending: self.state.pending.as_ref().map(|pending| pending.kind),
            refusal: refusal.map(|refusal| refusal.code()),
            refusal_text: refusal.map(|refusal| refusal.text()),
            refused_at: refusal.map(|refusal| refusal.at),
            keyset_version: self.keyset_version(),
            keyset_end: self.keyset().map(|keyset| keyset.exp),
            server_time: self.state.mark,
        }
    }

    pub(super) fn is_licensed(&self, now: Now) -> bool {
        !matches!(self.phase(now), Phase::Unlicensed | Phase::Waiting | Phase::Expired)
    }

    /// The grant in hand that lasts longest, also where it has ended.
    fn granted(&self) -> Option<&Grant> {
        let lease = self.usable_lease().map(|lease| &lease.grant);
        let license = self.usable_license();
        let lease_end = self.state.lease.as_ref().map(|held| held.end);
        match (lease, license) {
            (Some(lease), Some(license)) => {
                let outlasts = license.exp.is_none_or(|exp| Some(exp) > lease_end);
                Some(if outlasts { &license.grant } else { lease })
            }
            (lease, license) => lease.or(license.map(|license| &license.grant)),
        }
    }
}
