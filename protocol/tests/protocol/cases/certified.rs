//! Licence files judged from the root key alone, with the keyset they carry.

use super::Vector;
use crate::samples::{self, Claims, NOW, entry, key, keyset, message, public};
use leasehold_protocol::{
    Typ,
    keyset::{KeyUse, Keyset},
    license::License,
    time::DAY,
};

pub fn vectors() -> Vec<Vector> {
    [judged(), carried()].concat()
}

fn judged() -> Vec<Vector> {
    let plain = |edit: fn(&mut Keyset)| made(edit, |_| {}, "file", "root");
    let licensed =
        |edit: fn(&mut License)| made(|keyset| keyset.keys[1].max_term = Some(365 * DAY), edit, "file", "root");
    let rolled_back = vector("rolled-back", "rolled-back", plain(|_| {}), "the product knows keyset 4");
    vec![
        vector("good", "accepted", plain(|_| {}), "root, keyset, file key, licence"),
        vector("perpetual", "accepted", made(|_| {}, |license| license.exp = None, "file", "root"), "no end"),
        vector(
            "keyset-expired",
            "accepted",
            plain(|keyset| keyset.exp = NOW.plus(-1)),
            "judged by version, not expiry",
        ),
        vector(
            "window-first-second",
            "accepted",
            plain(|keyset| keyset.keys[1].nbf = NOW),
            "signed as the window opens",
        ),
        vector("before-window", "not-certified", plain(|keyset| keyset.keys[1].nbf = NOW.plus(1)), "signed too early"),
        vector("after-window", "not-certified", plain(|keyset| keyset.keys[1].exp = NOW), "signed too late"),
        vector("revoked", "not-certified", plain(|keyset| keyset.keys[1].revoked = true), "the file key is revoked"),
        vector("lease-use", "not-certified", plain(|keyset| keyset.keys[1].usage = KeyUse::Lease), "a key for leases"),
        vector("lease-key", "not-certified", made(|_| {}, |_| {}, "lease", "root"), "signed by a lease key"),
        vector("unknown-key", "not-certified", made(|_| {}, |_| {}, "stranger", "root"), "a key the keyset lacks"),
        vector("own-keyset", "wrong-key", made(add_stranger, |_| {}, "stranger", "stranger"), "a keyset of their own"),
        vector(
            "other-installation",
            "not-certified",
            plain(|keyset| keyset.iss = "other.example.com".into()),
            "keys of another",
        ),
        vector("longest-term", "accepted", licensed(|_| {}), "as long as the key may grant"),
        vector(
            "term-too-long",
            "term-too-long",
            licensed(|license| license.exp = license.exp.map(|exp| exp.plus(1))),
            "longer",
        ),
        vector(
            "perpetual-too-long",
            "term-too-long",
            licensed(|license| license.exp = None),
            "no end, but the key's term has one",
        ),
        rolled_back.with("lowest", "4"),
        vector(
            "window-last-second",
            "accepted",
            plain(|keyset| keyset.keys[1].exp = NOW.plus(1)),
            "signed in the window's last second",
        ),
        vector("two-revoked", "not-certified", plain(revoke_all), "every key is revoked"),
    ]
}

/// Licence files whose keyset is no keyset; the files' own signatures are good.
fn carried() -> Vec<Vector> {
    let with = |name: &str, expect: &str, keyset: &[u8], comment: &str| {
        vector(name, expect, samples::license(Claims::All).sign(&key("file"), keyset), comment)
    };
    let good = keyset(Claims::All).sign(&key("root"));
    let mut flipped = good.clone();
    *flipped.last_mut().expect("bytes") ^= 1;
    vec![
        with("empty-keyset", "malformed: cbor", &[], "a keyset of no bytes"),
        with("trailing-keyset", "malformed: cbor", &[&good[..], &[0]].concat(), "a byte behind the keyset"),
        with("flipped-keyset", "signature", &flipped, "one bit of the keyset's signature"),
        with("lease-for-keyset", "wrong-type", &message(Typ::Lease, Claims::All), "a lease where the keyset belongs"),
    ]
}

fn revoke_all(keyset: &mut Keyset) {
    keyset.keys.iter_mut().for_each(|key| key.revoked = true);
}

fn add_stranger(keyset: &mut Keyset) {
    keyset.keys.push(entry("stranger", KeyUse::File));
}

fn made(keyset_edit: fn(&mut Keyset), license_edit: fn(&mut License), signer: &str, root: &str) -> Vec<u8> {
    let (mut keyset, mut license) = (keyset(Claims::All), samples::license(Claims::All));
    keyset_edit(&mut keyset);
    license_edit(&mut license);
    license.sign(&key(signer), &keyset.sign(&key(root)))
}

fn vector(name: &str, expect: &str, message: Vec<u8>, comment: &str) -> Vector {
    let mut vector = Vector::new(format!("certified-{name}"), expect, Typ::License, &message);
    vector.headers.retain(|(header, _)| *header != "key");
    vector.with("root", public("root").to_string()).with("lowest", "3").comment(comment)
}
