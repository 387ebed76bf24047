//! R7: every artefact, offered wherever some artefact is expected. One list says which reader takes which type; a type without
//! a row does not compile, a reader without a row is in nobody's list and must refuse everything.

mod reader;

use crate::raw::Raw;
use crate::samples::{Claims, key, keyset, message, public};
use leasehold_protocol::{
    SigningKey, Typ,
    armour::{self, Label},
    cbor::Item,
    keyset::KeyUse,
};
use reader::{Reader, all_readers, readers_of, typ_in};

/// The same message under another key, which the header names: all in order but the type.
fn signed_by(bytes: &[u8], key: &SigningKey) -> Vec<u8> {
    let raw = Raw::of(bytes);
    let kid = leasehold_protocol::PublicKey::of(key).kid();
    let header = raw.header().with(4, Item::Bytes(kid.0.to_vec().into()));
    raw.with_header(header).signed(key).encode()
}

#[test]
fn r7_each_artefact_is_taken_where_it_is_expected_and_nowhere_else() {
    let readers = all_readers();
    let mut offers = 0;
    for typ in Typ::ALL {
        let own = readers_of(*typ);
        let bytes = message(*typ, Claims::All);
        for reader in &readers {
            let by_the_right_key = signed_by(&bytes, &key(reader.key()));
            for offered in [&bytes, &by_the_right_key] {
                assert_eq!(reader.takes(offered), own.contains(reader), "{typ} offered to {reader:?}");
                offers += 1;
            }
        }
    }
    println!(
        "count artefacts in each other's place: {offers} offers of {} types to {} readers",
        Typ::ALL.len(),
        readers.len()
    );
}

/// The same claims under another type, well made and signed by the same key: nothing but the type is wrong.
fn retyped(bytes: &[u8], typ: Typ, key: &SigningKey) -> Vec<u8> {
    let raw = Raw::of(bytes);
    let keyset = Item::Bytes(message(Typ::Keyset, Claims::All).into());
    let header = raw.header().with(16, Item::text(typ.media_type())).without(-65557);
    let header = if typ == Typ::License { header.with(-65557, keyset) } else { header };
    raw.with_header(header).signed(key).encode()
}

#[test]
fn r7_the_type_alone_makes_an_artefact_another_one() {
    let mut offers = 0;
    for own in Typ::ALL {
        for reader in readers_of(*own) {
            for typ in Typ::ALL {
                let offered = retyped(&message(*own, Claims::All), *typ, &key(reader.key()));
                assert_eq!(reader.takes(&offered), typ == own, "{own} called {typ} offered to {reader:?}");
                offers += 1;
            }
        }
    }
    println!("count artefacts under another type: {offers} offers, the right type alone taken");
}

#[test]
fn r7_a_file_is_opened_under_its_own_label_only() {
    for written in Label::ALL {
        let text = armour::wrap(written, &message(typ_in(written), Claims::All));
        for asked in Label::ALL {
            assert_eq!(armour::unwrap(asked, text.as_bytes()).is_ok(), asked == written, "{written:?} as {asked:?}");
        }
    }
}

#[test]
fn r7_a_vendors_artefact_counts_under_a_key_of_its_own_use_only() {
    let judged = [
        (Typ::Lease, Reader::LeaseJudged, KeyUse::Lease),
        (Typ::Refusal, Reader::RefusalJudged, KeyUse::Lease),
        (Typ::Receipt, Reader::ReceiptJudged, KeyUse::Lease),
        (Typ::License, Reader::LicenseFile, KeyUse::File),
    ];
    for (typ, reader, usage) in judged {
        for name in ["root", "lease", "file", "old", "device", "stranger"] {
            let certified = keyset(Claims::All).key(public(name).kid()).cloned();
            let may = certified.is_some_and(|entry| entry.usage == usage && !entry.revoked);
            let bytes = signed_by(&message(typ, Claims::All), &key(name));
            assert_eq!(reader.takes(&bytes), may, "{typ} by {name}");
        }
    }
    for name in ["lease", "file", "old", "device", "stranger"] {
        let bytes = signed_by(&message(Typ::Keyset, Claims::All), &key(name));
        assert!(!Reader::KeysetAccepted.takes(&bytes), "a keyset by {name}");
    }
}
