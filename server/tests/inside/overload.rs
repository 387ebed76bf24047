//! A disk that stands still, in process: what is in hand waits, the rest is sent away before its signature is checked, and once the
//! disk goes on everybody in hand is answered.

use crate::Stage;
use crate::common::device::{Device, Heard, keyset};
use crate::common::http::{Http, Reply};
use crate::common::seed::Operator;
use crate::common::{now, wait_for};
use leasehold::app::App;
use leasehold::check::handle::DevicePort;
use leasehold::keyring::{FOLDER, ROOT};
use leasehold::net::limit::Limits;
use leasehold::net::listen::{self, Rules};
use leasehold::net::proxy::Proxies;
use leasehold::net::shutdown::{Trigger, channel};
use leasehold::net::tls::Plain;
use leasehold_ledger::store::Store;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::time::DAY;
use leasehold_signer::keyfile;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Messages in hand at most.
const IN_HAND: usize = 8;
/// Messages beyond them.
const BEYOND: usize = 20;

/// The device port over a stage, on a thread of its own until the trigger is pulled.
fn listen(app: &Arc<App>) -> (SocketAddr, Trigger) {
    let socket = listen::bind(SocketAddr::from(([127, 0, 0, 1], 0)), false).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    let (trigger, shutdown) = channel();
    let (app, proxies) = (app.clone(), Arc::new(Proxies::none()));
    thread::spawn(move || {
        let rules = Rules {
            connections: 100,
            per_address: 100,
            patience: Duration::from_secs(5),
            proxies,
            metrics: app.metrics.port.of("device"),
        };
        let service = Arc::new(DevicePort { writer: app.writer.clone(), app });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let listener = tokio::net::TcpListener::from_std(socket).expect("a listener");
            listen::serve(listener, Plain, service, rules, shutdown).await;
        });
    });
    (address, trigger)
}

/// An answer to a message whose signature does not hold.
fn forged(address: SocketAddr, lot: &str) -> Reply {
    let mut message = Device::modest(lot).message(Kind::Activate);
    *message.last_mut().expect("a signature") ^= 1;
    Http::connect(address).and_then(|mut http| http.post(Kind::Activate.path(), &message)).expect("an answer")
}

#[test]
fn what_is_beyond_the_servers_hands_is_sent_away_before_its_signature_is_checked() {
    let mut stage = Stage::at(now());
    Arc::get_mut(&mut stage.app).expect("nobody else has it").limits = Limits::new().with_in_hand(IN_HAND);
    let lot = Operator { store: stage.store.as_ref(), now: now() }.seed(0, 14 * DAY).lot;
    let (address, trigger) = listen(&stage.app);
    let root = keyfile::read_public(&stage.folder.path().join(FOLDER).join(ROOT)).expect("the root's public half");
    let keys = keyset(&mut Http::connect(address).expect("it listens"), &root);
    let activate = || Device::modest(&lot).say(&mut Http::connect(address)?, &keys, Kind::Activate);
    thread::scope(|scope| {
        let ((stands, standing), (go, goes_on)) = (mpsc::channel(), mpsc::channel::<()>());
        let store = stage.store.clone();
        scope.spawn(move || {
            let stand = store.write(&mut |_| {
                stands.send(()).ok();
                goes_on.recv().ok(); // the disk stands still until then
                Ok(())
            });
            stand.expect("the store is well");
        });
        standing.recv().expect("it stands");
        let in_hand: Vec<_> = (0..IN_HAND).map(|_| scope.spawn(activate)).collect();
        let limits = &stage.app.limits;
        let full = wait_for(Duration::from_secs(10), || (limits.in_hand() == IN_HAND).then_some(()));
        assert!(full.is_some(), "only {} came", limits.in_hand());
        for _ in 0..BEYOND {
            let reply = forged(address, &lot);
            assert_eq!((reply.status, reply.code().as_str()), (503, "busy"), "a signature was looked at");
            let seconds = reply.header("retry-after").and_then(|value| value.parse::<u32>().ok());
            assert!(seconds.is_some_and(|seconds| (1..=30).contains(&seconds)), "{seconds:?}");
        }
        assert_eq!(stage.app.metrics.shed.get(), BEYOND as u64);
        drop(go);
        for one in in_hand {
            let heard = one.join().expect("no panic").expect("an answer");
            assert!(matches!(heard, Heard::Lease(_)), "{heard:?}");
        }
    });
    assert_eq!(stage.app.limits.in_hand(), 0);
    assert_eq!(forged(address, &lot).status, 401);
    assert!(matches!(activate().expect("an answer"), Heard::Lease(_)));
    trigger.pull();
    println!("count overload: {IN_HAND} in hand answered, {BEYOND} sent away");
}
