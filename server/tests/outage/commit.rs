//! A commit that fails, in process: nothing is answered as done, readiness goes red, and whoever owns the server hears of it.

use crate::common::seed::Operator;
use crate::common::{now, wait_for};
use arc_swap::ArcSwap;
use leasehold::app::App;
use leasehold::clock::Clock;
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, Keyring};
use leasehold::metrics::Metrics;
use leasehold::net::limit::Limits;
use leasehold::writer::batch::Decider;
use leasehold::writer::{NotWritten, Writer};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::memory::MemoryStore;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const ISS: &str = "demo.example";

struct Stage {
    _folder: TempDir,
    store: Arc<MemoryStore>,
    app: App,
    failures: Arc<AtomicU32>,
}

/// A server without listeners, over a store that can be told to fail.
fn stage() -> Stage {
    let folder = TempDir::new().expect("a temporary folder");
    let plan = Plan { data: folder.path(), iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
    init(&plan, Clock::System).unwrap_or_else(|failure| panic!("{failure:?}"));
    let store = Arc::new(MemoryStore::new());
    Operator { store: store.as_ref(), now: now() }.set_up(ISS);
    let keyring = Keyring::read(&folder.path().join(FOLDER), ISS, None, now()).expect("the keys read");
    let keyring = Arc::new(ArcSwap::from_pointee(keyring));
    let (metrics, failures) = (Arc::new(Metrics::new()), Arc::new(AtomicU32::new(0)));
    let decider =
        Decider { store: store.clone(), keyring: keyring.clone(), clock: Clock::System, metrics: metrics.clone() };
    let counted = failures.clone();
    let writer = Writer::start(decider, move |_| drop(counted.fetch_add(1, Ordering::Relaxed))).expect("a thread");
    let (data, limits, ready) = (folder.path().to_owned(), Limits::new(), AtomicBool::new(true));
    let app = App { data, store: store.clone(), writer, keyring, clock: Clock::System, metrics, limits, ready };
    Stage { _folder: folder, store, app, failures }
}

fn ran() -> (Actor, Command) {
    (Actor::system("test"), Command::JobRan { name: "test".into(), at: now() })
}

/// Sends a command and waits for what becomes of it.
fn send(app: &App) -> Result<(), NotWritten> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (actor, command) = ran();
    let limited = async { tokio::time::timeout(Duration::from_secs(10), app.send(actor, command)).await };
    runtime.block_on(limited).expect("nobody waits for ever").map(drop)
}

#[test]
fn whichever_operation_of_a_transaction_fails_the_writer_stops_and_says_so() {
    for operation in 1..=2 {
        let stage = stage();
        send(&stage.app).expect("the store is well");
        let before = stage.store.rows();
        stage.store.fail_at(operation); // a put, then the commit
        assert!(matches!(send(&stage.app), Err(NotWritten::Stopped)), "operation {operation}");
        assert_eq!(stage.store.rows(), before, "operation {operation} left something behind");
        assert!(matches!(send(&stage.app), Err(NotWritten::Stopped)), "the writer goes on after operation {operation}");
        assert!(!stage.app.is_ready(), "readiness is green after operation {operation}");
        let told = wait_for(Duration::from_secs(5), || (stage.failures.load(Ordering::Relaxed) == 1).then_some(()));
        assert!(told.is_some(), "nobody was told about operation {operation}");
        let error = stage.app.writer.close().expect_err("the owner has to hear of it");
        assert!(error.to_string().starts_with("a commit failed: "), "{error}");
    }
}

#[test]
fn commands_that_wait_when_a_commit_fails_are_not_answered_as_done() {
    let stage = stage();
    stage.store.fail_at(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let all = async {
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (writer, (actor, command)) = (stage.app.writer.clone(), ran());
            waiting.spawn(async move { writer.send(actor, command).await });
        }
        tokio::time::timeout(Duration::from_secs(10), waiting.join_all()).await.expect("nobody waits for ever")
    };
    let results = runtime.block_on(all);
    assert_eq!(results.len(), 100);
    assert!(results.iter().all(|result| matches!(result, Err(NotWritten::Stopped))));
    assert!(stage.app.writer.close().is_err());
}

#[test]
fn a_writer_that_is_closed_finishes_what_waits_and_takes_no_more() {
    let stage = stage();
    send(&stage.app).expect("the store is well");
    let commits = stage.store.commits();
    stage.app.writer.close().expect("nothing failed");
    assert!(matches!(send(&stage.app), Err(NotWritten::Stopped)));
    assert_eq!(stage.store.commits(), commits);
    assert_eq!(stage.failures.load(Ordering::Relaxed), 0, "an orderly end is no failure");
}
