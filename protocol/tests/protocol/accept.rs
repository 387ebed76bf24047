//! What a device believes, and what it does not.

use crate::samples::{self, AUD, Claims, ISS, NOW, entry, expected, key, keyset, message, public};
use leasehold_protocol::{
    Nonce, SignatureError, Time, Typ,
    accept::{Expected, NotAccepted, REVOKED_GRACE, judge_license, open_license},
    keyset::{KeyUse, Keyset},
    lease::Lease,
    license::License,
    time::DAY,
};

fn judge(keyset: &Keyset, lease: &Lease, signer: &str, now: Time) -> Result<Lease, NotAccepted> {
    keyset.judge_lease(&lease.sign(&key(signer)), &expected(&public("device")), now)
}

fn may_not(name: &str) -> NotAccepted {
    NotAccepted::KeyMayNot(public(name).kid())
}

#[test]
fn a_lease_for_this_device_is_accepted_until_its_end() {
    let (keyset, lease) = (keyset(Claims::All), samples::lease(Claims::All));
    assert_eq!(judge(&keyset, &lease, "lease", NOW), Ok(lease.clone()));
    assert_eq!(judge(&keyset, &lease, "lease", Time(lease.exp.0 - 1)), Ok(lease.clone()));
    assert_eq!(judge(&keyset, &lease, "lease", lease.exp), Err(NotAccepted::Ended(lease.exp)));
}

#[test]
fn a_lease_for_somebody_or_something_else_is_not() {
    let (keyset, device, other) = (keyset(Claims::All), public("device"), public("stranger"));
    let bytes = message(Typ::Lease, Claims::All);
    let good = expected(&device);
    for (what, expected) in [
        ("installation", Expected { iss: "other.example.com", ..good }),
        ("product", Expected { aud: "PAINT-LITE", ..good }),
        ("device", Expected { device: &other, ..good }),
        ("nonce", Expected { nonce: Nonce([0; 16]), ..good }),
        ("sequence number", Expected { seq: Some(7), ..good }),
        ("sequence number", Expected { seq: Some(8), ..good }),
    ] {
        assert_eq!(keyset.judge_lease(&bytes, &expected, NOW), Err(NotAccepted::Other(what)));
    }
    assert!(keyset.judge_lease(&bytes, &Expected { seq: None, ..good }, NOW).is_ok());
}

#[test]
fn only_a_certified_lease_key_signs_leases() {
    let (keyset, lease) = (keyset(Claims::All), samples::lease(Claims::All));
    assert_eq!(judge(&keyset, &lease, "stranger", NOW), Err(NotAccepted::UnknownKey(public("stranger").kid())));
    assert_eq!(judge(&keyset, &lease, "root", NOW), Err(NotAccepted::UnknownKey(public("root").kid())));
    assert_eq!(judge(&keyset, &lease, "file", NOW), Err(may_not("file")));
    assert_eq!(judge(&keyset, &lease, "old", NOW), Err(may_not("old")), "revoked");
    let mut bytes = lease.sign(&key("lease"));
    *bytes.last_mut().expect("not empty") ^= 1;
    let result = keyset.judge_lease(&bytes, &expected(&public("device")), NOW);
    assert_eq!(result, Err(NotAccepted::Verify(SignatureError::Invalid.into())));
}

#[test]
fn a_key_signs_inside_its_window_only() {
    let lease = samples::lease(Claims::All);
    let with_window = |nbf: i64, exp: i64| {
        let mut keyset = keyset(Claims::All);
        (keyset.keys[0].nbf, keyset.keys[0].exp) = (NOW.plus(nbf), NOW.plus(exp));
        judge(&keyset, &lease, "lease", NOW)
    };
    assert!(with_window(0, 1).is_ok());
    assert_eq!(with_window(1, 2), Err(may_not("lease")));
    assert_eq!(with_window(-1, 0), Err(may_not("lease")));
}

