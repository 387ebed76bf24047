use super::*;
use crate::keys::PublicKey;
use crate::label;
use crate::units::{COUNT_MAX, KINDS_MAX, Units};
use crate::writer::Writer;

const AT: i64 = label::UNITS;

/// Reads claim [`AT`] with `value`, and finishes.
fn read<T>(value: Item<'_>, reader: impl FnOnce(&mut Claims<'_>) -> Result<T, FormatError>) -> Result<T, FormatError> {
    let payload = Item::map(vec![(Item::Int(AT), value)]).encode();
    let mut claims = Claims::decode(Typ::Lease, &payload)?;
    let value = reader(&mut claims)?;
    claims.finish()?;
    Ok(value)
}

fn problem<T: std::fmt::Debug>(result: Result<T, FormatError>) -> String {
    result.expect_err("refused").to_string()
}

fn text_map(entries: &[(&str, Item<'static>)]) -> Item<'static> {
    Item::map(entries.iter().map(|(key, value)| (Item::Text(key.to_string().into()), value.clone())).collect())
}

#[test]
fn claims_below_the_line_are_skipped_and_those_above_are_refused() {
    let read = |label| {
        let payload = Writer::new().int(label, 1).encode();
        Claims::decode(Typ::Lease, &payload).expect("a map").finish()
    };
    assert_eq!(read(SKIPPED_BELOW - 1), Ok(()));
    assert_eq!(read(i64::MIN), Ok(()));
    for unknown in [SKIPPED_BELOW, -65_560, 0, 99, i64::MAX] {
        assert_eq!(problem(read(unknown)), format!("claim {unknown} of lease: is not known in this type"));
    }
}

#[test]
fn a_payload_is_a_map_with_integer_labels() {
    let refused = |item: Item<'_>| problem(Claims::decode(Typ::Lease, &item.encode()));
    assert!(refused(Item::Array(vec![])).ends_with("the payload is not a map"));
    assert!(refused(text_map(&[("exp", Item::Int(1))])).ends_with("a claim's label is not an integer"));
}

#[test]
fn a_required_claim_that_is_missing_is_named() {
    let mut claims = Claims::decode(Typ::Check, &[0xa0]).expect("an empty map");
    assert_eq!(problem(claims.need(label::ISS, Claims::text)), "claim 1 of check: is missing");
    assert_eq!(problem(claims.maps(label::KEYS, 1)), "claim -65555 of check: is missing");
}

#[test]
fn integers_have_the_range_of_what_they_mean() {
    assert_eq!(read(Item::Int(0), |c| c.int(AT)), Ok(Some(0)));
    assert!(read(Item::Int(-1), |c| c.int(AT)).is_err());
    assert!(read(Item::text("1"), |c| c.int(AT)).is_err());
    assert_eq!(read(Item::Int(Time::MAX.0), |c| c.time(AT)), Ok(Some(Time::MAX)));
    assert!(read(Item::Int(Time::MAX.0 + 1), |c| c.time(AT)).is_err());
    assert_eq!(read(Item::Int(u32::MAX.into()), |c| c.seq(AT)), Ok(Some(u32::MAX)));
    assert!(read(Item::Int(i64::from(u32::MAX) + 1), |c| c.seq(AT)).is_err());
    assert_eq!(read(Item::Int(1), |c| c.version(AT)), Ok(1));
    assert!(problem(read(Item::Int(0), |c| c.version(AT))).ends_with("is zero: leave it out"));
}

#[test]
fn byte_strings_have_their_exact_length() {
    assert_eq!(read(Item::bytes(&[7; 16]), |c| c.array::<16>(AT)), Ok(Some([7; 16])));
    for wrong in [&[7; 15][..], &[7; 17], &[]] {
        assert!(read(Item::bytes(wrong), |c| c.array::<16>(AT)).is_err());
    }
    assert!(read(Item::text("sixteen letters!"), |c| c.array::<16>(AT)).is_err());
}

#[test]
fn an_activation_has_one_spelling() {
    let read = |text: &str| read(Item::text(text), |c| c.activation(AT));
    assert_eq!(read("00ff0123456789abcdef0123456789ab"), Ok("00ff0123456789abcdef0123456789ab".parse().ok()));
    let wrong = [
        "00FF0123456789abcdef0123456789ab",
        "00ff0123456789abcdef0123456789a",
        "00ff0123456789abcdef0123456789abc",
        "+0ff0123456789abcdef0123456789ab",
        "0gff0123456789abcdef0123456789ab",
        "00ff0123-4567-89ab-cdef-0123456789ab",
        "00ff0123456789abcdef0123456789é",
        "",
    ];
    for wrong in wrong {
        assert!(problem(read(wrong)).ends_with("is not 32 lower-case hexadecimal digits"), "{wrong:?}");
    }
}

#[test]
fn an_activation_in_bytes_is_refused() {
    assert!(problem(read(Item::bytes(&[0xac; 16]), |c| c.activation(AT))).ends_with("is not a text"));
}

#[test]
fn texts_can_be_shown_anywhere() {
    let long = "x".repeat(TEXT_LEN_MAX);
    assert_eq!(read(Item::text(&long), |c| c.text(AT)), Ok(Some(long.clone())));
    assert_eq!(read(Item::text("Zoë עברית"), |c| c.text(AT)), Ok(Some("Zoë עברית".to_owned())));
    let longer = long + "x";
    for wrong in ["", &longer, "a\nb", "\u{1b}[2J", "a\u{202e}cod.exe", "a\u{2028}b", "\u{2066}a", "\u{7f}", "\u{9b}"] {
        assert!(read(Item::text(wrong), |c| c.text(AT)).is_err(), "{wrong:?}");
    }
}

#[test]
fn lists_of_texts_are_neither_empty_nor_too_long() {
    let list = |len| Item::Array(vec![Item::text("x"); len]);
    assert_eq!(read(list(LIST_LEN_MAX), |c| c.texts(AT)).map(|texts| texts.len()), Ok(LIST_LEN_MAX));
    assert!(read(list(0), |c| c.texts(AT)).is_err());
    assert!(read(list(LIST_LEN_MAX + 1), |c| c.texts(AT)).is_err());
    assert!(read(Item::Array(vec![Item::Int(1)]), |c| c.texts(AT)).is_err());
    assert!(read(Item::text("x"), |c| c.texts(AT)).is_err());
}

#[test]
fn units_are_positive_counts_of_kinds() {
    let units = |entries: &[(&str, Item<'static>)]| read(text_map(entries), |c| c.units(AT));
    let most = i64::from(COUNT_MAX);
    assert_eq!(units(&[("channel", Item::Int(most))]), Ok(Some(Units::of("channel", COUNT_MAX).expect("possible"))));
    assert_eq!(units(&[]), Ok(Some(Units::default())));
    for count in [0, -1, most + 1, i64::from(u32::MAX) + 2, i64::MAX] {
        assert!(units(&[("channel", Item::Int(count))]).is_err(), "{count}");
    }
    for kind in ["", "a b", "ü", &"k".repeat(33)] {
        assert!(units(&[(kind, Item::Int(1))]).is_err(), "{kind:?}");
    }
    let kinds: Vec<String> = (0..=KINDS_MAX).map(|kind| format!("k{kind:02}")).collect();
    let kinds: Vec<_> = kinds.iter().map(|kind| (kind.as_str(), Item::Int(1))).collect();
    assert!(units(&kinds[1..]).is_ok());
    assert!(units(&kinds).is_err());
    assert!(read(Item::map(vec![(Item::Int(1), Item::Int(1))]), |c| c.units(AT)).is_err());
}

#[test]
fn usage_of_nothing_is_left_out() {
    assert!(problem(read(text_map(&[]), |c| c.usage(AT))).ends_with("is an empty map"));
    let mut claims = Claims::decode(Typ::Check, &[0xa0]).expect("an empty map");
    assert_eq!(claims.usage(AT), Ok(Units::default()));
}

#[test]
fn fingerprints_are_32_byte_hashes_by_component() {
    let hash = || Item::Bytes(vec![1; 32].into());
    let read = |entries: &[(&str, Item<'static>)]| read(text_map(entries), |c| c.fingerprint(AT));
    assert_eq!(read(&[("board", hash())]), Ok([("board".to_owned(), [1; 32])].into()));
    assert!(read(&[]).is_err());
    assert!(read(&[("board", Item::Bytes(vec![1; 31].into()))]).is_err());
    assert!(read(&[("board", Item::Int(1))]).is_err());
    assert!(read(&[("a\tb", hash())]).is_err());
}

#[test]
fn windows_are_two_times_in_order() {
    let window = |ends: &[i64]| read(Item::Array(ends.iter().map(|end| Item::Int(*end)).collect()), |c| c.window(AT));
    assert_eq!(window(&[5, 5]), Ok(Some((Time(5), Time(5)))));
    for wrong in [&[][..], &[5], &[5, 6, 7], &[6, 5], &[-1, 5], &[5, Time::MAX.0 + 1]] {
        assert!(window(wrong).is_err(), "{wrong:?}");
    }
    assert!(read(Item::Int(5), |c| c.window(AT)).is_err());
}

#[test]
fn device_keys_are_ed25519_cose_keys_and_nothing_more() {
    let key = |entries: Vec<(i64, Item<'static>)>| {
        let map = |entries: Vec<(i64, Item<'static>)>| {
            Item::map(entries.into_iter().map(|(label, value)| (Item::Int(label), value)).collect())
        };
        read(map(vec![(1, map(entries))]), |c| c.cnf(AT))
    };
    let x = || Item::Bytes(vec![9; 32].into());
    let good = vec![(1, Item::Int(1)), (-1, Item::Int(6)), (-2, x())];
    assert_eq!(key(good.clone()), Ok(Some(PublicKey([9; 32]))));
    for (at, other) in [(0, Item::Int(2)), (1, Item::Int(4)), (2, Item::Bytes(vec![9; 31].into()))] {
        let mut wrong = good.clone();
        wrong[at].1 = other;
        assert!(key(wrong).is_err());
        let mut short = good.clone();
        short.remove(at);
        assert!(key(short).is_err());
    }
    let mut extra = good.clone();
    extra.push((2, Item::Bytes(vec![1].into())));
    assert!(key(extra).is_err());
    assert!(read(text_map(&[]), |c| c.cnf(AT)).is_err());
    assert!(read(Item::Int(1), |c| c.cnf(AT)).is_err());
}
