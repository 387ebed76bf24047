//! Everything that is not a signed answer: the status, the problem's body, and what becomes of the connection.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::{COSE, Http, head};
use leasehold_protocol::cbor::ITEM_LEN_MAX;
use leasehold_protocol::machine::Kind;

const CALLS: [&str; 4] = ["/v1/register", "/v1/activate", "/v1/check", "/v1/release"];

#[test]
fn what_is_no_message_is_400_and_says_what_is_wrong() {
    let stage = Stage::set();
    let message = Device::new(&stage.seed.lot).message(Kind::Activate);
    let mut trailing = message.clone();
    trailing.push(0);
    let bodies = [(&b""[..], "empty"), (b"nonsense", "text"), (&message[..60], "cut"), (&trailing, "trailing byte")];
    for (body, what) in bodies {
        for call in CALLS {
            let reply = stage.http().post(call, body).expect("an answer");
            assert_eq!((reply.status, reply.code()), (400, "malformed".into()), "{what} to {call}");
        }
    }
    let reply = stage.http().post("/v1/check", &message).expect("an answer");
    assert_eq!(reply.code(), "malformed", "a message of another type");
    let detail = reply.problem()["detail"].to_string();
    assert!(detail.contains("activate") && detail.contains("check"), "{detail}");
}

#[test]
fn every_flipped_bit_of_a_message_is_refused_and_none_is_recorded() {
    let stage = Stage::set();
    let message = Device::new(&stage.seed.lot).message(Kind::Activate);
    let mut http = stage.http();
    let (mut malformed, mut unsigned, mut limited) = (0, 0, 0);
    for bit in (0..message.len() * 8).step_by(message.len() * 8 / 150) {
        let mut flipped = message.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let reply = http.post("/v1/activate", &flipped).expect("an answer");
        match (reply.status, reply.code().as_str()) {
            (400, "malformed") => malformed += 1,
            (401, "signature_bad") => unsigned += 1,
            (429, "too_fast") => limited += 1,
            other => panic!("bit {bit}: {other:?}"),
        }
    }
    assert!(malformed > 10 && unsigned > 10, "{malformed} malformed, {unsigned} unsigned");
    let mut device = Device::new(&stage.seed.lot);
    let lease = device.takes(&mut http, &stage.keys, Kind::Activate);
    assert_eq!(lease.grant.units.count("OBM"), 1_000_000, "somebody else was given units");
    println!(
        "count flipped bits on the wire: {malformed} malformed, {unsigned} unsigned, {limited} limited, 0 accepted"
    );
}

#[test]
fn another_signature_is_401() {
    let stage = Stage::set();
    let (mut one, mut other) = (Device::new(&stage.seed.lot), Device::new(&stage.seed.lot));
    let (mut first, second) = (one.message(Kind::Activate), other.message(Kind::Activate));
    let len = first.len();
    first[len - 64..].copy_from_slice(&second[second.len() - 64..]);
    let reply = stage.http().post("/v1/activate", &first).expect("an answer");
    assert_eq!((reply.status, reply.code()), (401, "signature_bad".into()));
    for device in [&mut one, &mut other] {
        device.wanted = Some(crate::common::seed::units(1));
        device.takes(&mut stage.http(), &stage.keys, Kind::Activate);
    }
}

#[test]
fn other_paths_are_404_and_other_methods_405_with_those_allowed() {
    let stage = Stage::set();
    let mut http = stage.http();
    for path in ["/", "/v1", "/v1/checks", "/v1/check/", "/V1/check", "/metrics", "/api/v1/accounts", "/v1/../metrics"]
    {
        for method in ["GET", "POST"] {
            let reply = http.ask(method, path, &[("content-type", COSE)], b"").expect("an answer");
            assert_eq!((reply.status, reply.code()), (404, "path_unknown".into()), "{method} {path}");
        }
    }
    let paths = CALLS.map(|call| (call, "POST")).into_iter();
    for (path, allowed) in paths.chain(["/v1/keyset", "/livez", "/readyz"].map(|path| (path, "GET"))) {
        for method in
            ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"].into_iter().filter(|method| *method != allowed)
        {
            let reply = http.ask(method, path, &[], b"").expect("an answer");
            assert_eq!((reply.status, reply.code()), (405, "method_not_allowed".into()), "{method} {path}");
            assert_eq!(reply.header("allow"), Some(allowed), "{method} {path} (RFC 9110, section 15.5.6)");
        }
    }
}

