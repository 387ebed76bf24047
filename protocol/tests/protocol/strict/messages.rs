//! A key that is no good, where a device is first seen: in every message a device signs, and in a keyset.

use crate::cases::points::{full_order_again, no_points, small_order, small_order_again, universal};
use crate::raw::Raw;
use crate::samples::{Claims, message, open, public, signer};
use leasehold_protocol::{FormatError, PublicKey, SignatureError, Typ, VerifyError, cbor::Item};

/// The device's key in `cnf`, and its kid in the header; the signature fits any message under a key that vanishes.
fn spoken_by(typ: Typ, x: [u8; 32]) -> Vec<u8> {
    let whole = Raw::of(&message(typ, Claims::All));
    let field = |label, value| (Item::Int(label), value);
    let cose_key = vec![field(1, Item::Int(1)), field(-1, Item::Int(6)), field(-2, Item::Bytes(x.to_vec().into()))];
    let cnf = Item::map(vec![field(1, Item::map(cose_key))]);
    let kid = Item::Bytes(PublicKey(x).kid().0.to_vec().into());
    let raw = whole.clone().with_claims(whole.claims().with(8, cnf)).with_header(whole.header().with(4, kid));
    Raw { signature: universal().to_vec(), ..raw }.encode()
}

#[test]
fn r7_no_message_is_accepted_from_a_device_with_a_weak_key() {
    let keys = [small_order(), small_order_again(), full_order_again(), no_points()].concat();
    let types: Vec<Typ> = Typ::ALL.iter().copied().filter(|typ| signer(*typ) == "device").collect();
    for typ in &types {
        for key in &keys {
            let result = open(*typ, &spoken_by(*typ, *key), &public("device"));
            assert_eq!(result, Err(SignatureError::WeakKey.into()), "{typ} by {}", PublicKey(*key));
        }
    }
    println!("count weak keys: {} keys in {} types of message, all refused", keys.len(), types.len());
}

#[test]
fn r7_no_keyset_certifies_a_weak_key() {
    let keys = [small_order(), small_order_again(), full_order_again(), no_points()].concat();
    let keyset = Raw::of(&message(Typ::Keyset, Claims::All));
    let Item::Array(entries) = keyset.claims().value(-65555) else { panic!("no list of keys") };
    for key in keys {
        let Item::Map(mut fields) = entries[0].clone() else { panic!("not a map") };
        fields.retain(|(label, _)| ![Item::Int(2), Item::Int(-2)].contains(label));
        fields.push((Item::Int(2), Item::Bytes(PublicKey(key).kid().0.to_vec().into())));
        fields.push((Item::Int(-2), Item::Bytes(key.to_vec().into())));
        let claims = keyset.claims().with(-65555, Item::Array(vec![Item::map(fields)]));
        let raw = keyset.clone().with_claims(claims).signed(&crate::samples::key("root"));
        let result = open(Typ::Keyset, &raw.encode(), &public("root"));
        let refused = matches!(result, Err(VerifyError::Format(FormatError::Claim { label: -65555, .. })));
        assert!(refused, "{}: {result:?}", PublicKey(key));
    }
}
