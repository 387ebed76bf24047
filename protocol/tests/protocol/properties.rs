//! The codec against `ciborium`, an independent one. `LEASEHOLD_SOAK=n` runs n times the cases.

use crate::samples::{Claims, message};
use ciborium::Value;
use leasehold_protocol::{FormatError, Typ, armour, cbor::Item, cose::Envelope};
use proptest::prelude::*;

const CASES: u32 = 4000;

fn cases() -> ProptestConfig {
    let soak = std::env::var("LEASEHOLD_SOAK").ok().and_then(|factor| factor.parse::<u32>().ok());
    ProptestConfig { cases: CASES.saturating_mul(soak.unwrap_or(1)), failure_persistence: None, ..Default::default() }
}

/// Integers of every encoded length.
fn ints() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0..64u32).prop_map(|(int, shift)| int >> shift)
}

fn leaves() -> impl Strategy<Value = Item<'static>> {
    prop_oneof![
        ints().prop_map(Item::Int),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Item::Bytes(bytes.into())),
        "\\PC{0,30}".prop_map(|text| Item::Text(text.into())),
    ]
}

/// Items without a tag, at most seven levels deep.
fn untagged() -> impl Strategy<Value = Item<'static>> {
    leaves().prop_recursive(7, 64, 6, |inner| {
        let by_int = proptest::collection::btree_map(ints(), inner.clone(), 0..6)
            .prop_map(|map| Item::map(map.into_iter().map(|(key, value)| (Item::Int(key), value)).collect()));
        let by_text = proptest::collection::btree_map("[a-z]{0,30}", inner.clone(), 0..6)
            .prop_map(|map| Item::map(map.into_iter().map(|(key, value)| (Item::Text(key.into()), value)).collect()));
        prop_oneof![proptest::collection::vec(inner, 0..6).prop_map(Item::Array), by_int, by_text]
    })
}

fn items() -> impl Strategy<Value = Item<'static>> {
    prop_oneof![untagged(), untagged().prop_map(|item| Item::Sign1(Box::new(item)))]
}

fn ciborium_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("into memory");
    bytes
}

/// The same content as a value of the other codec, maps sorted by their encoded keys (RFC 8949, section 4.2.1).
fn value_of(item: &Item<'_>) -> Value {
    match item {
        Item::Int(int) => Value::Integer((*int).into()),
        Item::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Item::Text(text) => Value::Text(text.to_string()),
        Item::Array(items) => Value::Array(items.iter().map(value_of).collect()),
        Item::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| (value_of(key), value_of(value))).collect();
            entries.sort_by_key(|(key, _)| ciborium_bytes(key));
            Value::Map(entries)
        }
        Item::Sign1(inner) => Value::Tag(18, Box::new(value_of(inner))),
    }
}

/// What every reader of outside bytes must hold to: no panic, one encoding, the other codec reads the same.
fn check_reading(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(item) = Item::decode(bytes) {
        prop_assert_eq!(&item.encode(), bytes);
        let value: Value = ciborium::from_reader(bytes).expect("the other codec reads it");
        prop_assert_eq!(value, value_of(&item));
    }
    if let Ok(envelope) = Envelope::parse(bytes) {
        let _ = envelope.unverified_claims(envelope.typ);
    }
    Ok(())
}

/// One way out of many to change bytes.
fn mutate(bytes: &mut Vec<u8>, at: prop::sample::Index, how: u8, byte: u8) {
    if bytes.is_empty() {
        return bytes.push(byte);
    }
    let at = at.index(bytes.len());
    match how % 5 {
        0 => bytes[at] ^= 1 << (byte % 8),
        1 => bytes[at] = byte,
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        _ => bytes.truncate(at),
    }
}

