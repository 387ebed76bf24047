//! Envelopes that are COSE, but not this protocol's; correctly signed.

use super::{Vector, raw, signed};
use crate::raw::{Raw, bstr, int, map, tstr};
use crate::samples::{Claims, message, public};
use leasehold_protocol::{Typ, cbor::Item};

const TYP: Typ = Typ::Receipt;

pub fn vectors() -> Vec<Vector> {
    [headers(), parts(), keysets()].into_iter().flatten().collect()
}

fn vector(name: &str, raw: Raw, comment: &str) -> Vector {
    Vector::new(format!("envelope-{name}"), "malformed: envelope", TYP, &signed(TYP, raw)).comment(comment)
}

fn headers() -> Vec<Vector> {
    let whole = raw(TYP);
    let with = |name: &str, label: i64, value: Item<'static>, comment: &str| {
        vector(name, whole.clone().with_header(whole.header().with(label, value)), comment)
    };
    let without = |name: &str, label: i64, comment: &str| {
        vector(name, whole.clone().with_header(whole.header().without(label)), comment)
    };
    let unknown = |vector: Vector| vector.with("why", "unknown-type");
    let mut encoded: Vec<_> = whole.header().0.iter().map(|(label, value)| (int(*label), value.encode())).collect();
    let repeated = [&encoded[..2], &encoded[1..]].concat();
    let mut long_alg = encoded.clone();
    long_alg[0].1 = vec![0x38, 0x07];
    let trailing = [&map(&encoded)[..], &[0]].concat();
    let named = map(&[(tstr("alg"), int(-8)), (tstr("kid"), bstr(&public("lease").kid().0))]);
    encoded.swap(0, 1);
    vec![
        with("alg-es256", 1, Item::Int(-7), "another algorithm"),
        with("alg-ed25519", 1, Item::Int(-19), "RFC 9864's number for the same algorithm"),
        with("alg-text", 1, Item::text("EdDSA"), "the algorithm's name"),
        without("no-alg", 1, "no algorithm"),
        without("no-kid", 4, "no key id"),
        with("short-kid", 4, Item::Bytes(vec![1; 7].into()), "a key id of 7 bytes"),
        without("no-typ", 16, "no type"),
        with("long-kid", 4, Item::Bytes(vec![1; 9].into()), "a key id of 9 bytes"),
        with("text-kid", 4, Item::text("test-key"), "a key id that is a text"),
        unknown(with("typ-parameter", 16, Item::text("application/vnd.leasehold.v1.receipt;v=1"), "a parameter")),
        unknown(with("typ-space", 16, Item::text("application/vnd.leasehold.v1.receipt "), "a space behind the type")),
        unknown(with("typ-empty", 16, Item::text(""), "an empty type")),
        with("typ-number", 16, Item::Int(18), "a content format number for a type"),
        unknown(with("typ-v2", 16, Item::text("application/vnd.leasehold.v2.receipt"), "another version")),
        unknown(with("typ-short", 16, Item::text("receipt"), "a type without its prefix")),
        unknown(with("typ-case", 16, Item::text("application/vnd.Leasehold.v1.receipt"), "a capital letter")),
        with("crit", 2, Item::Array(vec![Item::Int(16)]), "critical headers, even known ones"),
        with("content-type", 3, Item::text("application/cwt"), "a content type"),
        with("private-header", -70_001, Item::Int(1), "headers have no room to grow"),
        vector("empty-header", Raw { protected: vec![], ..whole.clone() }, "a header of no bytes").with("why", "cbor"),
        vector("header-array", Raw { protected: vec![0x80], ..whole.clone() }, "a header that is a list"),
        vector("header-repeated-kid", Raw { protected: map(&repeated), ..whole.clone() }, "kid twice")
            .with("why", "cbor"),
        vector("header-long-alg", Raw { protected: map(&long_alg), ..whole.clone() }, "alg in two bytes")
            .with("why", "deterministic"),
        vector("header-trailing", Raw { protected: trailing, ..whole.clone() }, "a byte behind the header's map")
            .with("why", "cbor"),
        vector("header-text-keys", Raw { protected: named, ..whole.clone() }, "labels that are names"),
        vector("header-order", Raw { protected: map(&encoded), ..whole.clone() }, "kid before alg").with("why", "cbor"),
    ]
}

