extern crate self as leasehold_protocol;

mod clocks;
mod keysets;
mod offline;
mod online;
mod orders;
mod register;
mod release;
mod vendor;

use super::*;
use crate::ids::Digest;
use crate::time::DAY;
use vendor::{CODE, PRODUCT, START, Vendor};

/// A console, its wires and its clocks. Actions are carried out at once; the log keeps what was sent and shown.
struct Bench {
    machine: Machine,
    vendor: Vendor,
    now: Now,
    drawn: u64,
    sent: Vec<(Kind, Vec<u8>)>,
    shown: Vec<Notice>,
    written: Vec<(crate::armour::Label, Vec<u8>)>,
    saved: State,
    /// Answers to lose on their way back, the server having done its part.
    lose: u32,
}

impl Bench {
    /// A console with its keyset.
    fn new() -> Self {
        let vendor = Vendor::new();
        let state = State::new(PublicKey::of(&vendor.root), PRODUCT);
        let now = Now { wall: START, monotonic: 0 };
        let machine = Machine::new(vendor::key(9), state.clone(), now).expect("a new state is sound");
        let (sent, shown, written) = (vec![], vec![], vec![]);
        let mut bench = Self { machine, vendor, now, drawn: 0, sent, shown, written, saved: state, lose: 0 };
        bench.keyset();
        bench
    }

    /// A console with a lease.
    fn leased() -> Self {
        let mut bench = Self::new();
        bench.step(Event::Activate(Order::of(CODE, "9.1")));
        assert_eq!(bench.phase(), Phase::Licensed, "{:?}", bench.shown);
        bench
    }

    fn keyset(&mut self) {
        let keyset = self.vendor.keyset();
        self.step(Event::Keyset(keyset));
    }

    fn random(&mut self) -> Random {
        self.drawn += 1;
        Random(crate::ids::first(&Digest::of(&self.drawn.to_be_bytes()).0))
    }

    /// Takes the event and whatever follows from it.
    fn step(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let random = self.random();
            for action in self.machine.step(event, self.now, random) {
                events.extend(self.act(action));
            }
        }
    }

    fn act(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Save => self.saved = self.machine.state().clone(),
            Action::Send { kind, bytes } => {
                assert_eq!(self.saved.pending.as_ref().map(|saved| &saved.bytes.0), Some(&bytes), "saved before sent");
                let (status, body) = self.vendor.answer(kind, &bytes);
                self.sent.push((kind, bytes));
                if self.lose > 0 {
                    self.lose -= 1;
                    return Some(Event::NoAnswer);
                }
                return Some(Event::Answer { status, body, retry_after: None });
            }
            Action::FetchKeyset => return Some(Event::Keyset(self.vendor.keyset())),
            Action::Write { label, bytes } => self.written.push((label, bytes)),
            Action::Wait(_) => {}
            Action::Show(notice) => self.shown.push(notice),
        }
        None
    }

    /// Lets time go by for everybody.
    fn pass(&mut self, seconds: i64) {
        self.now = Now { wall: self.now.wall.plus(seconds), monotonic: self.now.monotonic + seconds };
        self.vendor.clock = self.vendor.clock.plus(seconds);
    }

    /// Reads the state from disk again, in a new process.
    fn restart(&mut self) {
        self.now.monotonic = 0;
        let saved = Machine::new(vendor::key(9), self.saved.clone(), self.now);
        self.machine = saved.expect("what was saved is sound");
    }

    fn phase(&self) -> Phase {
        self.machine.phase(self.now)
    }

    fn end(&self) -> Time {
        self.machine.end().expect("something in hand that ends")
    }

    /// What was shown since the last time.
    fn news(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.shown)
    }
}

#[test]
fn a_state_that_was_edited_proves_nothing() {
    let bench = Bench::leased();
    let mut stranger = bench.saved.clone();
    stranger.root = PublicKey::of(&vendor::key(8));
    assert!(Machine::new(vendor::key(9), stranger, bench.now).is_err(), "another root");
    assert!(Machine::new(vendor::key(7), bench.saved.clone(), bench.now).is_err(), "another device");
    let mut product = bench.saved.clone();
    product.product = "other".into();
    assert!(Machine::new(vendor::key(9), product, bench.now).is_err(), "another product");
    let mut bytes = bench.saved.clone();
    if let Some(held) = &mut bytes.lease {
        held.bytes.0[100] ^= 1;
    }
    assert!(Machine::new(vendor::key(9), bytes, bench.now).is_err(), "another lease");
}

#[test]
fn a_restart_changes_nothing() {
    let mut bench = Bench::leased();
    let before = bench.machine.status(bench.now);
    bench.restart();
    assert_eq!(bench.machine.status(bench.now), before);
    assert_eq!(before.licensee.as_deref(), Some("Example-Licensee"));
    assert_eq!(before.end, Some(START.plus(14 * DAY)));
}
