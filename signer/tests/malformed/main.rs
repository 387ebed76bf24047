//! R6: malformed input at every parser of this crate: good files, and 40,000 changes to them.

#[path = "../../../protocol/tests/malformed/storm/mod.rs"]
mod storm;
mod targets;

use leasehold_protocol::{ActivationId, Cti, DeviceId, Digest, PublicKey, SigningKey, Time, Units};
use leasehold_signer::disk::RealDisk;
use leasehold_signer::journal::{Entry, GivenBack, Issued};
use leasehold_signer::keyfile::{self, Cost, Seal, public_to_pem};
use std::{fs, path::PathBuf};
use storm::Course;

const MUTATIONS: usize = 40_000;

const KEYS_REQUEST: &str = r#"
iss = "vendor"
version = 1

[[key]]
use = "lease"
public = "207a067892821e25d770f1fba0c47c11ff4b813e54162ece9eb839e076231ab6"
nbf = 2026-11-21T00:00:00Z
exp = 2028-11-21T00:00:00Z
max_term = 1209600

[[key]]
use = "file"
public = "f786ec10adcb89db5dd1cf1ce4f973e31784b7ab1d646671900da62e63f085c3"
nbf = 2026-11-21T00:00:00+02:00
exp = 2028-11-21T00:00:00.5Z
revoked = true
"#;

const GRANT: &str = r#"
grant = "north-2026-11"
iss = "licences.example.com"
code = "ABCD-EFGH-JKLM-NPQR"
product = "ARIA-OEM"
licensee = "example-labs"
features = ["failover"]
at_expiry = "restrict"
exp = 2027-11-21T00:00:00Z
free_upgrade_until = 2027-11-21
expires = 2027-06-30T00:00:00Z
[units]
endpoint = 100
"#;

fn perpetual() -> String {
    let ends = |line: &&str| line.starts_with("exp =");
    GRANT.lines().map(|line| if ends(&line) { "exp = \"perpetual\"\n".into() } else { format!("{line}\n") }).collect()
}

/// The lines of a journal: opened, two files for one device, one given back.
fn entries() -> Vec<Entry> {
    let units = |count| Units::of("endpoint", count).expect("a good kind");
    let (at, sub) = (Time(1_800_000_000), ActivationId([7; 16]));
    let issued = |seq: u32, name: Option<&str>| {
        Entry::Issued(Issued {
            at,
            grant: "north-1".into(),
            iss: "vendor".into(),
            sub,
            seq,
            cti: Cti::derive(sub, seq),
            device: DeviceId([3; 16]),
            device_name: name.map(str::to_owned),
            units: units(4),
            request: Digest([u8::try_from(seq).expect("small"); 32]),
            signed: vec![0xd2, 0x84, 0x01],
        })
    };
    let back = GivenBack { at, sub, held: Cti::derive(sub, 2), freed: units(4), message: Digest([9; 32]) };
    vec![Entry::Opened { format: 1, at }, issued(1, Some("gate 4")), issued(2, None), Entry::Returned(back)]
}

fn journal() -> Vec<u8> {
    let mut text = Vec::new();
    entries().iter().fold(Digest([0; 32]), |previous, entry| entry.write(previous, &mut text));
    text
}

fn key_files() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seal = Seal { passphrase: targets::PASSPHRASE, random: [9; 32], cost: Cost::TRIFLING };
    let files = [("plain", None), ("sealed", Some(&seal))].map(|(name, seal)| {
        let path = folder.path().join(name);
        keyfile::write(&mut RealDisk, &path, &SigningKey::from_bytes(&[42; 32]), seal).expect("a new file");
        fs::read(path).expect("readable")
    });
    files.into()
}

/// The good files and messages among the vectors.
fn vectors() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vectors");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let (mut files, mut messages) = (Vec::new(), Vec::new());
    for text in
        paths.iter().map(|path| fs::read(path).expect("readable")).filter(|text| text.starts_with(b"expect: accepted"))
    {
        let end = text.windows(2).position(|pair| pair == b"\n\n").expect("a vector");
        let (headers, body) = (String::from_utf8_lossy(&text[..end]), &text[end + 2..]);
        if headers.contains("\nlabel: ") { files.push(body.to_vec()) } else { messages.push(unhex(body)) }
    }
    (files, messages)
}

fn unhex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    let digit = |byte: u8| (byte as char).to_digit(16).expect("hex") as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

#[test]
fn r6_no_malformed_file_panics_and_what_is_accepted_reads_back() {
    let (files, messages) = vectors();
    let public = [
        public_to_pem(&PublicKey::of(&targets::root())),
        include_str!("../../../fixtures/keys/test-device.pem").into(),
    ];
    let lines: Vec<u8> = entries().iter().flat_map(targets::entry_line).collect();
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let artefacts = [files.clone(), messages, vec![targets::keyset_file()]].concat();
    let course = |name, target, corpus| Course { name, target, corpus };
    let courses = [
        course("keys_request", targets::keys_request as storm::Target, texts(&[KEYS_REQUEST])),
        course("grant", targets::grant, texts(&[GRANT, &perpetual()])),
        course("public_key", targets::public_key, texts(&[&public[0], &public[1]])),
        course("key_file", targets::key_file, key_files()),
        course("journal", targets::journal, vec![journal()]),
        course("journal_entries", targets::journal_entries, vec![lines]),
        course("device_file", targets::device_file, files),
        course("artefact", targets::artefact, artefacts),
    ];
    storm::rage("signer", &courses, MUTATIONS);
}
