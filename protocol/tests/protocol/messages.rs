//! Messages carry what was put into them, and nothing else passes.

use crate::raw::Raw;
use crate::samples::{Claims, key, message, open, open_and_sign_again, public, signer};
use leasehold_protocol::{
    FormatError, Refused, Typ, VerifyError,
    cbor::Item,
    lease::{LEASE_LEN_MAX, Lease},
};

#[test]
fn every_message_reads_back_with_all_and_with_no_optional_claims() {
    for typ in Typ::ALL {
        let signer = key(signer(*typ));
        for claims in [Claims::All, Claims::RequiredOnly] {
            if (*typ, claims) == (Typ::License, Claims::RequiredOnly) {
                continue; // its header differs, see the next test
            }
            let bytes = message(*typ, claims);
            assert_eq!(open_and_sign_again(*typ, &bytes, &signer), Ok(bytes), "{typ} {claims:?}");
        }
    }
}

#[test]
fn a_licence_file_without_optional_claims_reads_back() {
    let bytes = message(Typ::License, Claims::RequiredOnly);
    let again = open_and_sign_again(Typ::License, &bytes, &key("file")).expect("opens");
    assert_eq!(Raw::of(&again).payload, Raw::of(&bytes).payload);
}

#[test]
fn samples_with_all_claims_have_more_of_them() {
    for typ in Typ::ALL.iter().filter(|typ| !matches!(typ, Typ::Return | Typ::Receipt | Typ::Keyset)) {
        let count = |claims| Raw::of(&message(*typ, claims)).claims().0.len();
        assert!(count(Claims::All) > count(Claims::RequiredOnly), "{typ}");
    }
}

#[test]
fn each_claim_is_read_strictly_in_every_message() {
    // No claim of any type is a map with an unknown key, nor an empty list.
    let foreign = [Item::Array(vec![]), Item::map(vec![(Item::Int(77), Item::Int(0))])];
    for typ in Typ::ALL {
        let (signer, whole) = (key(signer(*typ)), Raw::of(&message(*typ, Claims::All)));
        for label in whole.claims().labels() {
            for value in &foreign {
                let raw = whole.clone().with_claims(whole.claims().with(label, value.clone())).signed(&signer);
                let error = open_and_sign_again(*typ, &raw.encode(), &signer).expect_err("refused");
                assert!(
                    matches!(error, VerifyError::Format(FormatError::Claim { label: found, .. }) if found == label),
                    "{typ} {label}: {error}"
                );
            }
        }
    }
}

#[test]
fn unknown_claims_are_refused_and_claims_below_the_line_are_skipped() {
    for typ in Typ::ALL {
        let (signer, whole) = (key(signer(*typ)), Raw::of(&message(*typ, Claims::All)));
        let with = |label| {
            let raw = whole.clone().with_claims(whole.claims().with(label, Item::text("new"))).signed(&signer);
            open(*typ, &raw.encode(), &public(self::signer(*typ)))
        };
        assert_eq!(with(-70_001), Ok(()), "{typ}");
        for label in [-70_000, -65_536, 11, 256] {
            let problem = "is not known in this type";
            assert_eq!(with(label), Err(FormatError::Claim { typ: *typ, label, problem }.into()));
        }
    }
}

#[test]
fn zero_and_empty_are_written_as_absence() {
    let check = Raw::of(&message(Typ::Check, Claims::All));
    for (label, value) in [(-65553, Item::Int(0)), (-65546, Item::Map(vec![])), (-65548, Item::Map(vec![]))] {
        let raw = check.clone().with_claims(check.claims().with(label, value)).signed(&key("device"));
        assert!(open(Typ::Check, &raw.encode(), &public("device")).is_err(), "{label}");
    }
}

#[test]
fn a_lease_too_long_to_be_sent_back_is_not_accepted() {
    let lease = Raw::of(&message(Typ::Lease, Claims::All));
    let of_length = |len: usize| {
        let filler = Item::Bytes(vec![0; len].into());
        lease.clone().with_claims(lease.claims().with(-70_001, filler)).signed(&key("lease")).encode()
    };
    let frame = of_length(7000).len() - 7000;
    assert!(Lease::open(&of_length(LEASE_LEN_MAX - frame), &public("lease")).is_ok());
    let longer = FormatError::TooLarge { len: LEASE_LEN_MAX + 1, max: LEASE_LEN_MAX };
    assert_eq!(Lease::open(&of_length(LEASE_LEN_MAX - frame + 1), &public("lease")), Err(longer.into()));
}

