//! What strangers say to us: the messages of `make.py` and `make.mjs`, and their twins.

use crate::artefacts::{DEVICE, NOW, signing, to_be_signed, units};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender};
use leasehold_protocol::release::Release;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, VerifyError};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Each line of `made` is a message: those to accept equal ours, twins are signed rightly and refused all the same.
pub fn assert_understood(name: &str, made: &str, twins_of_each: usize) {
    let device = PublicKey::of(&signing(DEVICE));
    let nonce = Nonce([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    let sender = || Sender { aud: "backup-suite".into(), iat: NOW, device, nonce };
    let fingerprint = BTreeMap::from([("mainboard".into(), [0x33; 32]), ("disk".into(), [0x44; 32])]);
    let host = || Host { version: "9.1.2".into(), fingerprint: fingerprint.clone() };
    let iss = || "demo.example".to_owned();
    let (sub, held) = (ActivationId([0x11; 16]), Cti([0x22; 16]));
    let proof = || Proof { held: Some(held), ..Proof::default() };
    let code = || "AAAA-BBBB-CCCC-2345".to_owned();
    let device_name = || Some("Bücherregal".to_owned());
    let wanted = || Some(units(&[("OBM", 24), ("ACB", 1000)]));

    let activate = Activate {
        iss: iss(),
        code: code(),
        device_name: device_name(),
        wanted: wanted(),
        replaces: None,
        keyset_version: 0,
        sender: sender(),
        host: host(),
        proof: Proof::default(),
    };
    let check = Check {
        iss: iss(),
        sub,
        usage: units(&[("OBM", 70_000)]),
        keyset_version: 3,
        sender: sender(),
        host: host(),
        proof: proof(),
    };
    let release = Release { iss: iss(), sub, sender: sender(), proof: proof() };
    let request = Request {
        iss: None,
        code: code(),
        device_name: device_name(),
        wanted: wanted(),
        replaces: None,
        sender: sender(),
        host: host(),
    };
    let surrender = Surrender { iss: iss(), sub, held, sender: sender() };

    let counts = [
        judge(made, &activate),
        judge(made, &check),
        judge(made, &release),
        judge(made, &request),
        judge(made, &surrender),
    ];
    assert_eq!(counts, [(2, twins_of_each); 5], "messages accepted and twins refused, by type");
    println!("count interop {name}: 10 messages accepted, {} twins refused", twins_of_each * 5);
}

/// How many messages of this type were accepted and refused, each as its line asks.
fn judge<M: DeviceMessage + PartialEq + Debug>(made: &str, ours: &M) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    for line in made.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (verdict, typ, name, bytes) = (words[0], words[1], words[2], unhex(words[3]));
        if typ != M::TYP.name() {
            continue;
        }
        let opened = M::open(&bytes);
        if verdict == "accept" {
            assert_eq!(opened.as_ref(), Ok(ours), "{typ} {name}");
            assert_eq!(bytes == ours.sign(&signing(DEVICE)), name == "plain", "{typ} {name}");
            accepted += 1;
        } else {
            let signed = to_be_signed(&unhex(words[4]), &unhex(words[5]));
            let signature = unhex(words[6]).try_into().expect("a signature of 64 bytes");
            assert_eq!(ours.device().verify(&signed, &signature), Ok(()), "{typ} {name} is signed rightly");
            assert!(matches!(opened, Err(VerifyError::Format(_))), "{typ} {name}: {opened:?}");
            refused += 1;
        }
    }
    (accepted, refused)
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(digits).collect()
}