fn parts() -> Vec<Vector> {
    let whole = raw(TYP);
    let kid = map(&[(int(4), bstr(&public("lease").kid().0))]);
    let bytes = signed(TYP, whole.clone());
    let plain = |name: &str, bytes: &[u8], comment: &str| {
        Vector::new(format!("envelope-{name}"), "malformed: envelope", TYP, bytes).comment(comment)
    };
    let split = bytes.len() - 66; // the signature and its head
    vec![
        vector("unprotected-kid", Raw { unprotected: kid, ..whole.clone() }, "a key id outside the signature"),
        vector(
            "unprotected-alg",
            Raw { unprotected: map(&[(int(1), int(-8))]), ..whole.clone() },
            "alg outside the signature",
        ),
        vector(
            "unprotected-list",
            Raw { unprotected: vec![0x80], ..whole.clone() },
            "a list for the unprotected header",
        ),
        plain("untagged", &bytes[1..], "no tag 18"),
        plain("three-elements", &[&[0xd2, 0x83], &bytes[2..split]].concat(), "no signature"),
        plain("five-elements", &[&[0xd2, 0x85], &bytes[2..], &[0]].concat(), "a fifth element"),
        plain(
            "short-signature",
            &[&bytes[..split], &bstr(&bytes[split + 2..][..63])].concat(),
            "a signature of 63 bytes",
        ),
        plain("empty-signature", &[&bytes[..split], &bstr(&[])].concat(), "a signature of no bytes"),
        plain("text-signature", &[&bytes[..split], &[0x78, 64], &[b'a'; 64]].concat(), "a signature that is a text"),
        plain("long-signature", &[&bytes[..split], &bstr(&[&bytes[split + 2..], &[0]].concat())].concat(), "65 bytes"),
        plain("tagged-map", &[0xd2, 0xa0], "tag 18 around a map"),
        plain("signature-list", &[&bytes[..split], &[0x80]].concat(), "a list of signatures, as in COSE_Sign"),
        plain(
            "text-payload",
            &[&[0xd2, 0x84], &bstr(&whole.protected)[..], &[0xa0, 0x61, b'x'], &bytes[split..]].concat(),
            "a payload that is a text",
        ),
        plain(
            "detached-payload",
            &[&[0xd2, 0x84], &bstr(&whole.protected)[..], &[0xa0, 0xf6], &bytes[split..]].concat(),
            "null for a payload kept elsewhere",
        )
        .with("why", "cbor"),
    ]
}

fn keysets() -> Vec<Vector> {
    let keyset = || Item::Bytes(message(Typ::Keyset, Claims::All).into());
    let (lease, license) = (raw(Typ::Lease), raw(Typ::License));
    let brought = lease.clone().with_header(lease.header().with(-65557, keyset()));
    let bare = license.clone().with_header(license.header().without(-65557));
    let expect = "malformed: envelope";
    let listed = license.clone().with_header(license.header().with(-65557, Item::Array(vec![])));
    vec![
        Vector::new("envelope-license-keyset-list", expect, Typ::License, &signed(Typ::License, listed))
            .comment("a licence file whose keyset is no byte string"),
        Vector::new("envelope-lease-with-keyset", expect, Typ::Lease, &signed(Typ::Lease, brought))
            .comment("a lease that brings its own keys"),
        Vector::new("envelope-license-without-keyset", expect, Typ::License, &signed(Typ::License, bare))
            .comment("a licence file without the keyset that proves its key"),
    ]
}
