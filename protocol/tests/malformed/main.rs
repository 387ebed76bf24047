//! R6: malformed input at every parser of this crate: the vectors as they are, and 120,000 changes to them.

#[path = "storm/mod.rs"]
mod storm;
mod targets;

use leasehold_protocol::{Typ, cbor::Item};
use std::{collections::BTreeMap, fs, path::PathBuf};
use storm::Course;

const MUTATIONS: usize = 120_000;

/// Inputs by the part of a message they are: `whole`, `header`, `file`, and the payload under the name of its type.
fn corpora() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vectors");
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    let mut corpora = BTreeMap::<&str, Vec<Vec<u8>>>::new();
    let mut put = |part, bytes: &[u8]| corpora.entry(part).or_default().push(bytes.to_vec());
    for file in names.iter().map(|name| fs::read(name).expect("readable")) {
        let Some(end) = file.windows(2).position(|pair| pair == b"\n\n") else { continue };
        let (headers, body) = (String::from_utf8_lossy(&file[..end]), &file[end + 2..]);
        if !headers.starts_with("expect: ") {
            continue; // the README
        }
        if headers.lines().any(|line| line.starts_with("label: ")) {
            put("file", body);
            continue;
        }
        let message = unhex(body);
        put("whole", &message);
        let Ok(Item::Sign1(inner)) = Item::decode(&message) else { continue };
        let Item::Array(parts) = *inner else { continue };
        if let [Item::Bytes(header), _, Item::Bytes(payload), ..] = &parts[..] {
            put("header", header);
            let typ = headers.lines().find_map(|line| line.strip_prefix("typ: ")).expect("a type");
            let typ = Typ::ALL.iter().find(|known| known.name() == typ).expect("a known one");
            put(typ.name(), payload);
        }
    }
    let texts =
        ["0011223344556677", &"ab".repeat(16), &"ab".repeat(32), "channel", "Café, 3rd floor", Typ::Lease.media_type()];
    corpora.insert("text", texts.map(|text| text.as_bytes().to_vec()).into());
    corpora
}

fn unhex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    let digit = |byte: u8| (byte as char).to_digit(16).expect("hex") as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

fn courses() -> Vec<Course> {
    let corpora = corpora();
    let course = |name, part, target| Course { name, target, corpus: corpora[part].clone() };
    vec![
        course("cbor", "whole", targets::cbor),
        course("envelope", "whole", targets::envelope),
        course("header", "header", targets::header),
        course("license_file", "whole", targets::license_file),
        course("register", "register", targets::register),
        course("activate", "activate", targets::activate),
        course("check", "check", targets::check),
        course("release", "release", targets::release),
        course("request", "request", targets::request),
        course("surrender", "return", targets::surrender),
        course("lease", "lease", targets::lease),
        course("refusal", "refusal", targets::refusal),
        course("receipt", "receipt", targets::receipt),
        course("license", "license", targets::license),
        course("keyset", "keyset", targets::keyset),
        course("armour", "file", targets::armour),
        course("text", "text", targets::text),
    ]
}

#[test]
fn r6_no_malformed_message_or_file_panics_and_what_is_accepted_has_one_spelling() {
    storm::rage("protocol", &courses(), MUTATIONS);
}

#[test]
fn every_type_of_message_has_a_target() {
    let names: Vec<&str> = courses().iter().map(|course| course.name).collect();
    for typ in Typ::ALL {
        let name = if *typ == Typ::Return { "surrender" } else { typ.name() };
        assert!(names.contains(&name), "{typ}");
    }
}