#[test]
fn a_term_is_no_longer_than_the_key_may_grant() {
    let mut lease = samples::lease(Claims::All);
    lease.exp = NOW.plus(31 * DAY);
    assert!(judge(&keyset(Claims::All), &lease, "lease", NOW).is_ok());
    lease.exp = NOW.plus(31 * DAY + 1);
    let too_long = NotAccepted::TermTooLong { term: 31 * DAY + 1 };
    assert_eq!(judge(&keyset(Claims::All), &lease, "lease", NOW), Err(too_long));
    assert!(judge(&keyset(Claims::RequiredOnly), &lease, "lease", NOW).is_ok(), "no limit set");
}

#[test]
fn an_expired_keyset_vouches_for_no_new_lease_but_its_noes_are_heard() {
    let mut keyset = keyset(Claims::All);
    keyset.exp = NOW;
    let lease = samples::lease(Claims::All);
    assert_eq!(judge(&keyset, &lease, "lease", NOW), Err(NotAccepted::KeysetExpired(NOW)));
    assert!(judge(&keyset, &lease, "lease", NOW.plus(-1)).is_ok());
    let device = public("device");
    assert!(keyset.judge_refusal(&message(Typ::Refusal, Claims::All), &expected(&device)).is_ok());
    assert!(keyset.judge_receipt(&message(Typ::Receipt, Claims::All), &expected(&device)).is_ok());
}

#[test]
fn keyset_versions_never_fall() {
    let bytes = message(Typ::Keyset, Claims::All);
    let root = public("root");
    for in_hand in [0, 2, 3] {
        assert_eq!(Keyset::accept(&bytes, &root, in_hand), Ok(keyset(Claims::All)));
    }
    assert_eq!(Keyset::accept(&bytes, &root, 4), Err(NotAccepted::KeysetRolledBack { found: 3, lowest: 4 }));
    let forged = keyset(Claims::All).sign(&key("lease"));
    assert_eq!(Keyset::accept(&forged, &root, 0), Err(NotAccepted::Verify(SignatureError::WrongKey.into())));
}

#[test]
fn a_lease_of_a_key_revoked_since_ends_14_days_after_the_keyset_that_says_so() {
    let mut lease = samples::lease(Claims::All);
    lease.exp = NOW.plus(90 * DAY);
    let keyset = keyset(Claims::All);
    let (old, current) = (public("old").kid(), public("lease").kid());
    assert_eq!(keyset.end_of(&lease, old), keyset.iat.plus(REVOKED_GRACE));
    assert_eq!(keyset.end_of(&lease, current), lease.exp);
    assert_eq!(keyset.end_of(&lease, public("stranger").kid()), lease.exp, "a retired key's leases run to their end");
    lease.exp = NOW.plus(DAY);
    assert_eq!(keyset.end_of(&lease, old), lease.exp, "never later");
}

#[test]
fn refusals_and_receipts_answer_this_device_and_this_nonce() {
    let (keyset, device, other) = (keyset(Claims::All), public("device"), public("stranger"));
    let good = expected(&device);
    let (refusal, receipt) = (message(Typ::Refusal, Claims::All), message(Typ::Receipt, Claims::All));
    assert_eq!(keyset.judge_refusal(&refusal, &good), Ok(samples::refusal(Claims::All)));
    assert_eq!(keyset.judge_receipt(&receipt, &good), Ok(samples::receipt()));
    for (what, expected) in [
        ("installation", Expected { iss: "other.example.com", ..good }),
        ("device", Expected { device: &other, ..good }),
        ("nonce", Expected { nonce: Nonce([0; 16]), ..good }),
    ] {
        assert_eq!(keyset.judge_refusal(&refusal, &expected), Err(NotAccepted::Other(what)));
        assert_eq!(keyset.judge_receipt(&receipt, &expected), Err(NotAccepted::Other(what)));
    }
    for signer in ["file", "old"] {
        let refusal = samples::refusal(Claims::All).sign(&key(signer));
        assert_eq!(keyset.judge_refusal(&refusal, &good), Err(may_not(signer)));
        let receipt = samples::receipt().sign(&key(signer));
        assert_eq!(keyset.judge_receipt(&receipt, &good), Err(may_not(signer)));
    }
}

fn license_under(keyset: &Keyset, license: &License, signer: &str) -> Result<License, NotAccepted> {
    let bytes = license.sign(&key(signer), &keyset.sign(&key("root")));
    open_license(&bytes, &public("root"), 3)
}

