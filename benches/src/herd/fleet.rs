//! The messages of a fleet, signed before the clock starts: a check names the lease held, whose name follows from activation
//! and number, so nothing has to be asked first.

use super::Keep;
use crate::world::Console;
use leasehold::clock::Clock;
use leasehold_protocol::PublicKey;
use leasehold_protocol::message::DeviceMessage;
use std::thread;

/// A request on its way, and what its answer is judged by.
pub struct Message {
    /// Who sends it.
    pub console: Console,
    /// The number of the lease it holds.
    pub held: u32,
    /// Head and body.
    pub request: Box<[u8]>,
}

/// The checks of these consoles, each of which holds lease number `held`. All cores the process may use sign.
#[must_use]
pub fn checks(consoles: &[Console], held: u32, keep: Keep) -> Vec<Message> {
    let now = Clock::System.now();
    let signed = |console: &Console| {
        let key = console.key();
        let body = console.check(PublicKey::of(&key), held, now).sign(&key);
        Message { console: *console, held, request: request(&body, keep) }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = consoles.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let parts = consoles.chunks(share).map(|part| scope.spawn(move || part.iter().map(signed).collect::<Vec<_>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("signing does not fail")).collect()
    })
}

/// A request of the device port around a message.
#[must_use]
pub fn request(body: &[u8], keep: Keep) -> Box<[u8]> {
    let close = if keep == Keep::OnePerCheck { "Connection: close\r\n" } else { "" };
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nHost: localhost\r\n{close}Content-Type: {}\r\nContent-Length: {}\r\n\r\n",
        leasehold::check::handle::MEDIA_TYPE,
        body.len()
    );
    [head.as_bytes(), body].concat().into()
}

/// `count` of `all` consoles from number `from` on, scattered over the accounts, none twice before all were there.
#[must_use]
pub fn pick(all: u32, from: u32, count: u32) -> Vec<Console> {
    // A step without a divisor in common with `all` meets every console once.
    let mut step = (all / 5 * 3) | 1;
    while divisor(step, all) > 1 {
        step += 2;
    }
    let index = |number: u32| (u64::from(number) * u64::from(step) % u64::from(all)) as u32;
    (from..from + count).map(|number| Console(index(number))).collect()
}

fn divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// A number from 0 to 1 that follows from another: the herd draws the same in every run.
#[must_use]
pub fn draw(seed: u64) -> f64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_console_is_picked_once() {
        for all in [10, 250, 9_999, 10_000] {
            let mut picked: Vec<u32> = pick(all, 0, all).into_iter().map(|console| console.0).collect();
            picked.sort_unstable();
            assert_eq!(picked, (0..all).collect::<Vec<_>>());
        }
    }
}
