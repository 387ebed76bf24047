//! Too many connections: those that only hold a place make way, whoever's they are.

use crate::Stage;
use crate::common::device::{Device, keyset};
use crate::common::http::{Http, socket};
use crate::common::server::{TestServer, serve};
use leasehold_protocol::machine::Kind;
use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

/// Open files of a server that is short of them.
const FILES: u64 = 200;

/// Places of a small server: fifty a core, each of which has a listener of its own.
fn places() -> usize {
    50 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// A connection of one of this machine's many addresses.
fn from(host: u8, at: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0)).into()).expect("an address of this machine");
    socket.connect(&at.into()).expect("it listens");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream
}

/// Honest consoles, one connection each, from this address. How many were served.
fn served(stage: &Stage, host: u8, consoles: usize) -> usize {
    let serve = |_: &usize| {
        let mut device = Device::modest(&stage.seed.lot);
        let mut http = Http::over(from(host, stage.server.device()));
        [Kind::Activate, Kind::Check].into_iter().all(|kind| device.say(&mut http, &stage.keys, kind).is_ok())
    };
    (0..consoles).filter(serve).count()
}

#[test]
fn an_attacker_with_idle_connections_locks_out_nobody_not_even_behind_its_own_address() {
    let places = places();
    let stage = Stage::plain(&format!("[limits]\ndevice_connections = {places}\npercent_per_address = 100\n"));
    let held: Vec<TcpStream> = (0..3 * places).map(|_| socket(stage.server.device()).expect("it listens")).collect();
    let mut used = stage.http();
    std::thread::sleep(Duration::from_millis(2100)); // what has completed nothing since then may be closed
    let (near, far) = (served(&stage, 1, 100), served(&stage, 9, 100));
    assert_eq!((near, far), (100, 100));
    let (displaced, turned_away) =
        (stage.metric("connections_displaced_total"), stage.metric("connections_turned_away_total"));
    assert!(displaced >= 1.0 && turned_away >= places as f64, "{displaced} displaced, {turned_away} turned away");
    drop((held, used.get("/livez")));
    println!(
        "count crowd: {} idle connections on {places} places, 200 consoles beside them served, {displaced} displaced",
        3 * places
    );
}

#[test]
fn connections_between_two_requests_make_way_at_once() {
    let places = places();
    let stage = Stage::plain(&format!("[limits]\ndevice_connections = {places}\npercent_per_address = 100\n"));
    let mut held = Vec::new();
    for _ in 0..places * 2 {
        let mut http = stage.http();
        assert_eq!(http.get("/livez").expect("an answer").status, 200);
        held.push(http);
    }
    assert_eq!(served(&stage, 1, 50), 50);
    assert_eq!(stage.metric("connections_turned_away_total"), 0.0);
    assert!(stage.metric("connections") <= places as f64 + 1.0, "{}", stage.metric("connections"));
}

#[test]
fn no_address_has_more_than_its_share() {
    let places = places();
    let stage = Stage::plain(&format!("[limits]\ndevice_connections = {places}\npercent_per_address = 25\n"));
    let held: Vec<TcpStream> = (0..2 * places).map(|_| from(1, stage.server.device())).collect();
    assert_eq!(served(&stage, 9, 50), 50, "at once: three quarters are free");
    let (open, turned_away) = (stage.metric("connections"), stage.metric("connections_turned_away_total"));
    assert!(open <= places as f64 / 4.0 + 2.0, "{open} connections of one address");
    assert!(turned_away >= places as f64, "{turned_away}");
    drop(held);
}

/// The same command, with no more than `files` open files.
fn limited(command: &Command, files: u64) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]);
    limited.arg(command.get_program()).args(command.get_args());
    command.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(limited.env(name, value)),
        None => drop(limited.env_remove(name)),
    });
    limited
}

#[test]
fn where_descriptors_run_out_before_places_do_idle_connections_make_way_too() {
    let (mut server, seed) = TestServer::made(1);
    server.start_as(limited(&serve(&server.data()), FILES));
    let keys = keyset(&mut Http::connect(server.device()).expect("it listens"), &server.root());
    let held: Vec<TcpStream> = (0..2 * FILES).map(|_| socket(server.device()).expect("it listens")).collect();
    std::thread::sleep(Duration::from_millis(2100)); // what has completed nothing since then may be closed
    for _ in 0..10 {
        let mut http = Http::connect(server.device()).expect("it listens");
        Device::modest(&seed.lot).takes(&mut http, &keys, Kind::Activate);
    }
    drop(held);
    assert_eq!(server.stop().status.code(), Some(0));
    let warned = server.said().lines().any(|line| line.contains("WARN") && line.contains("too few open files"));
    assert!(warned, "{}", server.said());
}
