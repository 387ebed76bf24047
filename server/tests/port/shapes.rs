//! Requests that two readers could read differently. Each is sent over a raw socket with a second request behind it, or inside
//! it; what comes back says how the server read the bytes. Whatever it is, there is one reading: a request that one reader may
//! take for a body is never answered.

mod cases;

use crate::Stage;
use crate::common::device::{Device, Heard, hear};
use crate::common::http::{COSE, Http, head};
use cases::{Case, LIVEZ, Then, all, chunked};
use leasehold_protocol::machine::Kind;
use std::time::Duration;

/// One place in thirty-two of four makes every connection a crowd, where connections are paused between requests.
const CROWDED: &str = "[limits]\ndevice_connections = 8\npercent_per_address = 100\n";

/// The statuses of all answers to these bytes, and what became of the connection: a request of our own comes behind them, and
/// only on a connection that is still open it is answered.
fn answers(stage: &Stage, bytes: &[u8]) -> (Vec<u16>, Then) {
    const OURS: &[u8] = b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut http = stage.http();
    http.write(&[bytes, OURS].concat()).ok(); // a server that closes early does not take everything
    let mut statuses = Vec::new();
    while let Ok(reply) = http.reply() {
        if reply.body == b"ready\n" {
            return (statuses, Then::Open);
        }
        statuses.push(reply.status);
    }
    (statuses, Then::Closed)
}

/// Every case against a server, and against one that is crowded, where connections are paused between requests.
fn all_cases(stage: &Stage) -> usize {
    let cases: Vec<Case> = all();
    let mut wrong = Vec::new();
    for case in &cases {
        let answered = answers(stage, &case.bytes);
        if answered.0 != case.statuses || answered.1 != case.then {
            wrong.push(format!("{}: {answered:?}, not {:?} {:?}", case.name, case.statuses, case.then));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cases.len()
}

#[test]
fn every_shape_of_a_request_has_one_reading() {
    let open = all_cases(&Stage::plain(""));
    let crowded = all_cases(&Stage::plain(CROWDED));
    let tls = all_cases(&Stage::tls(CROWDED));
    assert_eq!((open, crowded), (crowded, tls));
    println!("count request shapes: {open}, each plain, in a crowd, and over TLS; 0 with two readings");
}

#[test]
fn what_comes_late_of_a_body_that_nobody_reads_is_not_a_request() {
    let mut tried = 0;
    for settings in ["", CROWDED] {
        let stage = Stage::plain(settings);
        for path in ["/livez", "/nowhere", "/v1/keyset"] {
            for (framing, rest) in [
                (format!("content-length: {}", LIVEZ.len()), LIVEZ.to_owned()),
                (format!("content-length: {}", LIVEZ.len() + 1), LIVEZ.to_owned()),
                ("transfer-encoding: chunked".to_owned(), chunked(LIVEZ)),
            ] {
                for pause in [0, 1, 20, 100] {
                    let mut http = stage.http();
                    http.write(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n").as_bytes())
                        .expect("sent");
                    assert!(http.reply().expect("an answer before the body").status >= 404);
                    std::thread::sleep(Duration::from_millis(pause));
                    http.write(rest.as_bytes()).ok(); // it may be closed by now
                    let rest = String::from_utf8_lossy(&http.rest().expect("it closes")).into_owned();
                    assert!(!rest.contains("alive"), "{path}, {framing}, after {pause} ms: {rest}");
                    tried += 1;
                }
            }
        }
    }
    println!("count late bodies: {tried} sent after the answer, 0 read as a request");
}

#[test]
fn checks_in_one_segment_are_answered_in_their_order() {
    const CHECKS: usize = 12;
    for settings in ["", CROWDED] {
        let stage = Stage::plain(settings);
        let mut http = stage.http();
        let mut devices: Vec<Device> = (0..CHECKS).map(|_| Device::modest(&stage.seed.lot)).collect();
        for device in &mut devices {
            device.takes(&mut http, &stage.keys, Kind::Activate);
        }
        let mut segment = Vec::new();
        for device in &devices {
            let message = device.message(Kind::Check);
            segment.extend(head("POST", "/v1/check", &[("content-type", COSE)], Some(message.len())));
            segment.extend(message);
        }
        http.write(&segment).expect("sent");
        for device in &devices {
            match hear(&http.reply().expect("an answer"), &stage.keys) {
                Heard::Lease(lease) => assert_eq!((lease.grant.device, lease.grant.seq), (device.public(), 2)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(http.get("/livez").expect("an answer").status, 200);
        println!("count pipelining: {CHECKS} checks in one segment, answered in their order");
    }
}

#[test]
fn a_client_that_expects_to_be_told_to_go_on_is_told() {
    let stage = Stage::plain("");
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    let expects = [("content-type", COSE), ("expect", "100-continue")];
    let mut http = stage.http();
    http.write(&head("POST", "/v1/activate", &expects, Some(message.len()))).expect("sent");
    assert_eq!(http.reply().expect("an answer").status, 100);
    http.write(&message).expect("sent");
    assert_eq!(http.reply().expect("an answer").status, 200);
    assert_eq!(http.get("/livez").expect("an answer").status, 200);
}

#[test]
fn requests_a_byte_at_a_time_and_a_thousand_in_a_row_are_answered_one_by_one() {
    for settings in ["", CROWDED] {
        let stage = Stage::plain(settings);
        let mut http = Http::connect(stage.server.device()).expect("it listens");
        for byte in LIVEZ.as_bytes() {
            http.write(&[*byte]).expect("sent");
        }
        assert_eq!(http.reply().expect("an answer").text(), "alive\n");
        // Cut anywhere, two requests are two requests.
        let two = LIVEZ.repeat(2);
        for cut in (1..two.len()).step_by(3) {
            http.write(&two.as_bytes()[..cut]).expect("sent");
            std::thread::sleep(Duration::from_millis(2));
            http.write(&two.as_bytes()[cut..]).expect("sent");
            for _ in 0..2 {
                assert_eq!(http.reply().expect("an answer").text(), "alive\n", "cut at {cut}");
            }
        }
        for number in 0..1000 {
            assert_eq!(http.get("/livez").expect("an answer").status, 200, "{number}");
        }
    }
}
