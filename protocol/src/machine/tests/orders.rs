//! Random orders of events: what must hold whatever happens, in whatever order.

use super::register::enrolment;
use super::vendor::{CODE, ENROLMENT, START, units};
use super::*;
use crate::Nonce;
use crate::refusal::Refused;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Stroke {
    Tick,
    Activate(bool),
    Register,
    /// Somebody licenses what is announced, or does not yet.
    License(bool),
    Check,
    Release,
    Request,
    Import,
    Return,
    /// The server answers a message sent before, the newest first; the answer is kept on the wire.
    Serve(usize),
    /// An answer on the wire arrives, and stays there to arrive again.
    Deliver(usize),
    /// An answer on the wire arrives damaged.
    Damage(usize, usize),
    NoAnswer,
    Status(u16),
    Keyset,
    NoKeyset,
    Pass(i64),
    SetClock(i64),
    Refuse(Option<Refused>),
    Units(u32),
    Revoke,
    Restart,
}

fn stroke() -> impl Strategy<Value = Stroke> {
    use Stroke::*;
    let refusals = prop_oneof![Just(None), (0..Refused::ALL.len()).prop_map(|at| Some(Refused::ALL[at]))];
    let common = prop_oneof![
        4 => Just(Tick), 2 => any::<bool>().prop_map(Activate), 1 => Just(Register), 3 => Just(Check), 1 => Just(Release),
        1 => Just(Request), 1 => Just(Import), 1 => Just(Return),
        8 => (0usize..3).prop_map(Serve), 8 => (0usize..3).prop_map(Deliver),
    ];
    let rare = prop_oneof![
        (0usize..3, 0usize..600).prop_map(|(which, bit)| Damage(which, bit)),
        Just(NoAnswer),
        (400u16..504).prop_map(Status),
        Just(Status(202)),
        any::<bool>().prop_map(License),
        Just(Keyset),
        Just(NoKeyset),
        (0i64..3 * DAY).prop_map(Pass),
        (-9 * DAY..9 * DAY).prop_map(SetClock),
        refusals.prop_map(Refuse),
        (1u32..20).prop_map(Units),
        Just(Revoke),
        Just(Restart),
    ];
    prop_oneof![3 => common, 1 => rare]
}

/// A console on wires that keep everything, and what must hold about it.
struct Wires {
    bench: Bench,
    outbox: Vec<(Kind, Vec<u8>)>,
    wire: Vec<(u16, Vec<u8>)>,
    by_nonce: BTreeMap<Nonce, Vec<u8>>,
    given_back: Vec<crate::Cti>,
    revoked: u8,
}

impl Wires {
    fn strike(&mut self, stroke: Stroke) {
        let bench = &mut self.bench;
        let newest = |len: usize, back: usize| len.checked_sub(back + 1);
        let event = match stroke {
            Stroke::Tick => Event::Tick,
            Stroke::Activate(replaces) => Event::Activate(Order { replaces, ..Order::of(CODE, "9.1") }),
            Stroke::Register => Event::Register(enrolment(ENROLMENT)),
            Stroke::License(licensed) => return bench.vendor.licensed = licensed,
            Stroke::Check => Event::Check,
            Stroke::Release => Event::Release,
            Stroke::Request => Event::Request(Order { replaces: true, ..Order::of(CODE, "9.1") }),
            Stroke::Import => match &bench.machine.state().request {
                Some(request) => Event::License(bench.vendor.license(request, Some(90 * DAY))),
                None => return,
            },
            Stroke::Return => Event::Return,
            Stroke::Serve(back) => {
                let asked = newest(self.outbox.len(), back).map(|at| self.outbox[at].clone());
                return asked.map_or((), |(kind, bytes)| self.wire.push(bench.vendor.answer(kind, &bytes)));
            }
            Stroke::Deliver(back) => match newest(self.wire.len(), back).map(|at| self.wire[at].clone()) {
                Some((status, body)) => Event::Answer { status, body, retry_after: None },
                None => return,
            },
            Stroke::Damage(back, bit) => match newest(self.wire.len(), back).map(|at| self.wire[at].clone()) {
                Some((status, mut body)) if !body.is_empty() => {
                    let at = (bit / 8) % body.len();
                    body[at] ^= 1 << (bit % 8);
                    Event::Answer { status, body, retry_after: None }
                }
                _ => return,
            },
            Stroke::NoAnswer => Event::NoAnswer,
            Stroke::Status(status) => Event::Answer { status, body: vec![], retry_after: Some(7) },
            Stroke::Keyset => Event::Keyset(bench.vendor.keyset()),
            Stroke::NoKeyset => Event::NoKeyset,
            Stroke::Pass(seconds) => return bench.pass(seconds),
            Stroke::SetClock(seconds) => return bench.now.wall = bench.now.wall.plus(seconds),
            Stroke::Refuse(refused) => return bench.vendor.refuse = refused,
            Stroke::Units(count) => return bench.vendor.units = units(count),
            Stroke::Revoke => {
                self.revoked += 1;
                return if self.revoked < 8 {
                    bench.vendor.revoke_lease_key(100 + self.revoked)
                };
            }
            Stroke::Restart => return bench.restart(),
        };
        self.take(event);
    }

