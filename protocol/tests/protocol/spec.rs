//! SPEC.md says what the code does: its tables, its limits and its bytes are compared.

use crate::raw::{Raw, owned, unhex};
use crate::samples::{self, ACTIVATION, AUD, Claims, ISS, NONCE, NOW, key, message, open, public, signer};
use leasehold_protocol::{
    Cti, Day, Refused, Time, Typ,
    accept::{Expected, REVOKED_GRACE},
    activate::Activate,
    armour,
    cbor::{DEPTH_MAX, ITEM_LEN_MAX, Item, VALUES_MAX},
    claims::{LIST_LEN_MAX, SKIPPED_BELOW, TEXT_LEN_MAX},
    keyset::{KEYS_MAX, Keyset},
    lease::{AtExpiry, Grant, LEASE_LEN_MAX},
    message::{DeviceMessage, HELD_LEASE_LEN_MAX},
    units::{COUNT_MAX, KIND_LEN_MAX, KINDS_MAX},
};
use std::collections::BTreeMap;

const SPEC: &str = include_str!("../../SPEC.md");

/// The text under a heading, to the next one.
fn section(heading: &str) -> &'static str {
    let start = SPEC.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading:?}"));
    let text = &SPEC[start + 1..];
    &text[..text.find("\n## ").unwrap_or(text.len())]
}

/// Cells of the rows in the section's table whose first cell in its head is `first`.
fn table(heading: &str, first: &str) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let lines = section(heading).lines().skip_while(|line| !line.starts_with(&format!("| {first} |")));
    let rows: Vec<_> = lines.take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(rows.len() > 2, "no table of {first} in {heading:?}");
    rows
}

#[test]
fn the_refusals_are_those_of_the_code() {
    let rows = table("Refusals", "number");
    let written: Vec<_> = rows[2..].iter().map(|row| format!("{} {}", row[0], row[1])).collect();
    let coded: Vec<_> = Refused::ALL.iter().map(|refused| format!("{} {refused}", *refused as u16)).collect();
    assert_eq!(written, coded, "SPEC.md's table against Refused::ALL");
    assert!(rows[2..].iter().all(|row| !row[2].is_empty()), "each says what to show, or has a dash");
}

#[test]
fn the_limits_are_those_of_the_code() {
    let limits: [(&str, i64); 15] = [
        ("bytes in a message", ITEM_LEN_MAX as i64),
        ("bytes in a lease", LEASE_LEN_MAX as i64),
        ("bytes in a file", armour::FILE_LEN_MAX as i64),
        ("levels of arrays, maps and tags in an item", DEPTH_MAX.into()),
        ("values in an item: integers, strings, arrays, maps and the tag, keys included", VALUES_MAX.into()),
        ("bytes in a text", TEXT_LEN_MAX as i64),
        ("entries in a list of texts or a fingerprint", LIST_LEN_MAX as i64),
        ("bytes in the name of a kind", KIND_LEN_MAX as i64),
        ("kinds in one message", KINDS_MAX as i64),
        ("units of one kind", COUNT_MAX.into()),
        ("keys in a keyset", KEYS_MAX as i64),
        ("the latest time, in seconds", Time::MAX.0),
        ("the latest day", Time::MAX.day().0),
        ("seconds a lease outlives the keyset that revokes its key", REVOKED_GRACE),
        ("claims below this are skipped", SKIPPED_BELOW),
    ];
    let written: Vec<_> = table("Limits", "limit")[2..].iter().map(|row| (row[0], row[1].to_owned())).collect();
    assert_eq!(written, limits.map(|(name, value)| (name, value.to_string())));
    assert_eq!(HELD_LEASE_LEN_MAX, LEASE_LEN_MAX);
}

#[test]
fn the_files_are_those_of_the_code() {
    let rows = table("Licence files", "label");
    let written: Vec<_> = rows[2..].iter().map(|row| (row[0], row[1].to_owned())).collect();
    let coded = armour::Label::ALL.map(|label| (label.word(), format!("`.{}`", label.extension())));
    assert_eq!(written, coded);
}