/// A head longer than needed, in front of what the shortest one announced.
fn lengthened(bytes: &[u8]) -> Vec<u8> {
    let (major, low) = (bytes[0] & 0xe0, bytes[0] & 0x1f);
    let (argument, rest) = match low {
        0..=23 => (u64::from(low), &bytes[1..]),
        24..=26 => {
            let len = 1 << (low - 24);
            let argument = bytes[1..=len].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            (argument, &bytes[1 + len..])
        }
        _ => return [&[major | 0x1f], &bytes[1..]].concat(), // already the longest: make it indefinite
    };
    [&[major | 27], &argument.to_be_bytes()[..], rest].concat()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn our_encoding_is_the_deterministic_one(item in items()) {
        let bytes = item.encode();
        prop_assert_eq!(&bytes, &ciborium_bytes(&value_of(&item)));
        prop_assert_eq!(Item::decode(&bytes), Ok(item));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_read_as_the_other_codec_reads_them(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        check_reading(&bytes)?;
    }

    #[test]
    fn mutated_items_are_refused_or_read_as_the_other_codec_reads_them(
        item in items(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = item.encode();
        changes.into_iter().for_each(|(at, how, byte)| mutate(&mut bytes, at, how, byte));
        check_reading(&bytes)?;
    }

    #[test]
    fn mutated_messages_and_files_never_panic(
        typ in prop::sample::select(Typ::ALL), label in prop::sample::select(&armour::Label::ALL[..]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = message(typ, Claims::RequiredOnly);
        let mut text = armour::wrap(label, &bytes).into_bytes();
        for (at, how, byte) in changes {
            mutate(&mut bytes, at, how, byte);
            mutate(&mut text, at, how, byte);
        }
        check_reading(&bytes)?;
        if let Ok(inside) = armour::unwrap(label, &text) {
            // The line ends are the one freedom there is.
            let plain = String::from_utf8_lossy(&text).replace("\r\n", "\n");
            let again = armour::wrap(label, &inside);
            prop_assert_eq!(again.trim_end(), plain.trim_end());
        }
    }

    #[test]
    fn other_orders_and_repeated_keys_are_refused(
        map in proptest::collection::btree_map(ints(), leaves(), 2..6), at in any::<prop::sample::Index>(),
    ) {
        let Value::Map(entries) = value_of(&Item::Map(map.into_iter().map(|(key, value)| (Item::Int(key), value)).collect()))
        else { unreachable!("a map") };
        let at = at.index(entries.len() - 1);
        let mut swapped = entries.clone();
        swapped.swap(at, at + 1);
        let mut doubled = entries.clone();
        doubled.insert(at, entries[at].clone());
        prop_assert!(Item::decode(&ciborium_bytes(&Value::Map(entries))).is_ok());
        for wrong in [swapped, doubled] {
            let bytes = ciborium_bytes(&Value::Map(wrong));
            let refused = Item::decode(&bytes);
            prop_assert!(matches!(refused, Err(FormatError::Cbor { .. })), "{:?}", refused);
        }
    }

    #[test]
    fn longer_and_indefinite_heads_are_refused(item in untagged()) {
        let bytes = item.encode();
        prop_assert!(Item::decode(&lengthened(&bytes)).is_err());
        let inside = [&[0x81][..], &lengthened(&bytes)].concat();
        prop_assert!(Item::decode(&inside).is_err());
        if matches!(item, Item::Array(_) | Item::Map(_)) && bytes[0] & 0x1f < 24 {
            let indefinite = [&[bytes[0] & 0xe0 | 0x1f], &bytes[1..], &[0xff]].concat();
            prop_assert_eq!(ciborium::from_reader::<Value, _>(&indefinite[..]).expect("CBOR"), value_of(&item));
            prop_assert!(Item::decode(&indefinite).is_err());
        }
    }

    #[test]
    fn floats_simple_values_and_other_tags_are_refused_wherever_they_stand(
        float in any::<f64>(), tag in any::<u64>().prop_map(|tag| if tag == 18 { 19 } else { tag }), inner in untagged(),
    ) {
        let values = [
            Value::Float(float), Value::Bool(float > 0.0), Value::Null, Value::Tag(tag, Box::new(value_of(&inner))),
        ];
        for value in values {
            let in_array = Value::Array(vec![value_of(&inner), value.clone()]);
            let in_map = Value::Map(vec![(Value::Integer(1.into()), value.clone())]);
            for value in [value, in_array, in_map] {
                prop_assert!(Item::decode(&ciborium_bytes(&value)).is_err(), "{:?}", value);
            }
        }
    }
}
