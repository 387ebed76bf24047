//! Encodings that are not the one: correctly signed, so that nothing but the codec refuses them.

use super::{Vector, raw, signed};
use crate::raw::{Entry, Raw, bstr, int, map, tstr};
use leasehold_protocol::Typ;

const TYP: Typ = Typ::Receipt;

pub fn vectors() -> Vec<Vector> {
    [in_payload(), in_values(), around()].into_iter().flatten().collect()
}

/// The receipt's claims, encoded, in order: 1, 2, 6, 8, 10, -65545.
fn entries() -> Vec<Entry> {
    raw(TYP).claims().0.iter().map(|(label, value)| (int(*label), value.encode())).collect()
}

fn with_payload(name: &str, expect: &str, payload: Vec<u8>, comment: &str) -> Vector {
    let message = signed(TYP, Raw { payload, ..raw(TYP) });
    Vector::new(format!("cbor-{name}"), expect, TYP, &message).comment(comment)
}

fn in_payload() -> Vec<Vector> {
    let plain = map(&entries());
    let edited = |edit: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = entries();
        edit(&mut entries);
        map(&entries)
    };
    let (cbor, longer) = ("malformed: cbor", "malformed: deterministic");
    let envelope = "malformed: envelope";
    let indefinite = [&[0xbf], &plain[1..], &[0xff]].concat();
    vec![
        with_payload("long-key", longer, edited(&|all| all[0].0 = vec![0x18, 1]), "label 1 in two bytes"),
        with_payload(
            "long-map",
            longer,
            [&[0xb8, plain[0] & 0x1f], &plain[1..]].concat(),
            "the map's size in two bytes",
        ),
        with_payload("indefinite-map", longer, indefinite, "a map of indefinite length"),
        with_payload("order", cbor, edited(&|all| all.swap(2, 3)), "claims 8 and 6 in the wrong order"),
        with_payload("negative-first", cbor, edited(&|all| all.rotate_right(1)), "a private claim in front"),
        with_payload("repeated-key", cbor, edited(&|all| all.insert(1, all[0].clone())), "claim 1 twice, same value"),
        with_payload(
            "repeated-key-other-value",
            cbor,
            edited(&|all| all.insert(1, (int(1), tstr("other")))),
            "claim 1 twice",
        ),
        with_payload("text-key", cbor, edited(&|all| all.push((tstr("exp"), int(1)))), "keys of two kinds in one map"),
        with_payload("all-text-keys", envelope, map(&[(tstr("iss"), tstr("x"))]), "labels that are texts"),
        with_payload("bytes-key", cbor, map(&[(bstr(b"iss"), tstr("x"))]), "a key that is a byte string"),
        with_payload("trailing-in-payload", cbor, [&plain[..], &[0]].concat(), "a byte after the payload's map"),
        with_payload(
            "truncated-payload",
            cbor,
            plain[..plain.len() - 1].to_vec(),
            "the payload's last byte is missing",
        ),
        with_payload("empty-payload", cbor, vec![], "a payload of no bytes"),
        with_payload("array-payload", envelope, vec![0x80], "a payload that is a list"),
        with_payload("tagged-payload", envelope, [&[0xd2], &plain[..]].concat(), "a payload with a tag of its own"),
        with_payload("cwt-tag-payload", cbor, [&[0xd8, 61], &plain[..]].concat(), "a payload with CWT's tag"),
    ]
}

