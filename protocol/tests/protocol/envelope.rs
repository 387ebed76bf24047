//! The envelope: one purpose, one key, one encoding, one signature.

use crate::raw::{Raw, bstr, int, map, tstr};
use crate::samples::{Claims, key, message, open, public, signer};
use leasehold_protocol::{
    FormatError, PublicKey, SignatureError, Typ, VerifyError,
    cbor::{ITEM_LEN_MAX, Item},
    cose::Envelope,
};

fn parse_error(bytes: &[u8]) -> String {
    Envelope::parse(bytes).expect_err("refused").to_string()
}

#[test]
fn i15_no_message_passes_for_one_of_another_type() {
    for made in Typ::ALL {
        let bytes = message(*made, Claims::All);
        for asked in Typ::ALL.iter().filter(|asked| *asked != made) {
            let wrong = FormatError::WrongTyp { expected: *asked, found: *made };
            assert_eq!(open(*asked, &bytes, &public(signer(*made))), Err(wrong.into()));
        }
    }
}

#[test]
fn another_key_is_named_before_any_signature_is_checked() {
    for typ in [Typ::Lease, Typ::Refusal, Typ::Receipt, Typ::License, Typ::Keyset] {
        let result = open(typ, &message(typ, Claims::All), &public("stranger"));
        assert_eq!(result, Err(SignatureError::WrongKey.into()), "{typ}");
    }
}

#[test]
fn a_device_message_signed_by_another_key_than_its_own_is_refused() {
    let whole = Raw::of(&message(Typ::Check, Claims::All));
    let forged = whole.clone().signed(&key("stranger")).encode();
    assert_eq!(open(Typ::Check, &forged, &public("device")), Err(SignatureError::Invalid.into()));
    let kid = Item::Bytes(public("stranger").kid().0.to_vec().into());
    let renamed = whole.clone().with_header(whole.header().with(4, kid)).signed(&key("stranger")).encode();
    assert_eq!(open(Typ::Check, &renamed, &public("device")), Err(SignatureError::WrongKey.into()));
}

#[test]
fn parts_of_two_genuine_messages_do_not_mix() {
    let (one, two) = (Raw::of(&message(Typ::Lease, Claims::All)), Raw::of(&message(Typ::Lease, Claims::RequiredOnly)));
    for mixed in
        [Raw { payload: two.payload.clone(), ..one.clone() }, Raw { signature: two.signature.clone(), ..one.clone() }]
    {
        let result = open(Typ::Lease, &mixed.encode(), &public("lease"));
        assert_eq!(result, Err(SignatureError::Invalid.into()));
    }
    let refusal = Raw::of(&message(Typ::Refusal, Claims::All));
    let renamed = Raw { protected: one.protected.clone(), ..refusal };
    assert_eq!(open(Typ::Lease, &renamed.encode(), &public("lease")), Err(SignatureError::Invalid.into()));
}

#[test]
fn the_structure_is_the_one_of_cose_sign1() {
    let whole = Raw::of(&message(Typ::Lease, Claims::All));
    let bytes = whole.encode();
    assert!(Envelope::parse(&bytes).is_ok());
    assert!(parse_error(&bytes[1..]).contains("tag 18 is missing"));
    assert!(parse_error(b"\xd2\xa0").contains("tag 18 holds no array"));
    assert!(parse_error(&[&[0xd2, 0x83], &bytes[2..bytes.len() - 66]].concat()).contains("four elements"));
    assert!(parse_error(&Raw { unprotected: vec![0x40], ..whole.clone() }.encode()).contains("bstr, map, bstr, bstr"));
    let filled = Raw { unprotected: map(&[(int(4), bstr(&[1; 8]))]), ..whole.clone() };
    assert!(parse_error(&filled.encode()).contains("the unprotected header is not empty"));
    for len in [0, 63, 65] {
        let short = Raw { signature: vec![1; len], ..whole.clone() };
        assert!(parse_error(&short.encode()).contains("the signature is not 64 bytes"));
    }
    let long = [bytes, vec![0; ITEM_LEN_MAX]].concat();
    assert!(matches!(Envelope::parse(&long), Err(FormatError::TooLarge { .. })));
}

