//! Published vectors: RFC 8032, section 7.1, and Wycheproof's Ed25519 set.

use super::verdict;
use crate::raw::unhex;
use ed25519_dalek::Signer;
use leasehold_protocol::{PublicKey, SignatureError, SigningKey};
use std::collections::BTreeMap;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

/// The vectors of RFC 8032, section 7.1, as `name: hex` lines; a line that begins with a space goes on.
const RFC_8032: &str = include_str!("rfc8032.txt");

#[test]
fn r7_the_vectors_of_rfc_8032_are_signed_and_verified_byte_for_byte() {
    let text = RFC_8032.replace("\n ", "");
    let mut lengths = Vec::new();
    for vector in text.split("\n\n") {
        let fields: BTreeMap<&str, &str> = vector.lines().filter_map(|line| line.split_once(':')).collect();
        let bytes = |name: &str| unhex(fields[name]).expect("hex");
        let (public, message, signature) = (bytes("public"), bytes("message"), bytes("signature"));
        let key = SigningKey::from_bytes(&bytes("secret").try_into().expect("32 bytes"));
        assert_eq!(PublicKey::of(&key).0[..], public, "{}", fields["name"]);
        assert_eq!(key.sign(&message).to_bytes()[..], signature, "{}", fields["name"]);
        assert_eq!(verdict(&public, &message, &signature), Ok(()), "{}", fields["name"]);
        let longer = [&message[..], &[0]].concat();
        assert_eq!(verdict(&public, &longer, &signature), Err(SignatureError::Invalid), "{}", fields["name"]);
        lengths.push(message.len());
    }
    assert_eq!(lengths, [0, 1, 2, 1023, 64]);
    println!("count signatures, RFC 8032: {} vectors of section 7.1, signed and verified", lengths.len());
}

/// Wycheproof's verdicts are ours, case by case. It calls some results of other algorithms acceptable, which leaves a choice;
/// of Ed25519 it calls none so, and this test fails should that change: the choice would have to be written here.
#[test]
fn r7_wycheproof_and_the_strict_check_agree_on_every_case() {
    let set = TestSet::load(TestName::Ed25519).expect("the set is in the crate");
    let mut counts = BTreeMap::<bool, usize>::new();
    for group in &set.test_groups {
        for case in &group.tests {
            let expected = match case.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("case {}: acceptable leaves a choice", case.tc_id),
            };
            let found = verdict(&group.key.pk, &case.msg, &case.sig);
            assert_eq!(found.is_ok(), expected, "case {} ({}): {found:?}", case.tc_id, case.comment);
            *counts.entry(expected).or_default() += 1;
        }
    }
    let (valid, invalid) = (counts[&true], counts[&false]);
    assert_eq!(valid + invalid, set.number_of_tests);
    assert!(valid >= 80 && invalid >= 60, "{valid} and {invalid}: fewer than there were");
    println!(
        "count signatures, Wycheproof: {valid} valid ones accepted, {invalid} invalid ones refused, none left open"
    );
}
