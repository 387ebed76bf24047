//! What the parts of a check cost on this machine: the floors that speed is stated against.
//!
//! Each part is measured in five rounds, interleaved; the median is printed with the smallest and the largest. All is wall time:
//! run it on a quiet machine, with `cargo run --release -p leasehold-benches`.

use leasehold::store;
use leasehold_ledger::store::{Store, StoreError, Table};
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::{AtExpiry, Grant, Lease};
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender, Unverified};
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 5;
/// Times a part is done in one round.
const TIMES: u32 = 2_000;
/// Commits in one round: each waits for the disk.
const COMMITS: u32 = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = SigningKey::from_bytes(&[7; 32]);
    let lease_key = SigningKey::from_bytes(&[8; 32]);
    let message = check(&device).sign(&device);
    let lease = lease(&device);
    let public = PublicKey::of(&device);
    let signature = [0u8; 64];
    let folder = std::env::temp_dir().join(format!("leasehold-floors-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let store = store::create(&folder, &mut |_| Ok(()))?;
    let rows = |count: u32| move |store: &dyn Store| commit(store, count);
    let mut parts: Vec<Part<'_>> = vec![
        Part::new("V  parse key, verify_strict", TIMES, || {
            black_box(Unverified::<Check>::parse(&message).map(Unverified::verify)).is_ok_and(|message| message.is_ok())
        }),
        Part::new("   of this: decode only", TIMES, || black_box(Unverified::<Check>::parse(&message)).is_ok()),
        Part::new("   a forged signature", TIMES, || black_box(public.verify(&message, &signature)).is_err()),
        Part::new("S  encode and sign a lease", TIMES, || !black_box(lease.sign(&lease_key)).is_empty()),
        Part::new("C1 commit of one row", COMMITS, || rows(1)(&store).is_ok()),
        Part::new("C256 commit of 256 rows", COMMITS, || rows(256)(&store).is_ok()),
    ];
    for _ in 0..ROUNDS {
        parts.iter_mut().for_each(Part::round);
    }
    println!("{:32} {:>10} {:>10} {:>10}   us each, {ROUNDS} rounds", "part", "median", "min", "max");
    parts.iter_mut().for_each(Part::print);
    drop(parts);
    drop(store);
    clear(&folder)?;
    Ok(())
}

struct Part<'a> {
    name: &'static str,
    times: u32,
    work: Box<dyn FnMut() -> bool + 'a>,
    rounds: Vec<f64>,
}

impl<'a> Part<'a> {
    fn new(name: &'static str, times: u32, work: impl FnMut() -> bool + 'a) -> Self {
        Self { name, times, work: Box::new(work), rounds: vec![] }
    }

    #[allow(clippy::disallowed_methods, reason = "a bench measures time")]
    fn round(&mut self) {
        let started = Instant::now();
        for _ in 0..self.times {
            assert!((self.work)(), "{} did not do its work", self.name);
        }
        self.rounds.push(started.elapsed().as_secs_f64() * 1e6 / f64::from(self.times));
    }

    fn print(&mut self) {
        self.rounds.sort_by(f64::total_cmp);
        let (min, max) = (self.rounds[0], self.rounds[ROUNDS - 1]);
        println!("{:32} {:10.2} {min:10.2} {max:10.2}", self.name, self.rounds[ROUNDS / 2]);
    }
}

/// Rewrites the same slots, as a day of renewals does.
fn commit(store: &dyn Store, rows: u32) -> Result<(), StoreError> {
    store.write(&mut |tx| (0..rows).try_for_each(|row| tx.put(Table::Renewals, &row.to_be_bytes(), &[7; 64])))
}

fn clear(folder: &Path) -> std::io::Result<()> {
    std::fs::remove_dir_all(folder)
}

fn check(device: &SigningKey) -> Check {
    Check {
        iss: "licences.example.com".into(),
        sub: ActivationId([1; 16]),
        usage: Units::default(),
        keyset_version: 1,
        sender: Sender {
            aud: "BACKUP-OEM".into(),
            iat: Time(1_800_000_000),
            device: PublicKey::of(device),
            nonce: Nonce([2; 16]),
        },
        host: Host { version: "9.1".into(), ..Host::default() },
        proof: Proof { held: Some(Cti([3; 16])), ..Proof::default() },
    }
}

fn lease(device: &SigningKey) -> Lease {
    let iat = Time(1_800_000_000);
    Lease {
        grant: Grant {
            iss: "licences.example.com".into(),
            sub: ActivationId([1; 16]),
            aud: "BACKUP-OEM".into(),
            nbf: iat,
            iat,
            cti: Cti([3; 16]),
            device: PublicKey::of(device),
            nonce: Nonce([2; 16]),
            units: Units::of("OBM", 10).unwrap_or_default(),
            features: vec!["replication".into()],
            licensee: "Example-CSV-PS-PLKY-Server-1".into(),
            free_upgrade_until: None,
            at_expiry: AtExpiry::Stop,
            seq: 7,
        },
        exp: iat.plus(1_209_600),
        renew: (iat.plus(80_000), iat.plus(80_600)),
        keyset_version: 1,
        epoch: 1,
        notices: vec![],
    }
}
