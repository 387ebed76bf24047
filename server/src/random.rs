//! Randomness: ids, key codes, token secrets. All of it comes from the operating system through `ring`.

use leasehold_ledger::rule::code::{self, CODE_SEED_LEN};
use leasehold_protocol::{ActivationId, Time};
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// `N` random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing secret can be made then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// Counts ids, so that those made within one second sort in the order they were made.
static MADE: AtomicU64 = AtomicU64::new(0);

/// A record's id: version 7, so that rows made together stand together. The clock gives whole seconds; a counter stands
/// for the milliseconds.
#[must_use]
pub fn id(now: Time) -> Uuid {
    let within = MADE.fetch_add(1, Ordering::Relaxed) % 1000;
    let millis = u64::try_from(now.0).unwrap_or(0).saturating_mul(1000) + within;
    Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

/// An activation's id: version 4, for it travels and should tell nothing.
#[must_use]
pub fn activation() -> ActivationId {
    ActivationId(Builder::from_random_bytes(bytes()).into_uuid().into_bytes())
}

/// A key code.
#[must_use]
pub fn key_code() -> String {
    loop {
        if let Some(code) = code::draw(&bytes::<CODE_SEED_LEN>()) {
            return code;
        }
    }
}
