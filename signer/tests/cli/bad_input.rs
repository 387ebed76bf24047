//! Bad input: each kind with its own words and exit code, and nothing signed.

use crate::desk::{Desk, Device, LATE, NOW, SIGN, chmod};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::{ActivationId, Cti, PublicKey};

/// Signs a file of these bytes.
#[track_caller]
fn refuses(content: impl AsRef<[u8]>, exit: i32, what: &str) {
    let desk = Desk::ready();
    desk.put("a.lreq", &content);
    let ended = desk.sign("a.lreq", "a.lic");
    ended.fails(exit, what);
    assert!(!desk.has("a.lic"));
    let journal = String::from_utf8(desk.read("journal")).expect("text");
    assert!(journal.lines().count() == 1 && journal.contains("opened"), "nothing was signed: {journal}");
}

#[test]
fn a_file_that_is_not_armour() {
    refuses("hello", 4, "not an armoured Leasehold file");
    refuses(b"\xff\xfe", 4, "not ASCII text");
}

#[test]
fn a_file_of_another_kind() {
    let device = Device::new(7);
    let file = armour::wrap(Label::Return, &device.request(1).sign(&device.0));
    refuses(file, 4, "this is a RETURN file, a REQUEST file was expected");
}

#[test]
fn a_truncated_file() {
    let whole = Device::new(7).asks(1);
    refuses(&whole[..whole.len() / 2], 4, "the file is truncated");
    refuses(&whole[..whole.len() - 40], 4, "the file is truncated");
}

#[test]
fn a_file_that_is_too_large() {
    refuses(vec![b'a'; 64 * 1024 + 1], 4, "the file is too large");
    refuses(armour::wrap(Label::Request, &[0; 16 * 1024 + 1]), 4, "the file is too large");
}

#[test]
fn a_damaged_file() {
    let device = Device::new(7);
    let mut bytes = device.request(1).sign(&device.0);
    bytes.push(0);
    refuses(armour::wrap(Label::Request, &bytes), 4, "the file is damaged");
    refuses(device.asks(1).replacen("-----\n", "-----\n?", 1), 4, "the file is damaged");
}

#[test]
fn a_message_of_another_type() {
    let device = Device::new(7);
    let surrender = device.surrender("vendor", ActivationId([1; 16]), Cti([2; 16]));
    refuses(armour::wrap(Label::Request, &surrender), 4, "another message than its first line says");
}

#[test]
fn a_bad_signature() {
    let device = Device::new(7);
    let mut bytes = device.request(1).sign(&device.0);
    *bytes.last_mut().expect("not empty") ^= 1;
    refuses(armour::wrap(Label::Request, &bytes), 4, "the signature is not valid");
    let forged = device.request(1).sign(&Device::new(8).0);
    refuses(armour::wrap(Label::Request, &forged), 4, "the signature is not valid");
}

#[test]
fn a_weak_device_key() {
    let device = Device::new(7);
    let mut request = device.request(1);
    request.sender.device = PublicKey([0; 32]);
    refuses(device.file(&request), 4, "the device's key is weak");
}

#[test]
fn a_claim_that_is_not_understood() {
    let device = Device::new(7);
    let mut request = device.request(1);
    request.code = String::new();
    refuses(device.file(&request), 4, "not understood");
}

#[test]
fn an_unknown_product_or_key() {
    let device = Device::new(7);
    let refused = |change: &dyn Fn(&mut leasehold_protocol::request::Request), what: &str| {
        let desk = Desk::ready();
        let mut request = device.request(1);
        change(&mut request);
        desk.put("a.lreq", &device.file(&request));
        desk.sign("a.lreq", "a.lic").fails(3, what);
        assert!(!desk.has("a.lic"));
    };
    refused(&|request| request.sender.aud = "other".into(), "product_not_allowed");
    refused(&|request| request.code = "ABCD-EFGH-JKLM-0000".into(), "key_invalid");
    refused(&|request| request.iss = Some("other".into()), "out_of_reach");
}

#[test]
fn a_key_file_that_is_a_link_or_open_to_others() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(1));
    std::os::unix::fs::symlink(desk.path("file"), desk.path("link")).expect("own folder");
    let sign = |key: &str| desk.run(&format!("sign a.lreq {} --out a.lic --now {NOW}", SIGN.replace("file", key)));
    sign("link").fails(1, "is a symbolic link");
    chmod(&desk.path("file"), 0o644);
    sign("file").fails(1, "has mode 0644");
    sign("missing").fails(1, "missing");
    sign("grant.toml").fails(1, "has mode");
    chmod(&desk.path("grant.toml"), 0o600);
    sign("grant.toml").fails(4, "holds no Ed25519 key");
    assert!(!desk.has("a.lic"));
}

#[test]
fn a_key_that_may_not_sign_this() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(1));
    let sign = |change: (&str, &str), now: &str| {
        desk.run(&format!("sign a.lreq {} --out a.lic --now {now}", SIGN.replace(change.0, change.1)))
    };
    sign(("--key file", "--key root"), NOW).fails(1, "is not in the keyset");
    sign(("keyset.lks", "a.lreq"), NOW).fails(4, "expected keyset");
    let longer = String::from_utf8(desk.read("grant.toml")).expect("text").replace("2027-06", "2031-06");
    desk.put("grant.toml", &longer);
    sign(("", ""), LATE).fails(5, "signs from");
    let strange = desk.run(&format!("sign a.lreq {SIGN} --trust file.pub --out a.lic --now {NOW}"));
    strange.fails(4, "the keyset is not acceptable");
    assert!(!desk.has("a.lic"));
}

#[test]
fn a_grant_that_is_not_one() {
    let desk = Desk::ready();
    desk.put("a.lreq", &Device::new(7).asks(1));
    desk.put("grant.toml", "grant = 5");
    desk.sign("a.lreq", "a.lic").fails(4, "not a grant file");
}