#[test]
fn each_claim_is_required_optional_or_refused_where_the_table_says() {
    let rows = table("Claims", "label");
    let columns: Vec<&str> = rows[0][3..].to_vec();
    assert_eq!(columns.len(), Typ::ALL.len());
    for typ in Typ::ALL {
        let column = 3 + columns.iter().position(|name| *name == typ.name()).expect("a column for each type");
        for row in &rows[2..] {
            let label: i64 = row[0].parse().expect("a label");
            let expected = match row[column] {
                "R" => Standing::Required,
                "o" => Standing::Optional,
                "" => Standing::Refused,
                other => panic!("{other:?} in the table"),
            };
            assert_eq!(standing(*typ, label), expected, "claim {label} of {typ}");
        }
        let labels: Vec<i64> = rows[2..].iter().map(|row| row[0].parse().expect("a label")).collect();
        let used = Raw::of(&message(*typ, Claims::All)).claims().labels();
        assert!(used.iter().all(|label| labels.contains(label)), "a claim of {typ} is not in the table");
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Required,
    Optional,
    Refused,
}

/// What the code makes of a claim: it is taken out of a whole message, or put into one that lacks it.
fn standing(typ: Typ, label: i64) -> Standing {
    let (signer, whole) = (signer(typ), Raw::of(&message(typ, Claims::All)));
    let opens = |raw: Raw| open(typ, &raw.signed(&key(signer)).encode(), &public(signer)).is_ok();
    if whole.claims().labels().contains(&label) {
        let without = whole.clone().with_claims(whole.claims().without(label));
        return if opens(without) { Standing::Optional } else { Standing::Required };
    }
    let donors = Typ::ALL.iter().map(|typ| Raw::of(&message(*typ, Claims::All)).claims());
    let donor = donors.into_iter().find(|claims| claims.labels().contains(&label)).expect("a type has the claim");
    let with = whole.clone().with_claims(whole.claims().with(label, donor.value(label)));
    assert!(!opens(with), "claim {label} is accepted in {typ}, but no sample has it");
    Standing::Refused
}

/// The five lines of product code in the document, compiled: channels, layers, free upgrade, may run.
#[rustfmt::skip] // as they stand there
fn decide(grant: &Grant, end: Option<Time>, release_day: Day, now: Time) -> (u32, bool, bool, bool) {
    let channels = grant.units.count("channel");
    let layers = grant.features.iter().any(|feature| feature == "layers");
    let upgrade_is_free = grant.free_upgrade_until.is_none_or(|day| release_day <= day);
    let over = end.is_some_and(|end| now >= end);
    let may_run = !over || grant.at_expiry != AtExpiry::Stop; // with Restrict: with less, with Notice: and says so
    (channels, layers, upgrade_is_free, may_run)
}

#[test]
fn five_lines_decide_what_a_product_does() {
    let block = section("Which claim decides what").split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    let lines: Vec<_> = block.expect("a block of code").lines().collect();
    assert_eq!(lines.len(), 5);
    let here = include_str!("spec.rs");
    assert!(lines.iter().all(|line| here.contains(&format!("\n    {line}\n"))), "{lines:#?}");

    let lease = samples::lease(Claims::All);
    let (end, free_until) = (Some(lease.exp), lease.grant.free_upgrade_until.expect("a day"));
    assert_eq!(decide(&lease.grant, end, free_until, NOW), (4, true, true, true));
    let bare = Grant { at_expiry: AtExpiry::Stop, features: vec![], ..lease.grant };
    assert_eq!(decide(&bare, end, Day(free_until.0 + 1), lease.exp), (4, false, false, false));
    assert_eq!(decide(&bare, None, free_until, Time::MAX), (4, false, true, true), "no end");
}

#[test]
fn every_type_has_its_media_type_and_its_cddl() {
    for typ in Typ::ALL {
        assert!(section("Envelope").contains(&format!("\"{typ}\"")), "{typ}");
        assert!(section("Messages").contains(&format!("\n{:<11} = {{", typ.name())), "{typ}");
        assert_eq!(typ.media_type(), format!("application/vnd.leasehold.v1.{typ}"));
    }
}

/// The messages of the exchange: activation, lease, keyset.
fn exchange() -> [(&'static str, Vec<u8>); 3] {
    let mut lease = samples::lease(Claims::RequiredOnly);
    (lease.grant.seq, lease.grant.cti) = (1, Cti::derive(ACTIVATION, 1));
    [
        ("The activation, `POST /v1/activate`", message(Typ::Activate, Claims::RequiredOnly)),
        ("The answer, status 200: a lease", lease.sign(&key("lease"))),
        ("The keyset it is judged by, `GET /v1/keyset`", message(Typ::Keyset, Claims::RequiredOnly)),
    ]
}

fn exchange_text() -> String {
    let parts = exchange().map(|(title, bytes)| {
        let hex: String = bytes.chunks(50).map(hex_line).collect();
        format!("### {title}\n\n```hex\n{hex}```\n\n```cbor-diag\n{}```\n", diagnostic(&bytes))
    });
    parts.join("\n")
}

fn hex_line(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n"
}

/// Diagnostic notation (RFC 8949, section 8), one header or claim a line, with the claims' names.
fn diagnostic(message: &[u8]) -> String {
    let raw = Raw::of(message);
    let names: BTreeMap<i64, &str> = table("Claims", "label")[2..]
        .iter()
        .map(|row| (row[0].parse().expect("a label"), row[1].split(',').next().unwrap_or_default()))
        .collect();
    let headers = BTreeMap::from([(1, "alg: EdDSA"), (4, "kid"), (16, "typ")]);
    let lines = |fields: Vec<(i64, Item<'static>)>, names: &BTreeMap<i64, &str>| {
        let lines = fields.into_iter().map(|(label, value)| {
            format!("    {label}: {}, / {} /\n", inline(&value), names.get(&label).copied().unwrap_or("?"))
        });
        lines.collect::<String>()
    };
    format!(
        "18([\n  << {{\n{}  }} >>,\n  {{}},\n  << {{\n{}  }} >>,\n  h'{}'\n])\n",
        lines(raw.header().0, &headers),
        lines(raw.claims().0, &names),
        hex_line(&raw.signature).trim_end(),
    )
}

fn inline(item: &Item<'_>) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match item {
        Item::Int(int) => int.to_string(),
        Item::Bytes(bytes) => format!("h'{}'", hex_line(bytes).trim_end()),
        Item::Text(text) => format!("{text:?}"),
        Item::Array(items) => format!("[{}]", list(items.iter().map(inline).collect())),
        Item::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", inline(key), inline(value)));
            format!("{{{}}}", list(entries.collect()))
        }
        Item::Sign1(inner) => format!("18({})", inline(&owned(*inner.clone()))),
    }
}

#[test]
fn the_exchange_is_the_one_the_code_makes() {
    let written = section("A complete exchange");
    let made = exchange_text();
    assert!(written.ends_with(&made), "the section should end with:\n{made}");
}

#[test]
fn the_exchange_in_hex_is_accepted() {
    let blocks = section("A complete exchange").split("```hex\n").skip(1);
    let blocks: Vec<_> =
        blocks.map(|block| unhex(block.split("```").next().unwrap_or_default()).expect("hex")).collect();
    let [activate, lease, keyset] = &blocks[..] else { panic!("{} blocks of hex", blocks.len()) };
    let activate = Activate::open(activate).expect("the activation is signed by its device");
    assert_eq!((activate.iss.as_str(), activate.sender.aud.as_str()), (ISS, AUD));
    let keyset = Keyset::accept(keyset, &public("root"), 0).expect("the keyset is signed by the root");
    let device = activate.device();
    let expected = Expected { iss: ISS, aud: AUD, device, nonce: activate.sender.nonce, seq: None };
    let lease = keyset.judge_lease(lease, &expected, NOW).expect("the lease is the answer");
    assert_eq!((lease.grant.nonce, lease.grant.seq, lease.grant.units.count("channel")), (NONCE, 1, 4));
}
