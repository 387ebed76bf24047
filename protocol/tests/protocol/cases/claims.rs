//! Claims that are missing, wrong or unknown; correctly signed.

use super::{Vector, raw, signed};
use crate::raw::{Fields, Raw};
use crate::samples::{Claims, message};
use leasehold_protocol::{Typ, cbor::Item};

pub fn vectors() -> Vec<Vector> {
    [missing(), of_leases(), of_keys(), of_devices(), of_answers(), of_keysets()].into_iter().flatten().collect()
}

/// Claim `label` of a sample, changed.
pub fn with(name: &str, typ: Typ, label: i64, value: Item<'static>, comment: &str) -> Vector {
    let whole = raw(typ);
    let message = signed(typ, whole.clone().with_claims(whole.claims().with(label, value)));
    let name = format!("claim-{typ}-{name}");
    Vector::new(name, &format!("malformed: claim {label}"), typ, &message).comment(comment)
}

pub fn accepted(vector: Vector) -> Vector {
    let mut vector = vector.with("expect", "accepted");
    vector.headers.retain(|(header, _)| *header != "why");
    vector.headers.rotate_right(1);
    vector
}

pub fn bytes(len: usize) -> Item<'static> {
    Item::Bytes(vec![7; len].into())
}

pub fn owned_text(text: String) -> Item<'static> {
    Item::Text(text.into())
}

pub fn texts(count: usize) -> Item<'static> {
    Item::Array((0..count).map(|at| owned_text(format!("feature-{at}"))).collect())
}

pub fn counts(kinds: &[(&str, i64)]) -> Item<'static> {
    Item::map(kinds.iter().map(|(kind, count)| (owned_text((*kind).into()), Item::Int(*count))).collect())
}

/// Every required claim of every type, left out.
fn missing() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for typ in Typ::ALL.iter().copied() {
        let whole = Raw::of(&message(typ, Claims::RequiredOnly));
        for label in whole.claims().labels() {
            let message = signed(typ, whole.clone().with_claims(whole.claims().without(label)));
            let name = format!("claim-{typ}-missing{label:+}");
            let vector = Vector::new(name, &format!("malformed: claim {label}"), typ, &message);
            vectors.push(vector.comment(format!("a {typ} without claim {label}")));
        }
    }
    vectors
}

fn of_leases() -> Vec<Vector> {
    let lease = |name: &str, label, value, comment: &str| with(name, Typ::Lease, label, value, comment);
    let kinds: Vec<String> = (0..17).map(|at| format!("kind-{at}")).collect();
    let kinds: Vec<_> = kinds.iter().map(|kind| (kind.as_str(), 1)).collect();
    let pair = |from, to| Item::Array(vec![Item::Int(from), Item::Int(to)]);
    let longest = |len| owned_text("x".repeat(len));
    vec![
        accepted(lease("room-to-grow", -70_001, texts(3), "a claim of a later version, below -70000")),
        lease("unknown", -65_560, Item::Int(1), "an unknown private claim"),
        lease("unknown-at-the-line", -70_000, Item::Int(1), "-70000 is not below -70000"),
        lease("unknown-cwt", 11, Item::Int(1), "a CWT claim not used here"),
        lease("other-types", -65_551, Item::text("AB12-CD34-EF56-GH78"), "a claim of another type"),
        lease("negative-time", 4, Item::Int(-1), "an end before 1970"),
        accepted(lease("last-time", 4, Item::Int(253_402_300_799), "the last second of the year 9999")),
        lease("late-time", 4, Item::Int(253_402_300_800), "the first second of the year 10000"),
        lease("text-time", 4, Item::text("2027-01-15T08:00:00Z"), "a time in words"),
        lease("short-cti", 7, bytes(15), "a cti of 15 bytes"),
        lease("long-nonce", 10, bytes(17), "a nonce of 17 bytes"),
        lease("bytes-sub", 2, Item::Bytes(vec![0xac; 16].into()), "sub as its 16 bytes: it is a text"),
        lease("upper-sub", 2, owned_text("AC".repeat(16)), "sub in upper-case digits"),
        lease("short-sub", 2, owned_text("ac".repeat(16)[1..].into()), "sub of 31 digits"),
        lease("long-sub", 2, owned_text("ac".repeat(16) + "a"), "sub of 33 digits"),
        lease("bytes-aud", 3, bytes(16), "bytes where a text belongs"),
        lease("text-cti", 7, owned_text("ac".repeat(8)), "a text of 16 bytes where bytes belong"),
        lease("empty-licensee", -65_539, longest(0), "an empty text"),
        accepted(lease("longest-licensee", -65_539, longest(128), "a text of 128 bytes")),
        lease("long-licensee", -65_539, longest(129), "a text of 129 bytes"),
        lease("newline", -65_539, Item::text("a\nb"), "a control character"),
        lease("bidi", -65_539, Item::text("\u{202e}gnp.exe"), "an override of the writing direction"),
        lease("no-units", -65_537, counts(&[("channel", 0)]), "zero units written out"),
        lease("negative-units", -65_537, counts(&[("channel", -1)]), "less than no units"),
        accepted(lease("most-units", -65_537, counts(&[("channel", 1_000_000_000)]), "a thousand million units")),
        lease("too-many-units", -65_537, counts(&[("channel", 1_000_000_001)]), "one unit more than allowed"),
        lease("too-many-kinds", -65_537, counts(&kinds), "17 kinds"),
        lease("kind-name", -65_537, counts(&[("a b", 1)]), "a kind with a space"),
        lease("kind-length", -65_537, counts(&[(&"k".repeat(33), 1)]), "a kind of 33 bytes"),
        lease("empty-features", -65_538, Item::Array(vec![]), "an empty list is left out"),
        accepted(lease("most-features", -65_538, texts(32), "32 features")),
        lease("too-many-features", -65_538, texts(33), "33 features"),
        lease("number-feature", -65_538, Item::Array(vec![Item::Int(1)]), "a feature that is a number"),
        lease("at-expiry-0", -65_543, Item::Int(0), "an unknown end"),
        lease("at-expiry-4", -65_543, Item::Int(4), "an unknown end"),
        lease("renew-reversed", -65_542, pair(1_800_086_401, 1_800_086_400), "a window that ends before it begins"),
        lease("renew-one-end", -65_542, Item::Array(vec![Item::Int(1)]), "a window with one end"),
        lease("seq-33-bits", -65_544, Item::Int(1 << 32), "a sequence number of 33 bits"),
        lease("late-day", -65_541, Item::Int(2_932_897), "a day after the year 9999"),
    ]
}

