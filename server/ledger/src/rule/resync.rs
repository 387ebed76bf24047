//! Freshness: does a message follow the last answer? A retry gets the same answer, a stale or captured message changes
//! nothing, a restored device is let back in, two living copies are proved (I10).

use crate::apply::Context;
use crate::record::{Activation, activation::ABANDONED_MAX};
use crate::renewal::Renewal;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::Proof;
use leasehold_protocol::{DeviceId, Nonce};

/// How a message stands to the last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The first of this (key, product, device).
    First,
    /// The last nonce again.
    Retry,
    /// It names the last answer as held.
    Fresh,
    /// Proved by challenge: the device has gone back to artefact `to` (0: it has none).
    Rewound {
        /// The sequence number of what it holds.
        to: u32,
        /// That artefact had been abandoned before: a second copy is alive.
        fork: bool,
    },
    /// None of these.
    Stale,
}

/// How a message stands. `held` is the lease it brought, its signature already checked.
#[must_use]
pub fn standing(
    context: &Context<'_>,
    activation: &Activation,
    slot: &Renewal,
    nonce: Nonce,
    proof: &Proof,
    held: Option<&Lease>,
) -> Standing {
    let last = activation.cti(slot.seq);
    if nonce == slot.nonce {
        return Standing::Retry;
    }
    if proof.challenge == Some((context.challenge)(activation.id, last)) {
        let own = held.filter(|lease| is_own(activation, lease));
        let to = own.map_or(0, |lease| lease.grant.seq);
        if to == slot.seq && !slot.is_released() {
            return Standing::Fresh; // it never went back
        }
        let within = |(first, end): &(u32, u32)| (*first..=*end).contains(&to);
        return Standing::Rewound { to, fork: activation.abandoned.iter().any(within) };
    }
    if proof.held == Some(last) && !slot.is_released() { Standing::Fresh } else { Standing::Stale }
}

fn is_own(activation: &Activation, lease: &Lease) -> bool {
    let device: DeviceId = lease.grant.device.device_id();
    lease.grant.sub == activation.id && device == activation.device
}

/// The device went back to artefact `to`: what came after is a branch it left.
pub fn abandon(activation: &mut Activation, to: u32, last: u32) {
    if to >= last {
        return;
    }
    activation.abandoned.push((to + 1, last));
    let excess = activation.abandoned.len().saturating_sub(ABANDONED_MAX);
    activation.abandoned.drain(..excess);
}