#[test]
fn a_message_of_another_media_type_is_415() {
    let stage = Stage::set();
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    for given in ["application/cbor", "text/plain", "application/cosey", "", "application/json; application/cose"] {
        let reply = stage.http().ask("POST", "/v1/activate", &[("content-type", given)], &message).expect("an answer");
        assert_eq!((reply.status, reply.code()), (415, "media_type".into()), "{given:?}");
    }
    assert_eq!(stage.http().ask("POST", "/v1/activate", &[], &message).expect("an answer").status, 415);
    let mut http = stage.http();
    for given in ["application/cose", "Application/COSE ; cose-type=\"cose-sign1\""] {
        let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
        let reply = http.ask("POST", "/v1/activate", &[("content-type", given)], &message).expect("an answer");
        assert_eq!(reply.status, 200, "{given:?}: {}", reply.text());
    }
}

#[test]
fn a_body_longer_than_any_message_is_413_announced_or_not() {
    let stage = Stage::set();
    let mut announced = stage.http();
    let too_long = Some(ITEM_LEN_MAX + 1);
    announced.write(&head("POST", "/v1/check", &[("content-type", COSE)], too_long)).expect("sent");
    let reply = announced.reply().expect("an answer, before the body");
    assert_eq!((reply.status, reply.code()), (413, "too_large".into()));
    assert!(announced.rest().expect("it closes").is_empty());

    let chunked = [("content-type", COSE), ("transfer-encoding", "chunked")];
    let mut endless = stage.http();
    endless.write(&head("POST", "/v1/check", &chunked, None)).expect("sent");
    for _ in 0..=ITEM_LEN_MAX / 1024 {
        endless.write(format!("400\r\n{}\r\n", "x".repeat(1024)).as_bytes()).expect("sent");
    }
    let reply = endless.reply().expect("an answer");
    assert_eq!((reply.status, reply.code()), (413, "too_large".into()));

    let longer = vec![0; ITEM_LEN_MAX + 1];
    let mut sent_whole = stage.http();
    sent_whole.write(&[head("POST", "/v1/check", &[("content-type", COSE)], too_long), longer].concat()).expect("sent");
    let reply = sent_whole.reply().expect("an answer, though nobody read the body");
    assert_eq!((reply.status, reply.code()), (413, "too_large".into()));

    let longest = vec![0; ITEM_LEN_MAX];
    let reply = stage.http().post("/v1/check", &longest).expect("an answer");
    assert_eq!(reply.status, 400, "the longest body is read");
}

