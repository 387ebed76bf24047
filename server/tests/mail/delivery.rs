//! Handing a mail over: what arrives, over which TLS, and what is said when it does not.

use crate::common::secrets::{holds, spellings};
use crate::common::tls::Authority;
use crate::mailbox::Mailbox;
use crate::{NOW, letter, plain, send, sender, within};
use leasehold::config::{Security, Smtp};
use leasehold::mail::message::{Envelope, message};
use leasehold::mail::smtp::{SetupError, Transport, check_files};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const ANN: (&str, &str) = ("Ann Example", "ann@l.example");
const PASSWORD: &str = "correct-horse-battery";

/// A mail server with TLS and a user, and settings that fit it.
fn guarded(folder: &Path, tls: &str) -> (Mailbox, Smtp) {
    let authority = Authority::new();
    let pair = authority.issues(2099);
    let path = |name: &str| folder.join(name);
    for (name, text) in [("ca.pem", &authority.pem()), ("cert.pem", &pair.cert), ("key.pem", &pair.key)] {
        std::fs::write(path(name), text).expect("a file");
    }
    secret(&path("password"), &format!("{PASSWORD}\nsecond line\n"));
    let text = |name: &str| path(name).to_str().expect("text").to_owned();
    let options = ["--tls", tls, "--cert", &text("cert.pem"), "--key", &text("key.pem"), "--user", "licences"];
    let mailbox = Mailbox::start(&options, PASSWORD);
    let settings = Smtp {
        host: "localhost".into(),
        security: if tls == "tls" { Security::Tls } else { Security::StartTls },
        username: Some("licences".into()),
        password_file: Some(path("password")),
        ca: Some(path("ca.pem")),
        ..plain(&mailbox)
    };
    (mailbox, settings)
}

fn secret(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("its mode");
}