    fn take(&mut self, event: Event) {
        let random = self.bench.random();
        let before = self.held();
        let had_keyset = self.bench.machine.keyset().map(|keyset| keyset.version);
        for action in self.bench.machine.step(event, self.bench.now, random) {
            match action {
                Action::Save => self.bench.saved = self.bench.machine.state().clone(),
                Action::Send { kind, bytes } => self.sent(kind, bytes),
                _ => {}
            }
        }
        self.check_lease(before, had_keyset);
    }

    fn sent(&mut self, kind: Kind, bytes: Vec<u8>) {
        let pending = self.bench.machine.state().pending.clone().expect("what is sent is pending");
        assert_eq!(pending.bytes.0, bytes);
        assert_eq!(self.bench.saved.pending.as_ref(), Some(&pending), "on disk before it is sent");
        let first = self.by_nonce.entry(pending.nonce).or_insert_with(|| bytes.clone());
        assert_eq!(*first, bytes, "one nonce, one message");
        self.outbox.push((kind, bytes));
    }

    fn held(&self) -> Option<(Lease, HeldLease)> {
        self.bench.machine.lease().cloned().zip(self.bench.machine.state().lease.clone())
    }

    fn check_lease(&mut self, before: Option<(Lease, HeldLease)>, had_keyset: Option<u32>) {
        let after = self.held();
        if let (Some((old, was)), Some((new, is))) = (&before, &after) {
            let newer_keyset = self.bench.machine.keyset().map(|keyset| keyset.version) > had_keyset;
            match old.grant.cti == new.grant.cti {
                true => assert!(is.end == was.end || newer_keyset, "only a keyset that revokes shortens a lease"),
                false => assert!(old.grant.sub == new.grant.sub && new.grant.seq > old.grant.seq, "seq only rises"),
            }
        }
        assert!(before.is_none() || after.is_some(), "a lease is never lost");
        let unusable = after.filter(|(_, held)| held.unusable).map(|(lease, _)| lease.grant.cti);
        self.given_back.extend(unusable);
        let now = self.bench.now;
        if let Some(grant) = self.bench.machine.grant(now) {
            assert!(!self.given_back.contains(&grant.cti), "given back, and used again");
            assert!(self.bench.machine.end().is_none_or(|end| now.wall < end), "ended, and used");
        }
    }
}

fn wires() -> Wires {
    let bench = Bench::new();
    Wires { bench, outbox: vec![], wire: vec![], by_nonce: BTreeMap::new(), given_back: vec![], revoked: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_that_happens_breaks_the_rules(strokes in prop::collection::vec(stroke(), 1..80)) {
        let mut wires = wires();
        wires.take(Event::Activate(Order::of(CODE, "9.1")));
        wires.strike(Stroke::Serve(0));
        wires.strike(Stroke::Deliver(0));
        prop_assert_eq!(wires.bench.phase(), Phase::Licensed);
        for stroke in strokes {
            wires.strike(stroke);
        }
        // and it recovers: once the server answers again and clocks are right, it is licensed or was given back
        let bench = &mut wires.bench;
        (bench.vendor.refuse, bench.vendor.licensed) = (None, true);
        bench.vendor.clock = bench.vendor.clock.max(bench.machine.state().mark.unwrap_or(START)).plus(DAY);
        bench.now.wall = bench.vendor.clock;
        for _ in 0..3 {
            bench.step(Event::Check); // a retry, a question asked anew, its answer
        }
        let given_back = bench.machine.state().lease.as_ref().is_some_and(|held| held.unusable);
        prop_assert!(given_back || bench.phase() == Phase::Licensed, "{:?} {:?}", bench.phase(), bench.news());
    }
}