#[test]
fn keysets_hold_sound_keys_once_and_a_version() {
    let keyset = Raw::of(&message(Typ::Keyset, Claims::All));
    let Item::Array(entries) = keyset.claims().value(-65555) else { panic!("no list of keys") };
    let with = |entries: Vec<Item<'static>>| {
        let raw = keyset.clone().with_claims(keyset.claims().with(-65555, Item::Array(entries))).signed(&key("root"));
        open(Typ::Keyset, &raw.encode(), &public("root"))
    };
    assert_eq!(with(entries.clone()), Ok(()));
    assert!(with(vec![entries[0].clone(), entries[0].clone()]).is_err(), "twice");
    assert!(with(vec![]).is_err(), "none");
    let edited = |label: i64, value: Item<'static>| {
        let Item::Map(mut fields) = entries[0].clone() else { panic!("not a map") };
        fields.retain(|(key, _)| *key != Item::Int(label));
        fields.push((Item::Int(label), value));
        with(vec![Item::map(fields)])
    };
    let weak = [&[1][..], &[0; 31]].concat();
    assert!(edited(-2, Item::Bytes(weak.into())).is_err(), "a key of small order");
    assert!(edited(2, Item::Bytes(vec![1; 8].into())).is_err(), "another key's id");
    assert!(edited(-65561, Item::Int(3)).is_err(), "an unknown use");
    assert!(edited(-65563, Item::Int(5)).is_err(), "a window that ends before it begins");
    assert!(edited(-65565, Item::Int(0)).is_err(), "revoked: 0");
    assert!(edited(-65564, Item::Int(-1)).is_err(), "a negative term");
    assert!(edited(99, Item::Int(1)).is_err(), "an unknown label");
    assert_eq!(edited(-70_001, Item::Int(1)), Ok(()), "room to grow");
    let version = keyset.clone().with_claims(keyset.claims().with(-65553, Item::Int(0))).signed(&key("root"));
    assert!(open(Typ::Keyset, &version.encode(), &public("root")).is_err(), "version 0");
}

#[test]
fn refusal_numbers_and_codes_never_change() {
    // A number once given keeps its meaning for ever: lines are added here, never edited.
    let pinned = "1 signature_bad 401, 2 quarantine 503, 3 clock_untrusted 503, 4 out_of_reach 404, 5 forbidden_role 403, \
        6 admin_only 403, 7 product_not_allowed 403, 8 account_inactive 409, 9 not_reseller 409, 10 type_immutable 409, \
        11 name_taken 409, 14 bad_quantity 422, 15 insufficient_units 409, 16 compat_mismatch 409, 17 term_mismatch 409, \
        19 key_invalid 409, 21 key_format 422, 22 key_taken 409, 24 key_stopped 409, 25 duration_required 422, \
        26 licensee_name 422, 29 licence_activated 409, 30 licence_lapsed 409, 31 not_poolable 409, 32 irreversible 409, \
        33 licence_pooled 409, 34 maintenance_expired 409, 35 online_only 409, 36 key_in_use 409, 37 version_too_old 409, \
        38 quota_below_children 409, 39 key_on_other_device 409, 40 device_mismatch 409, 42 request_answered 409, \
        43 resync 409, 67 field_invalid 422, 12 password_weak 422, 13 password_mismatch 422, 18 org_required 409, \
        20 key_redeemed 409, 23 key_required 409, 27 field_not_editable 409, 28 enrolment_invalid 409, \
        44 user_in_other_org 409, 45 personal_licences 409, 46 co_admin_exists 409, 47 not_participant 409, \
        48 owner_protected 409, 68 account_in_use 409, 69 link_invalid 409, 70 code_invalid 401, 41 rehost_limit 409";
    let here: Vec<String> = Refused::ALL
        .iter()
        .map(|refused| format!("{} {} {}", *refused as u16, refused.code(), refused.status()))
        .collect();
    for line in pinned.split(", ") {
        assert!(here.iter().any(|here| here == line), "{line:?} has changed or gone");
    }
    let numbers: std::collections::BTreeSet<u16> = Refused::ALL.iter().map(|refused| *refused as u16).collect();
    let codes: std::collections::BTreeSet<&str> = Refused::ALL.iter().map(|refused| refused.code()).collect();
    assert_eq!((numbers.len(), codes.len()), (Refused::ALL.len(), Refused::ALL.len()));
    assert!(Refused::ALL.is_sorted(), "precedence is the order of the numbers");
    for refused in Refused::ALL {
        assert_eq!(Refused::from_number(*refused as u16), Some(*refused));
    }
    assert_eq!(Refused::from_number(0), None);
}
