//! The parsers of outside bytes in `leasehold-signer`, each as a plain function that must not panic. TOML, JSON and PEM have many
//! spellings: what is accepted is written, read again, and must be the same value.

use crate::storm::Met;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{Digest, PublicKey, SigningKey, Time};
use leasehold_signer::allotment::Allotment;
use leasehold_signer::ceremony::KeysRequest;
use leasehold_signer::describe::describe;
use leasehold_signer::keyfile::{self, public_from_pem, public_to_pem};
use leasehold_signer::opening;
use leasehold_signer::verify::{self, Trust, verify};
use leasehold_signer::{journal, journal::Entry};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io::Write, process};

const NOW: Time = Time(1_800_000_000);

/// What opens the sealed keys of the corpus.
pub const PASSPHRASE: &[u8] = b"correct horse";

/// The root of this ceremony.
pub fn root() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// `keys.request`. What can be certified is a keyset that opens.
pub fn keys_request(bytes: &[u8]) -> Met {
    let Ok(text) = std::str::from_utf8(bytes) else { return Met::Refused };
    let Ok(request) = KeysRequest::parse(text) else { return Met::Refused };
    assert_eq!(KeysRequest::parse(&request.render()), Ok(request.clone()));
    if let Ok(keyset) = request.keyset(&PublicKey::of(&root()), NOW) {
        assert_eq!(Keyset::open(&keyset.sign(&root()), &PublicKey::of(&root())), Ok(keyset));
    }
    Met::Accepted
}

/// A grant file.
pub fn grant(bytes: &[u8]) -> Met {
    let Ok(text) = std::str::from_utf8(bytes) else { return Met::Refused };
    let Ok(grant) = Allotment::parse(text) else { return Met::Refused };
    assert_eq!(Allotment::parse(&grant.render()), Ok(grant));
    Met::Accepted
}

/// A public key in PEM.
pub fn public_key(bytes: &[u8]) -> Met {
    let Ok(text) = std::str::from_utf8(bytes) else { return Met::Refused };
    let Ok(key) = public_from_pem(text) else { return Met::Refused };
    assert_eq!(key.check(), Ok(()));
    assert_eq!(public_from_pem(&public_to_pem(&key)), Ok(key));
    Met::Accepted
}

/// A private key's file, plain or sealed.
pub fn key_file(bytes: &[u8]) -> Met {
    let path: PathBuf = std::env::temp_dir().join(format!("leasehold-malformed-key-{}", process::id()));
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(bytes)).expect("a writable temporary folder");
    let read = keyfile::read(&path, Some(PASSPHRASE));
    fs::remove_file(&path).expect("our own file");
    read.into()
}

/// A journal as it stands on disk. What is read, written again, reads as the same.
pub fn journal(bytes: &[u8]) -> Met {
    let path = Path::new("journal");
    let Ok((entries, last)) = journal::entries(path, bytes) else { return Met::Refused };
    let mut again = Vec::new();
    let chain = entries.iter().fold(Digest([0; 32]), |previous, entry| entry.write(previous, &mut again));
    let (read, _) = journal::entries(path, &again).expect("our own journal");
    assert_eq!(read, entries);
    assert!(chain == last || again != bytes, "one journal, two hashes");
    Met::Accepted
}

/// A journal by its entries alone, one a line: hashes are put before them, so that changes reach the entries' reader.
pub fn journal_entries(bytes: &[u8]) -> Met {
    let (mut text, mut previous) = (Vec::new(), Digest([0; 32]));
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        previous = Digest::of(&[&previous.0, line].concat());
        text.extend_from_slice(format!("{previous} ").as_bytes());
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    journal(&text)
}

/// The entry of a line, for the corpus.
pub fn entry_line(entry: &Entry) -> Vec<u8> {
    let mut line = Vec::new();
    entry.write(Digest([0; 32]), &mut line);
    line.split_off(65)
}

/// A file from a device: an accepted one is the device's own, byte for byte.
pub fn device_file(file: &[u8]) -> Met {
    let request = opened::<Request>(Label::Request, file);
    let surrender = opened::<Surrender>(Label::Return, file);
    if request == Met::Accepted { request } else { surrender }
}

fn opened<M: DeviceMessage>(label: Label, file: &[u8]) -> Met {
    match opening::open::<M>(label, file) {
        Ok((_, digest)) => {
            assert_eq!(Digest::of(&armour::unwrap(label, file).expect("it was opened")), digest);
            Met::Accepted
        }
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control), "{error:?} goes to a terminal");
            assert!(!error.hint().is_empty());
            Met::Refused
        }
    }
}

/// Any artefact, described and verified for people.
pub fn artefact(file: &[u8]) -> Met {
    let root = PublicKey::of(&root());
    let keyset = keyset_file();
    let verified = verify(file, Trust { root: Some(&root), keyset: Some(&keyset) }, NOW);
    let described = describe(file);
    if let Ok(description) = &described {
        let text = description.to_string();
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?} goes to a terminal");
        assert!(description.json().is_object());
    }
    assert!(verified.is_err() || described.is_ok(), "proved, and cannot be described");
    assert!(described.is_err() || verify::cose_bytes(file).is_ok() || verified.is_err());
    described.into()
}

/// The keyset that lease and file key of the corpus are in.
pub fn keyset_file() -> Vec<u8> {
    use leasehold_protocol::keyset::{KeyEntry, KeyUse};
    let entry = |seed, usage| {
        let public = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
        KeyEntry { public, usage, nbf: NOW, exp: NOW.plus(1_000_000), max_term: None, revoked: false }
    };
    let keys = vec![entry(2, KeyUse::Lease), entry(3, KeyUse::File)];
    Keyset { iss: "vendor".into(), version: 1, iat: NOW, exp: NOW.plus(1_000_000), keys }.sign(&root())
}
