//! TLS 1.3 on the device port: the reference console speaks to it, everything else is refused in time, and what is wrong with
//! the files is said at the start.

use crate::Stage;
use crate::common::http::{Http, socket};
use crate::common::program::{Done, leasehold, run};
use crate::common::seed::PRODUCT;
use crate::common::server::{TestServer, serve};
use crate::common::tls::{Authority, Files, connect};
use crate::common::{instant, wait_for};
use leasehold::keyring::{FOLDER, ROOT};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

/// A verb of the reference console, as a program.
fn console(stage: &Stage, authority: &Authority, words: &[&str]) -> Done {
    let ca = stage.server.beside("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("written");
    let mut command = leasehold();
    command.args(["console", "--proxy", "none", "--server", &format!("https://{}", stage.server.device())]);
    run(command.arg("--ca").arg(ca).arg("--state").arg(stage.server.beside("console")).args(words))
}

fn init(stage: &Stage, authority: &Authority) -> Done {
    let root = stage.server.data().join(FOLDER).join(ROOT);
    console(stage, authority, &["init", "--product", PRODUCT, "--trust", &root.display().to_string()])
}

#[test]
fn the_reference_console_lives_over_tls_and_believes_its_own_authority_alone() {
    let stage = Stage::tls("");
    let stranger = init(&stage, &Authority::new());
    assert_eq!(stranger.code, Some(1), "{}", stranger.stderr);
    assert!(stranger.stderr.contains("certificate"), "{}", stranger.stderr);
    init(&stage, stage.authority()).ok();
    for words in [&["activate", "--product-version", "9.1", "--key", &stage.seed.pool[0]][..], &["check"], &["release"]]
    {
        console(&stage, stage.authority(), words).ok();
    }
    let answers =
        ["activate", "check"].map(|call| format!("leasehold_answers_total{{call=\"{call}\",result=\"lease\"}}"));
    let metrics = stage.metrics();
    assert_eq!(answers.map(|series| metrics[&series]), [1.0, 1.0]);
    assert!(stage.metric("tls_handshakes_failed_total") >= 1.0, "the stranger's handshake is counted");
    let end = metrics["leasehold_tls_certificate_expiry_timestamp_seconds"];
    assert_eq!(end, 3_818_361_600.0, "2090-12-31");
    assert_eq!(metrics["leasehold_tls_certificate_reads_total{result=\"ok\"}"], 1.0);
    for (mut http, path) in [(stage.http(), "/livez"), (stage.http(), "/readyz")] {
        assert_eq!(http.get(path).expect("an answer").status, 200, "{path} over TLS");
    }
}

#[test]
fn tls_1_3_http_1_1_and_a_full_handshake_are_all_there_is() {
    let stage = Stage::tls("");
    let at = stage.server.device();
    let old = stage.authority().client(&[&TLS12]);
    let error = connect(at, old.into()).expect_err("TLS 1.2 is refused");
    assert!(error.to_string().contains("ProtocolVersion"), "{error}");
    let mut h2 = stage.authority().client(&[&TLS13]);
    h2.alpn_protocols = vec![b"h2".to_vec()];
    let error = connect(at, h2.into()).expect_err("HTTP/2 is refused");
    assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");

    let both = std::sync::Arc::new({
        let mut config = stage.authority().client(&[&TLS12, &TLS13]);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    });
    for _ in 0..2 {
        let mut stream = connect(at, both.clone()).expect("a connection");
        assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it ends with a close_notify");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        // The second time it would resume, had it been given a ticket.
        assert_eq!(
            (stream.conn.handshake_kind(), stream.conn.tls13_tickets_received()),
            (Some(HandshakeKind::Full), 0)
        );
    }
    assert_eq!(stage.metric("tls_handshakes_failed_total"), 2.0);
}

#[test]
fn plain_http_and_noise_at_the_tls_port_are_closed_at_once_and_nobody_is_hurt() {
    let stage = Stage::tls("");
    let noise: &[&[u8]] =
        &[b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", &[0; 300], &[0x16, 3, 1, 0xff, 0xff], b"\x80\x2e\x01"];
    for bytes in noise {
        let (begun, mut raw) = (instant(), socket(stage.server.device()).expect("it listens"));
        raw.write_all(bytes).expect("sent");
        if bytes.len() < 6 {
            raw.shutdown(std::net::Shutdown::Write).expect("open");
        }
        let rest = Http::over(raw).rest().expect("it closes");
        assert!(!rest.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&rest));
        assert!(begun.elapsed() < Duration::from_secs(3), "closed after {:?}", begun.elapsed());
    }
    assert_eq!(stage.http().get("/livez").expect("an answer").status, 200);
    assert_eq!(stage.metric("tls_handshakes_failed_total"), 4.0);
}

#[test]
fn r5_300_handshakes_that_do_not_end_are_closed_after_five_seconds() {
    const EACH: usize = 100;
    let stage = Stage::tls("");
    let (begun, at) = (instant(), stage.server.device());
    let record = client_hello(&stage, at);
    let mut waiting = Vec::new();
    for opening in [&record[..0], &record[..20], &record[..]] {
        for _ in 0..EACH {
            let mut raw = socket(at).expect("it listens");
            raw.write_all(opening).expect("sent");
            waiting.push(raw);
        }
    }
    let mut honest = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        assert_eq!(stage.http().get("/livez").expect("an answer").status, 200);
        honest += 1;
    }
    let gone = wait_for(Duration::from_secs(15), || (stage.metric("connections") == 0.0).then(|| begun.elapsed()));
    let gone = gone.expect("all are closed");
    for raw in waiting {
        Http::over(raw).rest().expect("it is closed");
    }
    assert_eq!(stage.metric("tls_handshakes_failed_total"), 3.0 * EACH as f64);
    println!("count slow handshakes: {} closed after {gone:.1?}, {honest} honest ones beside them", 3 * EACH);
}

