//! The shapes, each with what comes back.

use crate::common::http::COSE;

/// A request that is answered 200 with the word `alive`: seen in an answer, it was read as a request.
pub const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";

/// What becomes of the connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    Closed,
    Open,
}

/// Bytes, the statuses that come back in their order, and what becomes of the connection.
pub struct Case {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub statuses: &'static [u16],
    pub then: Then,
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, statuses: &'static [u16], then: Then) -> Case {
    Case { name, bytes: bytes.into(), statuses, then }
}

/// `lines` as a POST of something that is no message, with a body that is a request to other eyes.
fn smuggle(lines: &str, body: &str) -> String {
    format!("POST /v1/check HTTP/1.1\r\nhost: x\r\ncontent-type: application/cose\r\n{lines}\r\n{body}")
}

/// The second request as a chunk, with the end of the body behind it.
pub fn chunked(inner: &str) -> String {
    format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len())
}

/// Every case.
pub fn all() -> Vec<Case> {
    [framings(), chunks(), heads(), left_over()].into_iter().flatten().collect()
}

/// Two framings in one request, or one that only some understand.
fn framings() -> Vec<Case> {
    use Then::{Closed, Open};
    let len = LIVEZ.len();
    let te = "transfer-encoding: chunked\r\n";
    let with_length = |length: &str| smuggle(&format!("content-length: {length}\r\n"), LIVEZ);
    let coded = |coding: &str| smuggle(&format!("transfer-encoding: {coding}\r\n"), &chunked(LIVEZ));
    let both = format!("content-length: {}\r\n{te}", len + 20);
    let reversed = format!("{te}content-length: {}\r\n", len + 20);
    let twice = |first: usize, second: usize| format!("content-length: {first}\r\ncontent-length: {second}\r\n");
    let next = |bytes: String| bytes + LIVEZ;
    vec![
        case("length", next(with_length(&len.to_string())), &[400, 200], Open),
        case("chunked", next(coded("chunked")), &[400, 200], Open),
        case("chunked in capitals", next(coded("ChUnKeD")), &[400, 200], Open),
        case("length and chunked", next(smuggle(&both, &chunked(LIVEZ))), &[400], Closed),
        case("chunked and length", next(smuggle(&reversed, &chunked(LIVEZ))), &[400], Closed),
        case("length and chunked, body empty for one", next(smuggle(&both, "0\r\n\r\n")), &[400], Closed),
        case("two equal lengths", next(smuggle(&twice(len, len), LIVEZ)), &[400, 200], Open),
        case("two lengths", next(smuggle(&twice(len, 0), LIVEZ)), &[400], Closed),
        case("two lengths, reversed", next(smuggle(&twice(0, len), LIVEZ)), &[400], Closed),
        case("a list of lengths", next(with_length(&format!("{len}, {len}"))), &[400], Closed),
        case("a length with a sign", next(with_length(&format!("+{len}"))), &[400], Closed),
        case("a negative length", next(with_length("-1")), &[400], Closed),
        case("a length in hex", next(with_length("0x1f")), &[400], Closed),
        case("a length of two words", next(with_length("0 31")), &[400], Closed),
        case("a length beyond 64 bits", next(with_length("18446744073709551616")), &[400], Closed),
        case("a length of nothing", next(with_length("")), &[400], Closed),
        case("chunked, identity", next(coded("chunked, identity")), &[400], Closed),
        case("identity, chunked", next(coded("identity, chunked")), &[400], Closed),
        case("gzip, chunked", next(coded("gzip, chunked")), &[400], Closed),
        case("chunked, chunked", next(coded("chunked, chunked")), &[400], Closed),
        case("two lines of chunked", next(coded("chunked\r\ntransfer-encoding: chunked")), &[400], Closed),
        case(
            "chunked and identity in two lines",
            next(coded("chunked\r\ntransfer-encoding: identity")),
            &[400],
            Closed,
        ),
        case("identity", next(coded("identity")), &[400], Closed),
        case("xchunked", next(coded("xchunked")), &[400], Closed),
        case("quoted chunked", next(coded("\"chunked\"")), &[400], Closed),
        case("chunked with a parameter", next(coded("chunked;q=1")), &[400], Closed),
        case("chunked behind a vertical tab", next(coded("\x0bchunked")), &[400], Closed),
    ]
}

