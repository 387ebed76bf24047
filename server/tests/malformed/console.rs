//! A console's state file: whatever stands in it, the state machine says no or goes on.

use crate::storm::Met;
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::lease::{AtExpiry, Grant, Lease};
use leasehold_protocol::machine::{
    Bytes, Event, HeldLease, Kind, Machine, Now, Order, Pending, Random, Refusal, State,
};
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units};

const NOW: Time = Time(1_800_000_000);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// A console with a lease in hand and a check on its way.
pub fn state() -> Vec<u8> {
    let (root, device) = (key(1), PublicKey::of(&key(4)));
    let entry = KeyEntry {
        public: PublicKey::of(&key(2)),
        usage: KeyUse::Lease,
        nbf: NOW,
        exp: NOW.plus(1_000_000),
        max_term: None,
        revoked: false,
    };
    let keyset = Keyset { iss: "vendor".into(), version: 1, iat: NOW, exp: NOW.plus(1_000_000), keys: vec![entry] };
    let sub = ActivationId([7; 16]);
    let grant = Grant {
        iss: "vendor".into(),
        sub,
        aud: "PAINT-PRO".into(),
        nbf: NOW,
        iat: NOW,
        cti: Cti::derive(sub, 1),
        device,
        nonce: Nonce([5; 16]),
        units: Units::of("channel", 4).expect("a good kind"),
        features: vec![],
        licensee: "Example Studio".into(),
        free_upgrade_until: None,
        at_expiry: AtExpiry::Stop,
        seq: 1,
    };
    let (exp, renew) = (NOW.plus(100_000), (NOW.plus(40_000), NOW.plus(50_000)));
    let lease = Lease { grant, exp, renew, keyset_version: 1, epoch: 1, notices: vec![] };
    let held = HeldLease { bytes: Bytes(lease.sign(&key(2))), end: exp, unusable: false, proved_by: None };
    let pending = Pending { kind: Kind::Check, nonce: Nonce([6; 16]), bytes: Bytes(vec![0xd2]), sent: 1, rounds: 0 };
    let state = State {
        iss: Some("vendor".into()),
        keyset: Some(Bytes(keyset.sign(&root))),
        lease: Some(held),
        pending: Some(pending),
        mark: Some(NOW),
        due: Some(NOW.plus(45_000)),
        attempts: 2,
        refusal: Some(Refusal { to: Kind::Check, number: 24, at: NOW }),
        ..State::new(PublicKey::of(&root), "PAINT-PRO")
    };
    serde_json::to_vec_pretty(&state).expect("a state is always encodable")
}

/// What can happen to a console.
fn events(state: &State) -> Vec<Event> {
    let answer = |status, body: &[u8]| Event::Answer { status, body: body.into(), retry_after: Some(u32::MAX) };
    let own = state.lease.as_ref().map_or(vec![], |held| held.bytes.0.clone());
    vec![
        Event::Tick,
        answer(503, b""),
        Event::NoAnswer,
        answer(200, &own),
        answer(409, b"\xd2"),
        Event::NoKeyset,
        Event::Keyset(state.keyset.as_ref().map_or(vec![], |keyset| keyset.0.clone())),
        answer(400, b""),
        Event::Check,
        Event::Activate(Order::of("AB12-CD34-EF56-GH78", "1")),
        Event::Request(Order::of("AB12-CD34-EF56-GH78", "1")),
        Event::License(own),
        Event::Return,
        Event::Release,
        Event::NoAnswer,
        Event::Tick,
    ]
}

/// `state.json`'s console. A state that proves itself is lived with, at any hour.
pub fn console_state(bytes: &[u8]) -> Met {
    let Ok(state) = serde_json::from_slice::<State>(bytes) else { return Met::Refused };
    let written = serde_json::to_vec(&state).expect("a state is always encodable");
    assert_eq!(serde_json::from_slice::<State>(&written).expect("it was just written"), state);
    for wall in [NOW, Time(0), Time::MAX] {
        let now = Now { wall, monotonic: 0 };
        let Ok(mut console) = Machine::new(key(4), state.clone(), now) else { return Met::Refused };
        for (step, event) in (0_u8..).zip(events(&state)) {
            let now = Now { wall: wall.plus(i64::from(step)), monotonic: i64::from(step) };
            let actions = console.step(event, now, Random([step.wrapping_mul(37); 24]));
            let _ = (format!("{actions:?}"), console.status(now));
        }
    }
    Met::Accepted
}
