//! Who stands on the way to a mail server, or in its place.

use crate::common::secrets::{holds, spellings};
use crate::delivery::{ANN, PASSWORD, guarded};
use crate::{letter, send};
use leasehold::config::Smtp;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use tempfile::TempDir;

/// A server that does as if it were one: says these lines, one for each line it hears. Returns all it heard.
fn liar(said: &'static [&'static str]) -> (u16, std::thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let listening = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut heard = Vec::new();
        for line in said {
            stream.write_all(line.as_bytes()).ok();
            if reader.read_until(b'\n', &mut heard).unwrap_or(0) == 0 {
                break;
            }
        }
        heard
    });
    (port, listening)
}

#[test]
fn a_server_that_offers_no_tls_hears_neither_password_nor_mail() {
    let folder = TempDir::new().expect("a folder");
    let (_mailbox, settings) = guarded(folder.path(), "starttls");
    let cases: [&[&str]; 2] = [
        &["220 x\r\n", "250-x\r\n250 AUTH PLAIN LOGIN\r\n", "250 x\r\n", "250 x\r\n"],
        &["220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "454 not now\r\n", "250 x\r\n"],
    ];
    for said in cases {
        let (port, listening) = liar(said);
        let refused = send(&Smtp { port: Some(port), ..settings.clone() }, &letter("quiet"), ANN).expect_err("a liar");
        let heard = listening.join().expect("it ends");
        assert!(heard.starts_with(b"EHLO l.example\r\n"), "{heard:?}");
        let mut secrets = spellings(PASSWORD.as_bytes());
        secrets.extend([b"AUTH".to_vec(), b"licences".to_vec(), ANN.1.into(), b"quiet".to_vec()]);
        assert!(secrets.iter().all(|secret| !holds(&heard, secret)), "{}: {heard:?}", refused.why);
    }
}

/// Somebody on the way to a mail server, who passes everything on and puts words behind the server's last plain line.
fn meddler(server: u16, words: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let mut server = TcpStream::connect(("127.0.0.1", server)).expect("it listens");
        let (mut from, mut to) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let (mut bytes, mut greetings) = ([0; 4096], 0);
        while let Ok(len @ 1..) = server.read(&mut bytes) {
            let mut said = bytes[..len].to_vec();
            if said.starts_with(b"220 ") {
                greetings += 1;
                said.extend(words.iter().filter(|_| greetings == 2));
            }
            if client.write_all(&said).is_err() {
                break;
            }
        }
    });
    port
}

#[test]
fn words_put_in_before_the_handshake_do_not_count_after_it() {
    let folder = TempDir::new().expect("a folder");
    let (mut mailbox, settings) = guarded(folder.path(), "starttls");
    let through = |words| Smtp { port: Some(meddler(mailbox.port, words)), ..settings.clone() };
    let (honest, meddling) = (through(b""), through(b"250-mail.test\r\n250 AUTH PLAIN\r\n"));
    send(&honest, &letter("one"), ANN).unwrap_or_else(|error| panic!("{}", error.why));
    assert_eq!(mailbox.next().header("Subject"), "Hello");
    let refused = send(&meddling, &letter("two"), ANN).expect_err("somebody meddles");
    assert!(refused.concerns_all, "{}", refused.why);
    assert!(mailbox.is_empty());
}