#[test]
fn a_licence_file_is_proved_from_the_root_alone() {
    let license = samples::license(Claims::All);
    assert_eq!(license_under(&keyset(Claims::All), &license, "file"), Ok(license.clone()));
    let bytes = message(Typ::License, Claims::All);
    let stranger = open_license(&bytes, &public("stranger"), 0);
    assert_eq!(stranger, Err(NotAccepted::Verify(SignatureError::WrongKey.into())));
    assert_eq!(open_license(&bytes, &public("root"), 4), Err(NotAccepted::KeysetRolledBack { found: 3, lowest: 4 }));
    let lease = message(Typ::Lease, Claims::All);
    assert!(matches!(open_license(&lease, &public("root"), 0), Err(NotAccepted::Verify(_))));
}

#[test]
fn a_licence_file_is_judged_by_its_keys_window_at_its_own_iat_and_by_keyset_version_not_expiry() {
    let license = samples::license(Claims::All);
    let with = |edit: &dyn Fn(&mut Keyset)| {
        let mut keyset = keyset(Claims::All);
        edit(&mut keyset);
        license_under(&keyset, &license, "file")
    };
    assert!(with(&|keyset| keyset.exp = NOW.plus(-DAY / 2)).is_ok(), "an expired keyset");
    assert!(with(&|keyset| (keyset.keys[1].nbf, keyset.keys[1].exp) = (NOW, NOW.plus(1))).is_ok());
    let outside = may_not("file");
    assert_eq!(with(&|keyset| keyset.keys[1].nbf = NOW.plus(1)), Err(outside.clone()));
    assert_eq!(with(&|keyset| keyset.keys[1].exp = NOW), Err(outside.clone()));
    assert_eq!(with(&|keyset| keyset.keys[1].revoked = true), Err(outside.clone()));
    assert_eq!(with(&|keyset| keyset.keys[1].usage = KeyUse::Lease), Err(outside));
    assert_eq!(with(&|keyset| keyset.iss = "other.example.com".into()), Err(NotAccepted::Other("installation")));
    let rolled_back = NotAccepted::KeysetRolledBack { found: 2, lowest: 3 };
    assert_eq!(with(&|keyset| keyset.version = 2), Err(rolled_back));
    let unknown = NotAccepted::UnknownKey(public("file").kid());
    assert_eq!(with(&|keyset| keyset.keys = vec![entry("lease", KeyUse::Lease)]), Err(unknown));
}

#[test]
fn a_file_keys_longest_term_binds_licence_files_too() {
    let mut keyset = keyset(Claims::All);
    keyset.keys[1].max_term = Some(365 * DAY);
    let mut license = samples::license(Claims::All);
    assert!(license_under(&keyset, &license, "file").is_ok());
    license.exp = license.exp.map(|exp| exp.plus(1));
    let too_long = NotAccepted::TermTooLong { term: 365 * DAY + 1 };
    assert_eq!(license_under(&keyset, &license, "file"), Err(too_long));
    license.exp = None;
    assert!(matches!(license_under(&keyset, &license, "file"), Err(NotAccepted::TermTooLong { .. })));
}

#[test]
fn a_licence_is_for_one_product_on_one_device_until_its_end_if_it_has_one() {
    let (device, other) = (public("device").device_id(), public("stranger").device_id());
    let mut license = samples::license(Claims::All);
    let exp = license.exp.expect("it ends");
    assert_eq!(license.grant.iss, ISS);
    assert_eq!(judge_license(&license, AUD, device, Time(exp.0 - 1)), Ok(()));
    assert_eq!(judge_license(&license, AUD, device, exp), Err(NotAccepted::Ended(exp)));
    assert_eq!(judge_license(&license, "PAINT-LITE", device, NOW), Err(NotAccepted::Other("product")));
    assert_eq!(judge_license(&license, AUD, other, NOW), Err(NotAccepted::Other("device")));
    license.exp = None;
    assert_eq!(judge_license(&license, AUD, device, Time::MAX), Ok(()), "perpetual");
}
