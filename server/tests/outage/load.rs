//! Consoles on threads, each with a connection of its own, and the proof that what they were told is true.

use crate::common::device::{Device, Heard};
use crate::common::http::Http;
use crate::common::seed::{Seed, on_disk};
use leasehold_ledger::view;
use leasehold_protocol::Refused;
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::machine::Kind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

/// Consoles that talk at the same time.
pub const THREADS: usize = 10;

/// What a storm left.
#[derive(Default)]
pub struct Storm {
    pub devices: Vec<Device>,
    /// Answers that arrived whole and were believed.
    pub acknowledged: u64,
    /// Unsigned answers (503) met on the way.
    pub shed: u64,
}

/// Consoles activate, check and release until the server is gone; `meanwhile` runs once all are connected.
pub fn storm(at: SocketAddr, keys: &Keyset, seed: &Seed, meanwhile: impl FnOnce()) -> Storm {
    let connected = &Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        let consoles: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn(move || {
                    let http = Http::connect(at);
                    connected.wait();
                    http.map_or_else(
                        |_| Storm::default(),
                        |mut http| talk(&mut http, keys, &seed.pool[number], &seed.lot),
                    )
                })
            })
            .collect();
        connected.wait();
        meanwhile();
        consoles.into_iter().fold(Storm::default(), |mut all, console| {
            let one = console.join().expect("a console met what must not be");
            all.devices.extend(one.devices);
            all.acknowledged += one.acknowledged;
            all.shed += one.shed;
            all
        })
    })
}

/// One device after the other: every second on the thread's own pool key, the others on the Activation ID, where half stay.
fn talk(http: &mut Http, keys: &Keyset, pool: &str, lot: &str) -> Storm {
    let mut storm = Storm::default();
    loop {
        let number = storm.devices.len();
        let mut device = if number.is_multiple_of(2) { Device::new(pool) } else { Device::modest(lot) };
        let stays = number % 4 == 1;
        let life = [Kind::Activate, Kind::Check, Kind::Check, Kind::Release];
        for kind in &life[..if stays { 3 } else { 4 }] {
            match device.say(http, keys, *kind) {
                Ok(Heard::Lease(_) | Heard::Receipt(_)) => storm.acknowledged += 1,
                Ok(Heard::Problem(503)) => {
                    storm.shed += 1;
                    storm.devices.push(device);
                    return storm;
                }
                Err(_) => {
                    storm.devices.push(device);
                    return storm;
                }
                Ok(other) => panic!("{kind:?} got {other:?}"),
            }
        }
        storm.devices.push(device);
    }
}

/// Every device asks the server, as it is now, to go on from what was acknowledged. Says what was lost. Devices on pool keys
/// release at the end, so that the keys are free again.
pub fn lost(at: SocketAddr, keys: &Keyset, seed: &Seed, devices: &mut [Device]) -> Vec<String> {
    let share = devices.len().div_ceil(THREADS).max(1);
    thread::scope(|scope| {
        let proofs: Vec<_> = devices
            .chunks_mut(share)
            .map(|devices| {
                scope.spawn(move || {
                    let mut http = Http::connect(at).expect("the server is back");
                    devices
                        .iter_mut()
                        .filter_map(|device| go_on(&mut http, keys, seed, device).err())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        proofs.into_iter().flat_map(|proof| proof.join().expect("a proof that can be judged")).collect::<Vec<String>>()
    })
}

fn go_on(http: &mut Http, keys: &Keyset, seed: &Seed, device: &mut Device) -> Result<(), String> {
    let acknowledged = device.lease.as_ref().map_or(0, |lease| lease.grant.seq);
    let mut expect = acknowledged;
    if let Some((kind, _)) = device.pending.clone() {
        // The same bytes again: done before or not, it is one answer and one record.
        expect += u32::from(kind != Kind::Release);
        match device.say(http, keys, kind).map_err(|error| error.to_string())? {
            Heard::Lease(lease) if lease.grant.seq == expect => {}
            Heard::Receipt(_) if kind == Kind::Release => {}
            other => return Err(format!("{kind:?} again, after {acknowledged}: {other:?}")),
        }
    }
    if let Some((release, receipt)) = device.released.clone() {
        let again = http.post(Kind::Release.path(), &release).map_err(|error| error.to_string())?;
        if again.status != 200 || again.body != receipt {
            return Err(format!("a release has another receipt: {}", again.text()));
        }
        // Had the release been forgotten, the lease would be renewed; another device may have the pool key by now.
        let is_over = [Refused::Resync, Refused::KeyOnOtherDevice];
        let late = device.message(Kind::Check);
        let reply = http.post(Kind::Check.path(), &late).map_err(|error| error.to_string())?;
        return match crate::common::device::hear(&reply, keys) {
            Heard::Refusal(refusal) if refusal.refused().is_some_and(|refused| is_over.contains(&refused)) => Ok(()),
            other => Err(format!("a released lease is renewed: {other:?}")),
        };
    }
    if device.lease.is_none() {
        return Ok(()); // it never got as far as sending
    }
    match device.say(http, keys, Kind::Check).map_err(|error| error.to_string())? {
        Heard::Lease(lease) if lease.grant.seq == expect + 1 => {}
        other => return Err(format!("a check that holds answer {expect}: {other:?}")),
    }
    if seed.pool.contains(&device.code) {
        match device.say(http, keys, Kind::Release).map_err(|error| error.to_string())? {
            Heard::Receipt(_) => {}
            other => return Err(format!("the release of a live lease: {other:?}")),
        }
    }
    Ok(())
}

/// The rows of a store that no server has: no slot stands behind what its device was told.
pub fn behind(data: &Path, devices: &[Device]) -> Vec<String> {
    on_disk(data, |operator| {
        let view = operator.store.read().expect("the store reads");
        let leases = devices.iter().filter_map(|device| device.lease.as_ref());
        let behind = leases.filter_map(|lease| {
            let slot = view::renewal(view.as_ref(), lease.grant.sub).expect("the row decodes");
            let seq = slot.map_or(0, |slot| slot.seq);
            (seq < lease.grant.seq).then(|| format!("{} is at {seq}, behind {}", lease.grant.sub, lease.grant.seq))
        });
        behind.collect()
    })
}