/// The device's key in a lease.
fn of_keys() -> Vec<Vector> {
    let cnf = |name: &str, edit: &dyn Fn(Fields) -> Fields, comment: &str| {
        let value = Fields::of(&raw(Typ::Lease).claims().value(8).encode());
        let key = Fields::of(&value.value(1).encode());
        with(&format!("cnf-{name}"), Typ::Lease, 8, Fields(vec![(1, edit(key).item())]).item(), comment)
    };
    vec![
        cnf("ec2", &|key| key.with(1, Item::Int(2)), "a key of type EC2"),
        cnf("x25519", &|key| key.with(-1, Item::Int(4)), "a key for another purpose"),
        cnf("no-curve", &|key| key.without(-1), "no curve"),
        cnf("short-x", &|key| key.with(-2, bytes(31)), "31 bytes of key"),
        cnf("private", &|key| key.with(-4, bytes(32)), "the private half beside the public one"),
        cnf("kid", &|key| key.with(2, bytes(8)), "a key id inside the key"),
        cnf("alg", &|key| key.with(3, Item::Int(-8)), "an algorithm inside the key"),
        with("cnf-kid-only", Typ::Lease, 8, Fields(vec![(3, bytes(8))]).item(), "RFC 8747's kid form of cnf"),
    ]
}

fn of_devices() -> Vec<Vector> {
    let check = |name: &str, label, value, comment: &str| with(name, Typ::Check, label, value, comment);
    let hash = |len| Item::map(vec![(Item::text("board"), bytes(len))]);
    vec![
        check("version-0", -65_553, Item::Int(0), "zero is left out"),
        check("empty-usage", -65_546, Item::Map(vec![]), "an empty map is left out"),
        check("empty-fingerprint", -65_548, Item::Map(vec![]), "an empty map is left out"),
        check("short-hash", -65_548, hash(31), "a hash of 31 bytes"),
        check("held-number", -65_545, Item::Int(7), "a number for the cti in hand"),
        check("short-challenge", -65_558, bytes(31), "a challenge of 31 bytes"),
        accepted(check("longest-held-lease", -65_559, bytes(8192), "8192 bytes of lease")),
        check("long-held-lease", -65_559, bytes(8193), "8193 bytes of lease"),
        with("held-lease", Typ::Request, -65_559, bytes(10), "a request proves nothing in hand"),
        with("units", Typ::Check, -65_537, counts(&[("channel", 1)]), "a check does not ask for units"),
        with("usage", Typ::Activate, -65_546, counts(&[("channel", 1)]), "an activation reports no usage"),
    ]
}

fn of_answers() -> Vec<Vector> {
    let long = {
        let whole = raw(Typ::Lease);
        signed(Typ::Lease, whole.clone().with_claims(whole.claims().with(-70_001, bytes(8192))))
    };
    vec![
        accepted(with("new-number", Typ::Refusal, -65_547, Item::Int(9999), "a refusal of a later version")),
        with("number-17-bits", Typ::Refusal, -65_547, Item::Int(65_536), "a number of 17 bits"),
        with("exp", Typ::Receipt, 4, Item::Int(1), "a receipt has no end"),
        with("digest", Typ::License, -65_549, bytes(31), "a digest of 31 bytes"),
        with("renew", Typ::License, -65_542, Item::Array(vec![Item::Int(1), Item::Int(2)]), "files are not renewed"),
        Vector::new("claim-lease-too-long", "malformed: size", Typ::Lease, &long)
            .comment("a lease above 8 KiB could never be sent back"),
    ]
}

fn of_keysets() -> Vec<Vector> {
    let keys = -65_555;
    let Item::Array(entries) = raw(Typ::Keyset).claims().value(keys) else { panic!("no list of keys") };
    let with_keys = |name: &str, keys: Vec<Item<'static>>, comment: &str| {
        with(name, Typ::Keyset, -65_555, Item::Array(keys), comment)
    };
    let edited = |label: i64, value: Item<'static>| vec![Fields::of(&entries[0].encode()).with(label, value).item()];
    let identity = Item::Bytes([&[1][..], &[0; 31]].concat().into());
    vec![
        with_keys("no-keys", vec![], "an empty list"),
        with_keys("many-keys", vec![entries[0].clone(); 17], "17 keys"),
        with_keys("key-twice", vec![entries[0].clone(), entries[0].clone()], "one key twice"),
        with_keys("wrong-kid", edited(2, bytes(8)), "a key under another key's id"),
        with_keys("weak-key", edited(-2, identity), "a key of small order"),
        with_keys("use-3", edited(-65_561, Item::Int(3)), "an unknown use"),
        with_keys("window", edited(-65_563, Item::Int(1)), "a window that ends before it begins"),
        with_keys("revoked-0", edited(-65_565, Item::Int(0)), "revoked or absent, never 0"),
        with("version-0", Typ::Keyset, -65_553, Item::Int(0), "versions begin at 1"),
    ]
}