/// The first record that a client sends.
fn client_hello(stage: &Stage, at: SocketAddr) -> Vec<u8> {
    let name = rustls::pki_types::ServerName::from(at.ip());
    let config = stage.authority().client(&[&TLS13]);
    let mut client = rustls::ClientConnection::new(config.into(), name).expect("a client");
    let mut record = Vec::new();
    client.write_tls(&mut record).expect("into memory");
    record
}

/// What `serve` says with these files.
fn refused(server: &TestServer, files: &Files, code: i32) -> (String, String) {
    let config = server.beside("config.toml");
    std::fs::write(&config, files.settings()).expect("written");
    let done = run(serve(&server.data()).arg("--config").arg(config));
    let [what, hint] = done.error(code);
    (what.to_owned(), hint.to_owned())
}

#[test]
fn what_is_wrong_with_certificate_or_key_is_said_in_two_lines() {
    let (server, _) = TestServer::made(1);
    let (authority, files) = (Authority::new(), Files::below(&server.beside("")));
    let expect = |code: i32, path: &Path, word: &str, setting: &str| {
        let (what, hint) = refused(&server, &files, code);
        assert!(what.contains(&path.display().to_string()) && what.contains(word), "{what}");
        assert!(hint.contains(setting), "{what}: {hint}");
    };
    expect(1, &files.cert, "No such file", "path exists");
    let pair = authority.issues(2090);
    pair.write(&files);
    std::fs::remove_file(&files.key).expect("its own file");
    expect(1, &files.key, "No such file", "tls.key");

    pair.write(&files);
    std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o640)).expect("its own file");
    expect(1, &files.key, "mode 0640", "0600");
    let elsewhere = server.beside("elsewhere.pem");
    std::fs::rename(&files.key, &elsewhere).expect("its own file");
    symlink(&elsewhere, &files.key).expect("its own folder");
    expect(1, &files.key, "symbolic link", "plain file");
    std::fs::remove_file(&files.key).expect("its own link");

    authority.issues(2090).write(&files);
    std::fs::write(&files.cert, &pair.cert).expect("written");
    expect(4, &files.key, "is not the key of the certificate", "made together");
    std::fs::write(&files.key, &pair.cert).expect("written");
    expect(4, &files.key, "no private key", "PKCS#8");
    pair.write(&files);
    std::fs::write(&files.cert, &pair.key).expect("written");
    expect(4, &files.cert, "no certificate", "PEM");
    let der = "-----BEGIN CERTIFICATE-----\nMAoCAQECAQICAQM=\n-----END CERTIFICATE-----\n";
    std::fs::write(&files.cert, der).expect("written");
    expect(4, &files.cert, "no certificate", "PEM");
}

#[test]
fn an_expired_certificate_is_served_with_a_warning() {
    let (mut server, _) = TestServer::made(1);
    let (authority, files) = (Authority::new(), Files::below(&server.beside("")));
    authority.issues(2021).write(&files);
    let config = server.beside("config.toml");
    std::fs::write(&config, files.settings()).expect("written");
    let mut command = serve(&server.data());
    command.arg("--config").arg(config);
    server.start_as(command);
    let error = authority.http(server.device()).err().expect("the client refuses it");
    assert!(error.to_string().contains("xpired"), "{error}");
    assert_eq!(server.stop().status.code(), Some(0));
    let warning = server.said().lines().find(|line| line.contains("WARN")).expect("a warning");
    assert!(warning.contains("expired") && warning.contains("2021-12-31"), "{warning}");
}
