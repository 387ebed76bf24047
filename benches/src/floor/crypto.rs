//! V and S: what no server can leave out. `ed25519-dalek` directly: a key parsed from its bytes and one strict verification;
//! one signature. Every message has its own key, as every check has.

use crate::proc::own_cpu_us;
use crate::world::Console;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use std::hint::black_box;

/// Messages in turn, so that none stays in the cache.
const MESSAGES: u32 = 2_000;

struct Signed {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

/// Microseconds of CPU to verify a message of `message` bytes, and to sign one of `answer`.
#[must_use]
pub fn measure(message: usize, answer: usize, times: u32) -> [f64; 2] {
    let signed: Vec<Signed> = (0..MESSAGES.min(times)).map(|index| sign(index, message)).collect();
    let rest = vec![7; answer];
    let key = Console(0).key();
    let verify = timed(times, |at| {
        let Signed { key, message, signature } = &signed[at as usize % signed.len()];
        let parsed = VerifyingKey::from_bytes(black_box(key));
        let held = parsed.and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)));
        assert!(held.is_ok(), "a good signature holds");
    });
    let sign = timed(times, |_| {
        black_box(key.sign(black_box(&rest)));
    });
    [verify, sign]
}

fn sign(index: u32, len: usize) -> Signed {
    let key = Console(index).key();
    let message: Vec<u8> = index.to_be_bytes().into_iter().cycle().take(len).collect();
    Signed { key: key.verifying_key().to_bytes(), signature: key.sign(&message).to_bytes(), message }
}

/// Microseconds of CPU each time.
fn timed(times: u32, mut work: impl FnMut(u32)) -> f64 {
    let before = own_cpu_us();
    (0..times).for_each(&mut work);
    (own_cpu_us() - before) / f64::from(times)
}