#[test]
fn a_mail_arrives_as_it_was_written() {
    let mut mailbox = Mailbox::open();
    let (from, answers) = (sender(), sender());
    let long = format!("{} Zoë 🦊\n.\n..\nFrom here", "word ".repeat(400));
    let envelope =
        Envelope { from: &from, reply_to: Some(&answers), name: ANN.0.into(), to: ANN.1, at: NOW, id: "7.x".into() };
    let message = message(&letter(&long), &envelope).expect("a message");
    let transport = Transport::open(&plain(&mailbox), "l.example").expect("it opens");
    within(20, transport.send(message)).expect("it is taken");
    let taken = mailbox.next();
    assert_eq!((&taken.0["from"], &taken.0["to"]), (&"licences@l.example".into(), &[ANN.1][..].into()));
    let expected = [
        ("From", "Example Software <licences@l.example>"),
        ("To", "Ann Example <ann@l.example>"),
        ("Reply-To", "Example Software <licences@l.example>"),
        ("Subject", "Hello"),
        ("Date", "Fri, 15 Jan 2027 08:00:00 +0000"),
        ("Message-ID", "<7.x@l.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ];
    for (name, value) in expected {
        assert_eq!(taken.header(name), value);
    }
    assert_eq!(taken.header_names().len(), expected.len() + 1, "{:?}", taken.header_names()); // Content-Type
    assert_eq!(taken.0["parts"], serde_json::json!(["multipart/alternative", "text/plain", "text/html"]));
    assert_eq!(taken.0["defects"], serde_json::json!([]));
    assert!(taken.text().starts_with(&long), "{}", taken.text());
    assert!(taken.html().contains(&long), "{}", taken.html());
    let longest = taken.0["raw"].as_str().expect("text").lines().map(str::len).max();
    assert!(longest.is_some_and(|longest| longest <= 998), "{longest:?}: RFC 5322, section 2.1.1");
}

#[test]
fn over_either_tls_the_server_knows_us_by_the_password_in_the_file() {
    for tls in ["starttls", "tls"] {
        let folder = TempDir::new().expect("a folder");
        let (mut mailbox, settings) = guarded(folder.path(), tls);
        check_files(&settings).expect("files that can be used");
        send(&settings, &letter("one"), ANN).unwrap_or_else(|error| panic!("{tls}: {}", error.why));
        let taken = mailbox.next();
        assert_eq!((&taken.0["tls"], &taken.0["user"]), (&true.into(), &"licences".into()), "{tls}");
        secret(&folder.path().join("password"), "wrong");
        let refused = send(&settings, &letter("two"), ANN).expect_err("a wrong password");
        assert!(refused.why.contains("535") && refused.concerns_all, "{}", refused.why);
        let words = format!("{refused:?}");
        assert!(spellings(b"wrong").iter().skip(1).all(|secret| !holds(words.as_bytes(), secret)), "{words}");
        assert!(mailbox.is_empty());
    }
}

#[test]
fn nothing_is_said_to_a_server_whose_certificate_is_not_good() {
    for tls in ["starttls", "tls"] {
        let folder = TempDir::new().expect("a folder");
        let (mut mailbox, settings) = guarded(folder.path(), tls);
        std::fs::write(folder.path().join("other.pem"), Authority::new().pem()).expect("a file");
        let cases = [
            ("another authority", Smtp { ca: Some(folder.path().join("other.pem")), ..settings.clone() }),
            ("the public authorities", Smtp { ca: None, ..settings.clone() }),
            ("another name", Smtp { host: "127.0.0.2".into(), ..settings.clone() }),
        ];
        for (case, settings) in cases {
            let refused = send(&settings, &letter("one"), ANN).expect_err(case);
            assert!(refused.concerns_all, "{case}: {}", refused.why);
        }
        assert!(mailbox.is_empty());
    }
}

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
    let cases: [&[&str]; 3] = [
        &["220 x\r\n", "250-x\r\n250 AUTH PLAIN LOGIN\r\n", "250 x\r\n", "250 x\r\n"],
        &["220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "454 not now\r\n", "250 x\r\n"],
        // What is said before the handshake counts for nothing after it.
        &[
            "220 x\r\n",
            "250-x\r\n250 STARTTLS\r\n",
            "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 x\r\n250 x\r\n",
            "250 x\r\n",
        ],
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

#[test]
fn who_is_refused_and_who_is_not_reached_is_told_apart() {
    let mut mailbox = Mailbox::open();
    let settings = plain(&mailbox);
    for (how, word) in [("refuse 550 5.1.1 nobody here", "nobody here"), ("refuse 451 4.7.1 come later", "come later")]
    {
        mailbox.behave(how);
        let refused = send(&settings, &letter("one"), ANN).expect_err(how);
        assert!(refused.why.contains(word) && !refused.concerns_all, "{}", refused.why);
    }
    mailbox.behave("refuse 421 4.3.2 going down");
    assert!(send(&settings, &letter("one"), ANN).expect_err("going down").concerns_all);
    for how in ["hang-up", "hang-up-after"] {
        mailbox.behave(how);
        assert!(send(&settings, &letter("one"), ANN).expect_err(how).concerns_all);
    }
    assert_eq!(mailbox.next().header("Subject"), "Hello", "the last one had it all the same");
    mailbox.behave("silent");
    let brief = Smtp { timeout: 1.try_into().expect("a second"), ..settings.clone() };
    let refused = send(&brief, &letter("one"), ANN).expect_err("it says nothing");
    assert!(refused.concerns_all && refused.why.contains("within 1 s"), "{}", refused.why);
    mailbox.behave("slow 0.2");
    send(&settings, &letter("two"), ANN).expect("slow is good enough");
    let gone = plain(&mailbox);
    drop(mailbox);
    let refused = send(&gone, &letter("one"), ANN).expect_err("nobody is there");
    assert!(refused.concerns_all, "{}", refused.why);
}

#[test]
fn files_that_cannot_be_used_are_said_before_the_first_mail() {
    let folder = TempDir::new().expect("a folder");
    let (_mailbox, settings) = guarded(folder.path(), "tls");
    let path = |name: &str| Some(folder.path().join(name));
    std::fs::write(folder.path().join("empty.pem"), "no certificate\n").expect("a file");
    std::fs::write(folder.path().join("loose"), PASSWORD).expect("a file");
    std::fs::set_permissions(folder.path().join("loose"), PermissionsExt::from_mode(0o644)).expect("its mode");
    let refused = |settings: &Smtp| (Transport::open(settings, "l.example").err(), check_files(settings).err());
    for name in ["absent", "loose"] {
        let (open, check) = refused(&Smtp { password_file: path(name), ..settings.clone() });
        assert!(
            matches!((&open, &check), (Some(SetupError::PasswordFile(_)), Some(SetupError::PasswordFile(_)))),
            "{name}"
        );
    }
    let (open, check) = refused(&Smtp { ca: path("absent"), ..settings.clone() });
    assert!(matches!((open, check), (Some(SetupError::Io { .. }), Some(SetupError::Io { .. }))));
    for name in ["empty.pem", "key.pem"] {
        let (open, check) = refused(&Smtp { ca: path(name), ..settings.clone() });
        let said = format!("{open:?}{check:?}");
        assert!(said.matches("NotACertificate").count() == 2, "{name}: {said}");
    }
    let (open, check) = refused(&Smtp { password_file: None, ..settings.clone() });
    assert!(matches!((open, check), (Some(SetupError::NoPassword(_)), None)), "the server's own environment has it");
}
