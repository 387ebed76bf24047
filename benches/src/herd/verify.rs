//! Whether the leases a run brought are what they must be, field by field.

use super::fleet::Message;
use super::tally::Tally;
use crate::Done;
use crate::world::{ISS, TERM, units};
use leasehold::clock::Clock;
use leasehold_ledger::rule::issue::window;
use leasehold_protocol::accept::Expected;
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::lease::{AtExpiry, Lease};
use leasehold_protocol::{Cti, PublicKey, Time};

/// Seconds between the clock of a sample and now.
const AGE_MAX: i64 = 3600;

/// Verifies every sample; says how many.
///
/// # Errors
/// The first that is not what it must be.
pub fn samples(tally: &Tally, messages: &[Message], keys: &Keyset) -> Done<usize> {
    let now = Clock::System.now();
    for sample in &tally.samples {
        let message = &messages[sample.at as usize];
        let wrong = |what: String| format!("the lease of console {}: {what}", message.console.0);
        let lease = judged(message, &sample.body, keys, now).map_err(|error| wrong(error.to_string()))?;
        fields(message, &lease, now).map_err(wrong)?;
    }
    Ok(tally.samples.len())
}

/// By the rules of a console: signature, key, window, term, and that it answers this message.
fn judged(message: &Message, body: &[u8], keys: &Keyset, now: Time) -> Done<Lease> {
    let device = PublicKey::of(&message.console.key());
    let expected = Expected {
        iss: ISS,
        aud: message.console.sku(),
        device: &device,
        nonce: message.console.nonce(message.held + 1),
        seq: Some(message.held),
    };
    Ok(keys.judge_lease(body, &expected, now)?)
}

/// By what the installation holds.
fn fields(message: &Message, lease: &Lease, now: Time) -> Result<(), String> {
    let (console, grant) = (message.console, &lease.grant);
    let same = |what: &str, holds: bool| if holds { Ok(()) } else { Err(format!("{what} is wrong: {lease:?}")) };
    same("sub", grant.sub == console.activation())?;
    same("seq", grant.seq == message.held + 1)?;
    same("cti", grant.cti == Cti::derive(grant.sub, grant.seq))?;
    same("units", grant.units == units(crate::world::UNITS))?;
    same("features", grant.features == ["replication"])?;
    same("licensee", grant.licensee == console.licensee())?;
    same("free_upgrade_until", grant.free_upgrade_until.is_some())?;
    same("at_expiry", grant.at_expiry == AtExpiry::Stop)?;
    same("iat", (now.0 - AGE_MAX..=now.0).contains(&grant.iat.0) && grant.nbf == grant.iat)?;
    same("exp", lease.exp == grant.iat.plus(TERM))?;
    same("renew", lease.renew == window(grant.sub, grant.iat, lease.exp))?;
    same("keyset version, epoch or notices", (lease.keyset_version, lease.epoch) == (1, 1) && lease.notices.is_empty())
}