#[test]
fn a_chunked_message_is_as_good_as_any_and_a_broken_chunk_is_400() {
    let stage = Stage::set();
    let chunked = [("content-type", COSE), ("transfer-encoding", "chunked")];
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    let mut http = stage.http();
    http.write(&head("POST", "/v1/activate", &chunked, None)).expect("sent");
    for part in message.chunks(7) {
        http.write(&[format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()).expect("sent");
    }
    http.write(b"0\r\n\r\n").expect("sent");
    assert_eq!(http.reply().expect("an answer").status, 200);

    http.write(&head("POST", "/v1/activate", &chunked, None)).expect("sent");
    http.write(b"zz\r\nxx\r\n0\r\n\r\n").expect("sent");
    let reply = http.reply().expect("an answer");
    assert_eq!((reply.status, reply.code()), (400, "body_broken".into()));
    assert!(http.rest().expect("it closes").is_empty());
}

#[test]
fn a_head_beyond_16_kib_is_431_and_one_that_is_none_is_400() {
    let stage = Stage::set();
    let long = "x".repeat(20 * 1024);
    let mut http = stage.http();
    http.write(&head("GET", "/v1/keyset", &[("x-long", &long)], None)).expect("sent");
    assert_eq!(http.reply().expect("an answer").status, 431);
    let mut http = stage.http();
    http.write(b"nonsense\r\n\r\n").expect("sent");
    assert_eq!(http.reply().expect("an answer").status, 400);
    assert_eq!(stage.http().get("/livez").expect("an answer").status, 200);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let stage = Stage::set();
    let devices: Vec<_> = (0..5).map(|_| Device::modest(&stage.seed.lot)).collect();
    let mut http = stage.http();
    let mut all = Vec::new();
    for device in &devices {
        let message = device.message(Kind::Activate);
        all.extend(head("POST", "/v1/activate", &[("content-type", COSE)], Some(message.len())));
        all.extend(message);
        all.extend(head("GET", "/livez", &[], None));
    }
    http.write(&all).expect("sent");
    for device in &devices {
        let reply = http.reply().expect("an answer");
        let crate::common::device::Heard::Lease(lease) = crate::common::device::hear(&reply, &stage.keys) else {
            panic!("{}", reply.text())
        };
        assert_eq!(lease.grant.device, device.public());
        assert_eq!(http.reply().expect("an answer").body, b"alive\n");
    }
}

#[test]
fn one_connection_serves_a_devices_whole_life() {
    let stage = Stage::set();
    let mut http = stage.http();
    let mut device = Device::new(&stage.seed.pool[0]);
    for (number, kind) in [Kind::Activate, Kind::Check, Kind::Check].into_iter().enumerate() {
        assert_eq!(device.takes(&mut http, &stage.keys, kind).grant.seq as usize, number + 1);
    }
    device.say(&mut http, &stage.keys, Kind::Release).expect("an answer");
    assert!(device.released.is_some());
}

#[test]
fn the_keyset_is_sent_once_and_then_said_to_be_the_same() {
    let stage = Stage::set();
    let mut http = stage.http();
    let first = http.get("/v1/keyset").expect("an answer");
    assert_eq!((first.status, first.header("content-type")), (200, Some(COSE)));
    let tag = first.header("etag").expect("a tag").to_owned();
    let elsewhere = format!("\"other\", W/{tag}");
    for same in [tag.as_str(), "*", &elsewhere] {
        let reply = http.ask("GET", "/v1/keyset", &[("if-none-match", same)], b"").expect("an answer");
        assert_eq!((reply.status, reply.body.len(), reply.header("etag")), (304, 0, Some(tag.as_str())), "{same}");
    }
    let reply = http.ask("GET", "/v1/keyset", &[("if-none-match", "\"0\"")], b"").expect("an answer");
    assert_eq!((reply.status, reply.body), (200, first.body));
}

#[test]
fn probes_answer_on_both_ports_and_the_portal_does_not_serve_devices() {
    let stage = Stage::set();
    for at in [stage.server.device(), stage.server.operator()] {
        let mut http = Http::connect(at).expect("it listens");
        for (path, word) in [("/livez", "alive\n"), ("/readyz", "ready\n")] {
            let reply = http.get(path).expect("an answer");
            assert_eq!((reply.status, reply.text()), (200, word.to_owned()), "{at} {path}");
            let posted = http.post(path, b"").expect("an answer");
            assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")), "{at} {path}");
        }
    }
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    for at in [stage.server.portal(), stage.server.operator()] {
        let reply = Http::connect(at).and_then(|mut http| http.post("/v1/activate", &message)).expect("an answer");
        assert_eq!(reply.status, 404, "{at}");
    }
}
