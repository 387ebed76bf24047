use super::*;

fn refused(bytes: &[u8]) -> FormatError {
    Item::decode(bytes).expect_err("refused")
}

fn reason_of(bytes: &[u8]) -> String {
    match refused(bytes) {
        FormatError::Cbor { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

fn offset_of_difference(bytes: &[u8]) -> usize {
    match refused(bytes) {
        FormatError::NotDeterministic { offset } => offset,
        other => panic!("{other}"),
    }
}

#[test]
fn items_read_back_what_they_write() {
    let ints = [0, 23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff, 0x1_0000_0000, i64::MAX];
    let ints = ints.into_iter().flat_map(|int| [Item::Int(int), Item::Int(-1 - int)]);
    let long = "x".repeat(300);
    let keys = ["b", "aa", "a"].map(|key| (Item::text(key), Item::bytes(&[1, 2])));
    let all = Item::Array(ints.chain([Item::text(&long), Item::map(keys.into())]).collect());
    let tagged = Item::Sign1(Box::new(all));
    assert_eq!(Item::decode(&tagged.encode()), Ok(tagged.clone()));
}

#[test]
fn maps_are_written_in_the_order_of_their_encoded_keys() {
    let map = |keys: Vec<Item<'static>>| Item::map(keys.into_iter().map(|key| (key, Item::Int(0))).collect()).encode();
    let ints = [-1, 10, 300, -300, 24, 0, -25].map(Item::Int);
    let ordered = [0, 10, 24, 300, -1, -25, -300].map(Item::Int);
    let written = Item::Map(ordered.map(|key| (key, Item::Int(0))).into()).encode();
    assert_eq!(map(ints.into()), written);
    assert_eq!(map(vec![Item::text("b"), Item::text("aa"), Item::text("a")]), b"\xa3\x61a\x00\x61b\x00\x62aa\x00");
}

#[test]
fn integers_longer_than_needed_are_not_deterministic() {
    for bytes in
        [&b"\x18\x17"[..], b"\x19\x00\xff", b"\x1a\x00\x00\xff\xff", b"\x1b\0\0\0\0\xff\xff\xff\xff", b"\x38\x00"]
    {
        assert_eq!(offset_of_difference(bytes), 0);
    }
    assert_eq!(offset_of_difference(b"\x82\x00\x58\x01\xff"), 2, "a long length");
    assert_eq!(offset_of_difference(b"\xd8\x12\x80"), 0, "a long tag");
}

#[test]
fn indefinite_lengths_are_refused() {
    assert_eq!(reason_of(b"\x5f\x41\x01\xff"), "a string of indefinite length");
    assert_eq!(reason_of(b"\x7f\x61a\xff"), "a string of indefinite length");
    assert_eq!(offset_of_difference(b"\x9f\x01\xff"), 0);
    assert_eq!(offset_of_difference(b"\xbf\x01\x02\xff"), 0);
}

#[test]
fn integers_beyond_64_bits_signed_are_refused() {
    assert!(reason_of(b"\x1b\x80\0\0\0\0\0\0\0").contains("beyond"));
    assert!(reason_of(b"\x3b\x80\0\0\0\0\0\0\0").contains("integer"));
    assert_eq!(Item::decode(b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), Ok(Item::Int(i64::MIN)));
}

#[test]
fn announced_lengths_take_no_memory_and_no_time() {
    for head in [0x9b, 0xbb, 0x5b, 0x7b] {
        for length in [u64::MAX, 1 << 62, 1 << 40] {
            let bytes = [&[head][..], &length.to_be_bytes()].concat();
            assert!(matches!(refused(&bytes), FormatError::Cbor { .. }), "{head:x} {length}");
        }
    }
}

#[test]
fn depth_ends_at_eight_levels() {
    let nested = |levels: usize| [vec![0x81; levels], vec![0x00]].concat();
    assert!(Item::decode(&nested(8)).is_ok());
    assert_eq!(reason_of(&nested(9)), "more than 8 levels");
    assert_eq!(reason_of(&nested(ITEM_LEN_MAX - 1)), "more than 8 levels");
    assert_eq!(reason_of(&[0xa1, 0x00].repeat(9)), "more than 8 levels");
    assert!(matches!(refused(&vec![0xd2; ITEM_LEN_MAX]), FormatError::Cbor { .. }));
}

#[test]
fn values_end_at_1024() {
    let list = |len: u32| Item::Array(vec![Item::Int(0); len as usize]).encode();
    assert!(Item::decode(&list(VALUES_MAX - 1)).is_ok());
    assert_eq!(reason_of(&list(VALUES_MAX)), "more than 1024 values");
    let nested = Item::Array(vec![Item::Map(vec![(Item::Int(0), Item::Array(vec![]))]); 342]).encode();
    assert_eq!(reason_of(&nested), "more than 1024 values", "keys and inner values count");
    let tagged = [vec![0xd2], list(VALUES_MAX - 2)].concat();
    assert!(Item::decode(&tagged).is_ok());
}

#[test]
fn the_only_tag_is_18_and_it_stands_outside() {
    assert_eq!(Item::decode(b"\xd2\x80"), Ok(Item::Sign1(Box::new(Item::Array(vec![])))));
    assert_eq!(reason_of(b"\xd1\x80"), "a tag other than 18");
    assert_eq!(reason_of(b"\xc0\x61a"), "a tag other than 18");
    assert_eq!(reason_of(b"\xdb\xff\xff\xff\xff\xff\xff\xff\xff\x80"), "a tag other than 18");
    for inside in [&b"\xd2\xd2\x80"[..], b"\x81\xd2\x80", b"\xa1\x00\xd2\x80", b"\xa1\xd2\x00\x00"] {
        assert_eq!(reason_of(inside), "a tag inside another item");
    }
}

#[test]
fn floats_and_simple_values_are_refused() {
    for bytes in [
        &b"\xf9\x3c\x00"[..],
        b"\xfa\x3f\x80\0\0",
        b"\xfb\x3f\xf0\0\0\0\0\0\0",
        b"\xf4",
        b"\xf5",
        b"\xf6",
        b"\xf7",
        b"\xe0",
        b"\xf8\x20",
    ] {
        assert!(matches!(refused(bytes), FormatError::Cbor { .. }), "{bytes:x?}");
    }
}

#[test]
fn map_keys_are_of_one_kind_rise_and_never_repeat() {
    assert_eq!(reason_of(b"\xa2\x01\x00\x01\x00"), "a map key is repeated");
    assert_eq!(reason_of(b"\xa2\x02\x00\x01\x00"), "map keys are not in deterministic order");
    assert_eq!(reason_of(b"\xa2\x20\x00\x01\x00"), "map keys are not in deterministic order");
    assert_eq!(reason_of(b"\xa2\x62aa\x00\x61b\x00"), "map keys are not in deterministic order");
    assert_eq!(reason_of(b"\xa2\x01\x00\x61a\x00"), "map keys of two kinds");
    assert_eq!(reason_of(b"\xa1\x41a\x00"), "a map key is neither an integer nor a text");
    assert_eq!(reason_of(b"\xa1\x80\x00"), "a map key is neither an integer nor a text");
}

#[test]
fn truncated_and_trailing_bytes_are_refused() {
    let whole = Item::map(vec![(Item::Int(1), Item::text("text")), (Item::Int(2), Item::bytes(&[1; 30]))]).encode();
    for len in 0..whole.len() {
        assert!(matches!(refused(&whole[..len]), FormatError::Cbor { .. }), "{len} bytes");
    }
    assert!(matches!(refused(&[&whole[..], &[0]].concat()), FormatError::Cbor { .. }));
}

#[test]
fn text_is_utf_8() {
    assert!(matches!(refused(b"\x62\xc3\x28"), FormatError::Cbor { .. }));
    assert!(matches!(refused(b"\x63\xed\xa0\x80"), FormatError::Cbor { .. }), "a surrogate");
}

#[test]
fn size_ends_at_16_kibibytes() {
    let item = |len: usize| Item::Bytes(vec![0; len - 3].into()).encode();
    assert!(Item::decode(&item(ITEM_LEN_MAX)).is_ok());
    let one_more = FormatError::TooLarge { len: ITEM_LEN_MAX + 1, max: ITEM_LEN_MAX };
    assert_eq!(refused(&item(ITEM_LEN_MAX + 1)), one_more);
}

#[test]
fn errors_name_the_place_and_stay_short() {
    let FormatError::Cbor { offset, .. } = refused(b"\x83\x00\x00\xd1\x80") else { panic!("not a reading error") };
    assert_eq!(offset, 4);
    let hostile = [&[0x7f, 0x79, 0x10, 0x00][..], &[0x1b; 4096], &[0xff]].concat();
    let text = refused(&hostile).to_string();
    assert!(text.len() < 200 && !text.contains('\u{1b}'), "{text:?}");
}
