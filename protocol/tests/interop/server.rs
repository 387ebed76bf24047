//! Enough of a server for one console: four answers over HTTP, signed by the protocol's own types.

use crate::artefacts::{LEASE, ROOT, STRANGER, keyset, lease, receipt, signing};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::message::{DeviceMessage, Sender};
use leasehold_protocol::release::Release;
use leasehold_protocol::{ActivationId, Cti};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

/// How the server answers.
#[derive(Clone, Copy, PartialEq)]
pub enum Answers {
    Honest,
    /// Leases come from a key that the keyset does not have.
    ForgedLease,
}

const ACTIVATION: ActivationId = ActivationId([0x11; 16]);

/// The port, and the calls that were answered, known when the console has released or gone away.
pub fn start(answers: Answers) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let calls = if answers == Answers::Honest { 4 } else { 2 };
    (port, thread::spawn(move || listener.incoming().take(calls).map(|stream| serve(stream, answers)).collect()))
}

fn serve(stream: std::io::Result<TcpStream>, answers: Answers) -> String {
    let mut stream = BufReader::new(stream.expect("a connection"));
    let mut line = String::new();
    stream.read_line(&mut line).expect("a request line");
    let path = line.split(' ').nth(1).expect("a path").to_owned();
    let mut length = 0;
    while line.trim() != "" {
        line.clear();
        stream.read_line(&mut line).expect("a header line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("the body");
    let call = path.rsplit('/').next().expect("a call").to_owned();
    let answer = answer(&call, &body, answers);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/cose; cose-type=\"cose-sign1\"\r\nConnection: close";
    let stream = stream.get_mut();
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n", answer.len()).expect("the head is sent");
    stream.write_all(&answer).expect("the answer is sent");
    call
}

fn answer(call: &str, body: &[u8], answers: Answers) -> Vec<u8> {
    match call {
        "keyset" => keyset().sign(&signing(ROOT)),
        "activate" => granted(&Activate::open(body).expect("an activate").sender, 1, answers),
        "check" => {
            let check = Check::open(body).expect("a check");
            assert_eq!((check.sub, check.proof.held), (ACTIVATION, Some(Cti::derive(ACTIVATION, 1))));
            granted(&check.sender, 2, answers)
        }
        "release" => {
            let release = Release::open(body).expect("a release");
            assert_eq!((release.sub, release.proof.held), (ACTIVATION, Some(Cti::derive(ACTIVATION, 2))));
            let mut receipt = receipt();
            (receipt.device, receipt.nonce) = (release.sender.device, release.sender.nonce);
            receipt.held = Cti::derive(ACTIVATION, 2);
            receipt.sign(&signing(LEASE))
        }
        other => panic!("no call {other}"),
    }
}

fn granted(sender: &Sender, seq: u32, answers: Answers) -> Vec<u8> {
    let mut lease = lease(sender.iat); // the console's clock is the only one here
    (lease.grant.device, lease.grant.nonce) = (sender.device, sender.nonce);
    (lease.grant.seq, lease.grant.cti) = (seq, Cti::derive(ACTIVATION, seq));
    lease.sign(&signing(if answers == Answers::Honest { LEASE } else { STRANGER }))
}
