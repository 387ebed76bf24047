//! SIGHUP: the certificate of the day, without a connection lost.

use crate::Stage;
use crate::common::device::Device;
use crate::common::program::signal;
use crate::common::server::{TestServer, serve};
use crate::common::tls::{Files, connect};
use crate::common::wait_for;
use leasehold_protocol::machine::Kind;
use rustls::pki_types::CertificateDer;
use rustls::version::TLS13;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

/// The certificate that a new connection is shown.
fn shown(stage: &Stage) -> CertificateDer<'static> {
    let stream = connect(stage.server.device(), stage.authority().client(&[&TLS13]).into()).expect("a connection");
    stream.conn.peer_certificates().expect("the server shows one")[0].clone().into_owned()
}

/// Sends SIGHUP and waits until the files were read.
fn hang_up(stage: &Stage, result: &str) {
    let reads = || {
        let series = format!("leasehold_tls_certificate_reads_total{{result=\"{result}\"}}");
        stage.metrics().get(&series).copied().unwrap_or(0.0)
    };
    let before = reads();
    signal(stage.server.id(), "HUP");
    wait_for(SOON, || (reads() > before).then_some(())).expect("the files are read");
}

#[test]
fn sighup_brings_a_new_certificate_and_open_connections_go_on() {
    let mut stage = Stage::tls("");
    let first = shown(&stage);
    let mut open = stage.http();
    let mut device = Device::new(&stage.seed.pool[0]);
    device.takes(&mut open, &stage.keys, Kind::Activate);
    const TIMES: u32 = 5;
    for number in 0..TIMES {
        let pair = stage.authority().issues(2091);
        pair.write(&stage.files());
        hang_up(&stage, "ok");
        assert_eq!(device.takes(&mut open, &stage.keys, Kind::Check).grant.seq, 2 + number, "the old connection");
        assert_eq!(shown(&stage), pair.der, "a new connection");
        assert_ne!(pair.der, first);
    }
    assert_eq!(stage.metrics()["leasehold_tls_certificate_expiry_timestamp_seconds"], 3_849_897_600.0, "2091-12-31");
    assert_eq!(stage.server.stop().status.code(), Some(0));
    println!("count reloads: {TIMES} certificates over one open connection, 0 requests lost");
}

#[test]
fn files_that_cannot_be_used_change_nothing_and_are_counted_and_logged() {
    let mut stage = Stage::tls("");
    let (first, files) = (shown(&stage), stage.files());
    let mut open = stage.http();
    std::fs::write(&files.key, stage.authority().issues(2090).key).expect("written");
    hang_up(&stage, "failed");
    std::fs::remove_file(&files.cert).expect("its own file");
    hang_up(&stage, "failed");
    assert_eq!(shown(&stage), first);
    assert_eq!(open.get("/livez").expect("an answer").status, 200);
    let second = stage.authority().issues(2090);
    second.write(&files);
    hang_up(&stage, "ok");
    assert_eq!(shown(&stage), second.der);
    let metrics = stage.metrics();
    let reads = ["ok", "failed"]
        .map(|result| metrics[&format!("leasehold_tls_certificate_reads_total{{result=\"{result}\"}}")]);
    assert_eq!(reads, [2.0, 2.0]);
    assert_eq!(stage.server.stop().status.code(), Some(0));
    let errors: Vec<&str> = stage.server.said().lines().filter(|line| line.contains("ERROR")).collect();
    assert!(
        errors.len() == 2 && errors[0].contains("is not the key") && errors[1].contains("No such file"),
        "{errors:?}"
    );
}

#[test]
fn systemd_hears_of_start_reload_and_end_and_without_tls_a_reload_does_no_harm() {
    let (mut server, _) = TestServer::made(1);
    let socket = server.beside("notify");
    let heard = UnixDatagram::bind(&socket).expect("a socket");
    heard.set_read_timeout(Some(SOON)).expect("a limit");
    let next = || {
        let mut bytes = [0; 256];
        let len = heard.recv(&mut bytes).expect("the server says something");
        String::from_utf8_lossy(&bytes[..len]).trim_end().to_owned()
    };
    let mut command = serve(&server.data());
    command.env("NOTIFY_SOCKET", &socket);
    server.start_as(command);
    assert_eq!(next(), "READY=1");
    signal(server.id(), "HUP");
    let reloading = next();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").and_then(|usec| usec.parse::<u64>().ok());
    assert!(since.is_some_and(|usec| usec > 0), "{reloading}");
    assert_eq!(next(), "READY=1");
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(next(), "STOPPING=1");
    assert!(!Files::below(&server.beside("")).cert.exists());
}