fn in_values() -> Vec<Vector> {
    let with_iat = |name: &str, expect: &str, value: &[u8], comment: &str| {
        let mut entries = entries();
        entries[2].1 = value.to_vec();
        with_payload(name, expect, map(&entries), comment)
    };
    let with_new = |name: &str, expect: &str, value: &[u8], comment: &str| {
        let mut entries = entries();
        entries.push((int(-70_001), value.to_vec()));
        with_payload(name, expect, map(&entries), comment)
    };
    let (cbor, longer) = ("malformed: cbor", "malformed: deterministic");
    let now = 1_800_000_000_u64.to_be_bytes();
    // The map, the receipt's labels and values, cnf's two maps and four entries, the new label, and the list itself.
    let taken = 1 + 12 + 8 + 2;
    let most = [&[0x99][..], &(1024 - taken as u16).to_be_bytes(), &vec![0; 1024 - taken]].concat();
    let largest = [&[0x1b][..], &i64::MAX.to_be_bytes()].concat();
    let smallest = [&[0x3b][..], &i64::MAX.to_be_bytes()].concat();
    vec![
        with_iat("long-integer", longer, &[&[0x1b], &now[..]].concat(), "iat in nine bytes"),
        with_iat(
            "float-time",
            cbor,
            &[&[0xfb], &1.8e9_f64.to_be_bytes()[..]].concat(),
            "iat as a float, as CWT allows",
        ),
        with_iat("tagged-time", cbor, &[&[0xc1, 0x1a], &now[4..]].concat(), "iat with tag 1"),
        with_iat("bignum-time", cbor, &[&[0xc2, 0x44], &now[4..]].concat(), "iat as a bignum"),
        with_iat("null", cbor, &[0xf6], "null for iat"),
        with_iat("undefined", cbor, &[0xf7], "undefined for iat"),
        with_iat("true", cbor, &[0xf5], "true for iat"),
        with_iat("simple-value", cbor, &[0xf8, 0x20], "simple value 32 for iat"),
        with_iat("beyond-64-bits-signed", cbor, &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], "2^63 for iat"),
        with_iat("reserved-head", cbor, &[0x1c], "additional information 28"),
        with_new("depth-8", "accepted", &[&[0x81; 7][..], &[0]].concat(), "eight levels, in a claim to be skipped"),
        with_new(
            "values-too-many",
            cbor,
            &[&[0x99, 4, 0][..], &[0; 1024]].concat(),
            "a list of 1024, in a claim to be skipped",
        ),
        with_new("depth-9-maps", cbor, &[&[0xa1, 0].repeat(8)[..], &[0]].concat(), "nine levels of maps"),
        with_new("values-most", "accepted", &most, "as many values as an item may have, in a claim to be skipped"),
        with_new("largest-integer", "accepted", &largest, "2^63 - 1, in a claim to be skipped"),
        with_new("smallest-integer", "accepted", &smallest, "-2^63, in a claim to be skipped"),
        with_new("below-64-bits-signed", cbor, &[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0], "-2^63 - 1"),
        with_new("half-float", cbor, &[0xf9, 0x3c, 0], "1.0 as a half float, its deterministic encoding"),
        with_new("break", cbor, &[0xff], "a break with nothing to break"),
        with_new("long-negative", longer, &[0x38, 0], "-1 in two bytes"),
        with_new("long-list", longer, &[0x98, 1, 0], "a short list's length in two bytes"),
        with_new("long-text", longer, &[0x78, 1, b'x'], "a short text's length in two bytes"),
        with_new("indefinite-inner-map", longer, &[0xbf, 1, 0, 0xff], "a map of indefinite length, one level down"),
        with_new("inner-order", cbor, &[0xa2, 2, 0, 1, 0], "keys in the wrong order, one level down"),
        with_new(
            "inner-order-by-letters",
            cbor,
            b"\xa2\x62aa\x00\x61b\x00",
            "texts in the order of letters: the shorter goes first",
        ),
        with_new(
            "inner-order-by-value",
            cbor,
            &[0xa2, 0x21, 0, 0x20, 0],
            "-2 before -1: the encodings rise, not the values",
        ),
        with_new("inner-repeated-key", cbor, &[0xa2, 1, 0, 1, 0], "a key twice, one level down"),
        with_new("inner-two-kinds", cbor, &[0xa2, 1, 0, 0x61, b'a', 0], "keys of two kinds, one level down"),
        with_new("inner-tag-1", cbor, &[0xc1, 0], "tag 1 in a claim to be skipped"),
        with_new("overlong-utf-8", cbor, &[0x62, 0xc0, 0x80], "NUL in two bytes, which is not UTF-8"),
        with_new("surrogate", cbor, &[0x63, 0xed, 0xa0, 0x80], "half of a surrogate pair, which is not UTF-8"),
        with_new("depth-9", cbor, &[&[0x81; 8][..], &[0]].concat(), "nine levels, in a claim to be skipped"),
        with_new("indefinite-bytes", cbor, &[0x5f, 0x41, 1, 0xff], "a byte string in pieces"),
        with_new("indefinite-text", cbor, &[0x7f, 0x61, b'x', 0xff], "a text in pieces"),
        with_new("indefinite-list", longer, &[0x9f, 1, 0xff], "a list of indefinite length"),
        with_new("long-length", longer, &[0x58, 1, 0xff], "a short byte string's length in two bytes"),
        with_new("not-utf-8", cbor, &[0x62, 0xc3, 0x28], "a text that is not UTF-8"),
        with_new("inner-tag-18", cbor, &[0xd2, 0x80], "tag 18 inside, in a claim to be skipped"),
        with_new(
            "huge-list",
            cbor,
            &[0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "2^63 - 1 elements announced",
        ),
        with_new(
            "huge-bytes",
            cbor,
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "2^64 - 1 bytes announced",
        ),
    ]
}

/// Faults in the message itself; its signature is good.
fn around() -> Vec<Vector> {
    let vector = |name: &str, expect: &str, bytes: &[u8], comment: &str| {
        Vector::new(format!("cbor-{name}"), expect, TYP, bytes).comment(comment)
    };
    let (cbor, longer) = ("malformed: cbor", "malformed: deterministic");
    let good = signed(TYP, raw(TYP));
    let padding = vec![(int(-70_001), bstr(&vec![0; 16 * 1024]))];
    let too_large = signed(TYP, Raw { payload: map(&[entries(), padding].concat()), ..raw(TYP) });
    vec![
        vector("empty", cbor, &[], "no bytes at all"),
        vector("trailing", cbor, &[&good[..], &[0]].concat(), "a byte after the message"),
        vector("truncated", cbor, &good[..good.len() - 1], "the last byte is missing"),
        vector("long-tag", longer, &[&[0xd8, 18], &good[1..]].concat(), "tag 18 in two bytes"),
        vector("tag-twice", cbor, &[&[0xd2], &good[..]].concat(), "tag 18 in tag 18"),
        vector("cwt-tag", cbor, &[&[0xd8, 61], &good[..]].concat(), "CWT's tag 61 around it"),
        vector("sign-tag", cbor, &[&[0xd8, 98], &good[1..]].concat(), "COSE_Sign's tag 98"),
        vector(
            "indefinite-array",
            longer,
            &[&[0xd2, 0x9f], &good[2..], &[0xff]].concat(),
            "an array of indefinite length",
        ),
        vector("too-large", "malformed: size", &too_large, "above 16 KiB"),
    ]
}
