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

/// Ids of one count to the next: the 12 bits after the time (RFC 9562, section 6.2, method 1).
const COUNTED: u64 = 1 << 12;

/// A record's id: version 7, so that rows made together stand together. The clock gives whole seconds; a counter stands
/// for the milliseconds and goes on behind them, so that four million ids sort as they were made before it begins anew.
#[must_use]
pub fn id(now: Time) -> Uuid {
    numbered(now, MADE.fetch_add(1, Ordering::Relaxed), bytes())
}

fn numbered(now: Time, made: u64, mut rest: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.0).unwrap_or(0).saturating_mul(1000) + made / COUNTED % 1000;
    let [.., high, low] = (made % COUNTED).to_be_bytes();
    (rest[0], rest[1]) = (high, low);
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_second_sort_as_they_were_made() {
        let of = |made| numbered(Time(1_800_000_000), made, [0xff; 10]);
        let ids: Vec<Uuid> = (0..COUNTED * 1000).step_by(97).map(of).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert_eq!((ids[1].get_version_num(), ids[1].get_variant()), (7, uuid::Variant::RFC4122));
        assert!(ids.last() < Some(&numbered(Time(1_800_000_001), 0, [0; 10])));
    }
}
