//! Values at a limit, one inside and one outside, and shapes one level down; correctly signed.

use super::claims::{accepted, bytes, counts, owned_text, with};
use super::{Vector, raw};
use crate::raw::Fields;
use crate::samples::{NOW, entry};
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::{PublicKey, SigningKey, Typ, cbor::Item};

pub fn vectors() -> Vec<Vector> {
    [of_texts(), of_numbers(), of_units(), of_keys(), of_fingerprints(), of_keysets(), full_keyset()]
        .into_iter()
        .flatten()
        .collect()
}

fn lease(name: &str, label: i64, value: Item<'static>, comment: &str) -> Vector {
    with(name, Typ::Lease, label, value, comment)
}

fn of_texts() -> Vec<Vector> {
    let licensee = |name: &str, text: &str, comment: &str| lease(name, -65_539, owned_text(text.into()), comment);
    vec![
        accepted(licensee("two-byte-letters", &"é".repeat(64), "64 letters of two bytes: limits count bytes")),
        licensee("two-byte-letters-too-long", &"é".repeat(65), "65 letters, but 130 bytes"),
        accepted(licensee("decomposed", "e\u{301}", "a letter and its accent apart: nothing is normalised")),
        licensee("nul", "a\u{0}b", "NUL"),
        licensee("delete", "a\u{7f}b", "DEL"),
        licensee("c1-control", "a\u{85}b", "a control character above ASCII"),
        licensee("line-separator", "a\u{2028}b", "U+2028"),
        licensee("bidi-isolate", "a\u{2066}b", "an isolate of the writing direction"),
        lease("empty-feature", -65_538, Item::Array(vec![Item::text("")]), "an empty text in a list"),
        lease("feature-map", -65_538, Item::Map(vec![]), "a map where a list belongs"),
    ]
}

fn of_numbers() -> Vec<Vector> {
    let window = |ends: &[i64]| Item::Array(ends.iter().map(|end| Item::Int(*end)).collect());
    vec![
        accepted(lease("seq-32-bits", -65_544, Item::Int(0xffff_ffff), "the largest sequence number")),
        lease("seq-negative", -65_544, Item::Int(-1), "a sequence number below zero"),
        accepted(lease("last-day", -65_541, Item::Int(2_932_896), "the last day of the year 9999")),
        lease("negative-day", -65_541, Item::Int(-1), "a day before 1970"),
        accepted(lease("renew-one-moment", -65_542, window(&[1_800_086_400; 2]), "a window of one moment")),
        lease("renew-three-ends", -65_542, window(&[1, 2, 3]), "a window with three ends"),
        lease("renew-negative", -65_542, window(&[-1, 2]), "a window that begins before 1970"),
        lease("renew-late", -65_542, window(&[1, 253_402_300_800]), "a window that ends after the year 9999"),
        accepted(with("last-number", Typ::Refusal, -65_547, Item::Int(65_535), "the largest number of a refusal")),
        with("negative-number", Typ::Refusal, -65_547, Item::Int(-1), "a refusal's number below zero"),
        accepted(with("last-version", Typ::Check, -65_553, Item::Int(0xffff_ffff), "the largest version")),
        with("version-33-bits", Typ::Check, -65_553, Item::Int(1 << 32), "a version of 33 bits"),
    ]
}

fn of_units() -> Vec<Vector> {
    let kinds: Vec<String> = (10..26).map(|at| format!("kind-{at}")).collect();
    let kinds: Vec<_> = kinds.iter().map(|kind| (kind.as_str(), 1)).collect();
    let units = |name: &str, value, comment: &str| lease(name, -65_537, value, comment);
    vec![
        accepted(units("units-none", Item::Map(vec![]), "no units of any kind")),
        accepted(units("units-most-kinds", counts(&kinds), "16 kinds")),
        accepted(units("units-longest-kind", counts(&[(&"k".repeat(32), 1)]), "a kind of 32 bytes")),
        units("units-empty-kind", counts(&[("", 1)]), "a kind without a name"),
        units("units-foreign-kind", counts(&[("kanäle", 1)]), "a kind with a letter outside ASCII"),
        units("units-33-bits", counts(&[("channel", 1 << 32)]), "a count of 33 bits"),
        units("units-text-count", Item::map(vec![(Item::text("channel"), Item::text("4"))]), "a count in words"),
        units("units-numbered", Item::map(vec![(Item::Int(1), Item::Int(4))]), "a kind that is a number"),
        units("units-list", Item::Array(vec![]), "a list where a map belongs"),
    ]
}