#[test]
fn the_protected_header_holds_alg_kid_and_typ_alone() {
    let whole = Raw::of(&message(Typ::Lease, Claims::All));
    let with = |label, value| parse_error(&whole.clone().with_header(whole.header().with(label, value)).encode());
    let without = |label| parse_error(&whole.clone().with_header(whole.header().without(label)).encode());
    for alg in [-7, -19, -37, 5, 0] {
        assert!(with(1, Item::Int(alg)).contains("the algorithm is not EdDSA"));
    }
    assert!(with(1, Item::text("EdDSA")).contains("not allowed"));
    assert!(without(1).contains("the algorithm is not EdDSA"));
    assert!(without(4).contains("the key id is missing"));
    assert!(with(4, Item::Bytes(vec![1; 7].into())).contains("not 8 bytes"));
    assert!(without(16).contains("the type is missing"));
    assert!(with(16, Item::text("application/vnd.leasehold.v2.lease")).contains("unknown type"));
    assert!(with(16, Item::text("Application/vnd.leasehold.v1.lease")).contains("unknown type"));
    assert!(with(16, Item::Int(60)).contains("not allowed"));
    for label in [2, 3, 5, 33, -70_001] {
        assert!(with(label, Item::Int(1)).contains("not allowed"), "{label}");
    }
    assert!(parse_error(&Raw { protected: vec![], ..whole.clone() }.encode()).contains("CBOR"));
    assert!(parse_error(&Raw { protected: vec![0x80], ..whole.clone() }.encode()).contains("is not a map"));
    let named = map(&[(tstr("alg"), int(-8))]);
    assert!(parse_error(&Raw { protected: named, ..whole }.encode()).contains("not allowed"));
}

#[test]
fn a_keyset_travels_in_licence_files_and_nowhere_else() {
    let keyset = || Item::Bytes(message(Typ::Keyset, Claims::All).into());
    for typ in Typ::ALL.iter().filter(|typ| **typ != Typ::License) {
        let whole = Raw::of(&message(*typ, Claims::All));
        let raw = whole.clone().with_header(whole.header().with(-65557, keyset()));
        assert!(parse_error(&raw.encode()).contains("only a licence file carries a keyset"), "{typ}");
    }
    let license = Raw::of(&message(Typ::License, Claims::All));
    let bare = license.clone().with_header(license.header().without(-65557));
    assert!(parse_error(&bare.encode()).contains("a licence file carries its keyset"));
    let bytes = license.encode();
    assert_eq!(
        Envelope::parse(&bytes).expect("parses").keyset.as_deref(),
        Some(&message(Typ::Keyset, Claims::All)[..])
    );
}

#[test]
fn a_signed_message_in_another_encoding_is_refused() {
    // Correctly signed, so that only the rule of one encoding refuses them.
    let whole = Raw::of(&message(Typ::Receipt, Claims::All));
    let mut entries: Vec<_> = whole.claims().0.iter().map(|(label, value)| (int(*label), value.encode())).collect();
    let open_with = |payload: Vec<u8>| {
        let raw = Raw { payload, ..whole.clone() }.signed(&key("lease"));
        open(Typ::Receipt, &raw.encode(), &public("lease"))
    };
    assert_eq!(open_with(map(&entries)), Ok(()));
    entries.swap(0, 1);
    assert!(matches!(open_with(map(&entries)), Err(VerifyError::Format(FormatError::Cbor { .. }))));
    entries.swap(0, 1);
    entries[0].0 = vec![0x18, 0x01];
    assert!(matches!(open_with(map(&entries)), Err(VerifyError::Format(FormatError::NotDeterministic { .. }))));
}

#[test]
fn second_spellings_of_keys_are_weak_keys() {
    // y = p + 3 is on the curve and not of small order; so is y = 3, the same point.
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xf0, 0x7f);
    let mut first = [0; 32];
    first[0] = 3;
    assert_eq!(PublicKey(first).check(), Ok(()));
    assert_eq!(PublicKey(second).check(), Err(SignatureError::WeakKey));
    (second[0], second[31]) = (0xf0, 0xff);
    assert_eq!(PublicKey(second).check(), Err(SignatureError::WeakKey));
}
