//! Devices and keys the store does not know: a signed no from a small budget, then a bare one; devices it knows are served all
//! the while, from the same address.

use crate::Stage;
use crate::common::device::{Device, Heard};
use crate::common::instant;
use leasehold_protocol::Refused;
use leasehold_protocol::machine::Kind;

/// Failures an address has at once, before it gets one every tenth of a second.
const BUDGET: u32 = 200;
/// Bare answers that show that the budget has ended.
const ENOUGH: u32 = 50;

#[test]
fn strangers_use_up_their_budget_and_known_devices_are_served_behind_the_same_address() {
    let stage = Stage::set();
    let mut http = stage.http();
    let mut known = Device::new(&stage.seed.pool[0]);
    known.takes(&mut http, &stage.keys, Kind::Activate);
    let (mut signed, mut bare) = (0, 0);
    while bare < ENOUGH {
        let mut stranger = Device::new("AAAA-BBBB-CCCC-2345");
        match stranger.say(&mut http, &stage.keys, Kind::Activate).expect("an answer") {
            Heard::Refusal(refusal) => {
                assert_eq!((refusal.refused(), refusal.device), (Some(Refused::KeyInvalid), stranger.public()));
                signed += 1;
                assert!(signed < 10 * BUDGET, "the budget never ends");
            }
            Heard::Problem(429) => bare += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(signed >= BUDGET, "{signed} signed, {bare} bare");

    let reply = http.post("/v1/activate", &Device::new(&stage.seed.lot).message(Kind::Activate)).expect("an answer");
    assert_eq!((reply.status, reply.code()), (429, "too_fast".into()), "a stranger with a good key waits too");
    let pause: u32 = reply.header("retry-after").and_then(|pause| pause.parse().ok()).expect("seconds");
    assert!((10..60).contains(&pause), "{pause}");
    assert_eq!(http.post("/v1/check", b"nonsense").expect("an answer").status, 429, "so does what is no message");
    for _ in 0..3 {
        known.takes(&mut http, &stage.keys, Kind::Check);
    }
    println!("count strangers: {signed} signed no, {bare} bare 429, 4 leases for a known device between them");
}

#[test]
fn a_stranger_cannot_tell_a_key_that_exists_from_one_that_does_not() {
    let stage = Stage::set();
    let mut http = stage.http();
    let no = |device: &mut Device, http: &mut _| match device.say(http, &stage.keys, Kind::Activate) {
        Ok(Heard::Refusal(refusal)) => (refusal.refused(), refusal.sub, refusal.challenge.is_some()),
        other => panic!("{other:?}"),
    };
    let nowhere = no(&mut Device::new("AAAA-BBBB-CCCC-2345"), &mut http);
    let nonsense = no(&mut Device::new("no key at all"), &mut http);
    assert_eq!(nowhere, (Some(Refused::KeyInvalid), None, false));
    assert_eq!(nonsense, nowhere);
    // A check about an activation that another device has.
    let (mut owner, mut thief) = (Device::new(&stage.seed.pool[0]), Device::new(&stage.seed.pool[0]));
    thief.lease = Some(owner.takes(&mut http, &stage.keys, Kind::Activate));
    for kind in [Kind::Check, Kind::Release] {
        match thief.say(&mut http, &stage.keys, kind).expect("an answer") {
            Heard::Refusal(refusal) => assert_eq!((refusal.refused(), refusal.sub), (Some(Refused::KeyInvalid), None)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(owner.takes(&mut http, &stage.keys, Kind::Check).grant.seq, 2, "the owner has noticed something");
}

#[test]
fn a_device_that_comes_too_fast_waits_and_nobody_else_can_make_it_wait() {
    let stage = Stage::set();
    let mut http = stage.http();
    let (mut eager, mut victim) = (Device::new(&stage.seed.pool[0]), Device::new(&stage.seed.pool[1]));
    victim.takes(&mut http, &stage.keys, Kind::Activate);
    // Messages in the victim's name with another's signature: they cost their sender, not the victim.
    for _ in 0..40 {
        let mut forged = victim.message(Kind::Check);
        let last = forged.len() - 1;
        forged[last] ^= 1;
        assert_eq!(http.post("/v1/check", &forged).expect("an answer").status, 401);
    }
    victim.takes(&mut http, &stage.keys, Kind::Check);

    eager.takes(&mut http, &stage.keys, Kind::Activate);
    let (started, mut served, mut limited) = (instant(), 1, 0);
    while limited < 5 {
        match eager.say(&mut http, &stage.keys, Kind::Check).expect("an answer") {
            Heard::Lease(_) => served += 1,
            Heard::Problem(429) => limited += 1,
            other => panic!("{other:?}"),
        }
        let most = 21 + started.elapsed().as_secs() / 2;
        assert!(served <= most, "{served} served, the device may have {most}");
    }
    assert!(served >= 20, "{served} served, {limited} limited");
    victim.takes(&mut http, &stage.keys, Kind::Check);
}
