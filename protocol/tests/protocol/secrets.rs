//! R15: what is printed for developers, by a log line or a panic, gives neither a private key nor a key code away.

use crate::samples::{CODE, Claims, activate, key, message, register, request};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::machine::{Enrolment, Event, Order};
use leasehold_protocol::message::{DeviceMessage, Host, Unverified};
use leasehold_protocol::{PublicKey, Typ};

/// The secret as text, in hex, and as Rust prints bytes.
fn spellings(secret: &[u8]) -> Vec<String> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let decimals: Vec<String> = secret.iter().map(u8::to_string).collect();
    vec![String::from_utf8_lossy(secret).into_owned(), hex.to_uppercase(), hex, decimals.join(", ")]
}

fn check(printed: &[String], secret: &[u8]) {
    for text in printed {
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for spelling in spellings(secret) {
            assert!(!one_line.contains(&spelling), "{spelling} in {text}");
        }
    }
}

#[test]
fn r15_key_codes_are_not_printed() {
    for typ in [Typ::Register, Typ::Activate, Typ::Request] {
        let bytes = message(typ, Claims::All);
        let envelope = Envelope::parse(&bytes).expect("a message");
        let claims = envelope.unverified_claims(typ).expect("its type");
        let printed =
            [format!("{envelope:?}"), format!("{envelope:#?}"), format!("{claims:?}"), format!("{claims:#?}")];
        check(&printed, CODE.as_bytes());
    }
    let (activate, request, bytes) = (activate(Claims::All), request(Claims::All), message(Typ::Activate, Claims::All));
    let unverified = Unverified::<Activate>::parse(&bytes).expect("a message");
    let order = Event::Activate(Order::of(CODE, "9.2"));
    let register = register(Claims::All);
    let enrolment = Event::Register(Enrolment { code: CODE.into(), device_name: None, host: Host::default() });
    let printed = [
        format!("{register:?} {register:#?} {enrolment:?} {enrolment:#?} {:?}", register.write()),
        format!("{activate:?} {activate:#?}"),
        format!("{request:?} {request:#?}"),
        format!("{unverified:?} {unverified:#?}"),
        format!("{order:?} {order:#?}"),
        format!("{:?} {:#?}", activate.write(), request.write()),
    ];
    check(&printed, CODE.as_bytes());
}

#[test]
fn r15_private_keys_are_not_printed() {
    for name in ["root", "lease", "file", "device"] {
        let key = key(name);
        let printed = [format!("{key:?}"), format!("{key:#?}"), format!("{:?}", PublicKey::of(&key))];
        check(&printed, &key.to_bytes());
    }
}