/// Chunks that only some take for chunks.
fn chunks() -> Vec<Case> {
    use Then::{Closed, Open};
    let body = |chunks: &str| smuggle("transfer-encoding: chunked\r\n", chunks) + LIVEZ;
    vec![
        case("an extension", body("3;a=b\r\nxyz\r\n0\r\n\r\n"), &[400, 200], Open),
        case("a trailer", body("3\r\nxyz\r\n0\r\nx-a: b\r\n\r\n"), &[400, 200], Open),
        case("leading zeros", body("0003\r\nxyz\r\n0\r\n\r\n"), &[400, 200], Open),
        case("a size that is none", body("zz\r\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a size in 0x", body("0x3\r\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a negative size", body("-3\r\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a size beyond 64 bits", body("10000000000000003\r\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a bare LF behind the size", body("3\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a bare LF in an extension", body("3;a\nxyz\r\n0\r\n\r\n"), &[400], Closed),
        case("a chunk longer than its size", body("3\r\nxyzw\r\n0\r\n\r\n"), &[400], Closed),
        case("no CRLF behind a chunk", body("3\r\nxyz0\r\n\r\n"), &[400], Closed),
    ]
}

/// Heads that are not one line a field, or not of HTTP/1.1.
fn heads() -> Vec<Case> {
    use Then::{Closed, Open};
    let get = |lines: &str| format!("GET /livez HTTP/1.1\r\nhost: x\r\n{lines}\r\n{LIVEZ}");
    let length = LIVEZ.len();
    let long = "x".repeat(17 * 1024);
    vec![
        case("whitespace before the colon", get(&format!("content-length : {length}\r\n")), &[400], Closed),
        case("a folded line", get(&format!("x-a: b\r\n content-length: {length}\r\n")), &[400], Closed),
        case("a first line that is folded", format!("GET /livez HTTP/1.1\r\n host: x\r\n\r\n{LIVEZ}"), &[400], Closed),
        case("NUL in a value", get("x-a: b\0c\r\n"), &[400], Closed),
        case("NUL in a name", get("x\0a: b\r\n"), &[400], Closed),
        case("a bare CR in a value", get("x-a: b\rcontent-length: 5\r\n"), &[400], Closed),
        case("a line without a colon", get("content-length\r\n"), &[400], Closed),
        case("a line without a name", get(": x\r\n"), &[400], Closed),
        // A recipient may take a lone LF for the end of a line (RFC 9112, section 2.2); this is that reading, and no other.
        case("bare LF at the ends of lines", format!("GET /livez HTTP/1.1\nhost: x\n\n{LIVEZ}"), &[200, 200], Open),
        case("a length behind a bare LF", get(&format!("x-a: b\ncontent-length: {length}\r\n")), &[200], Open),
        case("no host", format!("GET /livez HTTP/1.1\r\n\r\n{LIVEZ}"), &[400], Closed),
        case("two hosts", get("host: y\r\n"), &[400], Closed),
        case("HTTP/1.0", format!("GET /livez HTTP/1.0\r\n\r\n{LIVEZ}"), &[200], Closed),
        case(
            "HTTP/1.0, chunked",
            format!("POST /v1/check HTTP/1.0\r\n{}\r\n{LIVEZ}", "transfer-encoding: chunked\r\n"),
            &[400],
            Closed,
        ),
        case("HTTP/0.9", format!("GET /livez\r\n\r\n{LIVEZ}"), &[400], Closed),
        case("HTTP/1.2", format!("GET /livez HTTP/1.2\r\nhost: x\r\n\r\n{LIVEZ}"), &[400], Closed),
        case("HTTP/2 from the start", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[], Closed),
        case(
            "an upgrade to HTTP/2",
            get("upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n"),
            &[200, 200],
            Open,
        ),
        case("a tunnel", format!("CONNECT /livez HTTP/1.1\r\nhost: x\r\n\r\n{LIVEZ}"), &[400], Closed),
        case(
            "a tunnel to elsewhere",
            format!("CONNECT other:443 HTTP/1.1\r\nhost: other:443\r\n\r\n{LIVEZ}"),
            &[400],
            Closed,
        ),
        case("absolute-form", format!("GET http://other/livez HTTP/1.1\r\nhost: x\r\n\r\n{LIVEZ}"), &[200, 200], Open),
        case("a method in small letters", format!("get /livez HTTP/1.1\r\nhost: x\r\n\r\n{LIVEZ}"), &[405, 200], Open),
        case("two spaces", format!("GET  /livez HTTP/1.1\r\nhost: x\r\n\r\n{LIVEZ}"), &[400], Closed),
        case("a path of 17 KiB", format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"), &[431], Closed),
        case("a value of 17 KiB", get(&format!("x-a: {long}\r\n")), &[431], Closed),
        case("200 fields", get(&"x-a: b\r\n".repeat(200)), &[431], Closed),
        case("a body where none belongs", get(&format!("content-length: {length}\r\n")), &[200], Open),
        case("noise", vec![0xff; 64], &[400], Closed),
    ]
}

/// Bodies that nobody reads to their end: what is left of them is not a request.
fn left_over() -> Vec<Case> {
    use Then::Closed;
    let unread = |path: &str, kind: &str, rest: usize| {
        let pad = "x".repeat(rest);
        let body = format!("{pad}{LIVEZ}");
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len() + 4096
        )
    };
    vec![
        case("another method, body to come", unread("/livez", COSE, 10), &[405], Closed),
        case("another type, body to come", unread("/v1/check", "text/plain", 10), &[415], Closed),
        case("another path, body to come", unread("/nowhere", COSE, 10), &[404], Closed),
        case("too long", unread("/v1/check", COSE, 40_000), &[413], Closed),
        case(
            "an expectation, and the body at once",
            smuggle(&format!("expect: 100-continue\r\ncontent-length: {}\r\n", 1 << 20), LIVEZ),
            &[413],
            Closed,
        ),
    ]
}