/// `cnf` and the key in it have no room to grow: a device's identity is these three values.
fn of_keys() -> Vec<Vector> {
    let cnf = Fields::of(&raw(Typ::Lease).claims().value(8).encode());
    let key = Fields::of(&cnf.value(1).encode());
    let inner = |key: Fields| cnf.clone().with(1, key.item()).item();
    vec![
        lease(
            "cnf-key-room",
            8,
            inner(key.clone().with(-70_001, Item::Int(1))),
            "a claim of a later version in the key",
        ),
        lease(
            "cnf-room",
            8,
            cnf.clone().with(-70_001, Item::Int(1)).item(),
            "a claim of a later version beside the key",
        ),
        lease("cnf-long-x", 8, inner(key.clone().with(-2, bytes(33))), "33 bytes of key"),
        lease("cnf-text-x", 8, inner(key.with(-2, owned_text("x".repeat(32)))), "a key that is a text"),
        lease("cnf-empty", 8, Item::Map(vec![]), "no key at all"),
        lease("cnf-bare-key", 8, bytes(32), "the key without its frame"),
    ]
}

fn of_fingerprints() -> Vec<Vector> {
    let parts = |count: u8| {
        let part = |at| (owned_text(format!("part-{at:02}")), bytes(32));
        Item::map((0..count).map(part).collect())
    };
    let check = |name: &str, value, comment: &str| with(name, Typ::Check, -65_548, value, comment);
    vec![
        accepted(check("most-components", parts(32), "32 components")),
        check("too-many-components", parts(33), "33 components"),
        check("empty-component", Item::map(vec![(Item::text(""), bytes(32))]), "a component without a name"),
        check("hash-text", Item::map(vec![(Item::text("board"), owned_text("7".repeat(32)))]), "a hash that is a text"),
        accepted(with("empty-held-lease", Typ::Check, -65_559, bytes(0), "a held lease of no bytes")),
    ]
}

fn of_keysets() -> Vec<Vector> {
    let keys = |name: &str, keys: Vec<Item<'static>>, comment: &str| {
        with(name, Typ::Keyset, -65_555, Item::Array(keys), comment)
    };
    let Item::Array(entries) = raw(Typ::Keyset).claims().value(-65_555) else { panic!("no list of keys") };
    let first = Fields::of(&entries[0].encode());
    let edited = |label: i64, value: Item<'static>| vec![first.clone().with(label, value).item()];
    vec![
        accepted(keys("key-room", edited(-70_001, Item::Int(1)), "a claim of a later version in a key")),
        keys("key-unknown", edited(99, Item::Int(1)), "an unknown parameter of a key"),
        keys("key-ec2", edited(1, Item::Int(2)), "a key of type EC2"),
        keys("key-without-use", vec![first.clone().without(-65_561).item()], "a key for no use"),
        keys("key-without-kid", vec![first.clone().without(2).item()], "a key without its id"),
        keys("key-empty-window", edited(-65_563, first.value(-65_562)), "a window that ends as it begins"),
        keys("key-negative-term", edited(-65_564, Item::Int(-1)), "a term below zero"),
        keys("key-list", vec![Item::Array(vec![])], "a list where a key belongs"),
        with("keys-map", Typ::Keyset, -65_555, Item::Map(vec![]), "a map where the list of keys belongs"),
    ]
}

fn full_keyset() -> Vec<Vector> {
    let keys = (1..=16_u8).map(|seed| {
        let public = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
        leasehold_protocol::keyset::KeyEntry { public, ..entry("lease", KeyUse::Lease) }
    });
    let keyset = Keyset { iss: "x".into(), version: 1, iat: NOW, exp: NOW.plus(1), keys: keys.collect() };
    let bytes = keyset.sign(&crate::samples::key("root"));
    vec![Vector::new("claim-keyset-most-keys", "accepted", Typ::Keyset, &bytes).comment("16 keys")]
}
