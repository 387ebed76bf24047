//! A commit that fails, in process: nothing is answered as done, readiness goes red, and whoever owns the server hears of it.

use crate::Stage;
use crate::common::{now, wait_for};
use leasehold::app::App;
use leasehold::writer::NotWritten;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn ran() -> (Actor, Command) {
    (Actor::system("test"), Command::JobRan { name: "test".into(), at: now() })
}

/// Sends a command and waits for what becomes of it.
fn send(app: &App) -> Result<(), NotWritten> {
    let (actor, command) = ran();
    crate::within_10_s(app.send(actor, command)).map(drop)
}

#[test]
fn whichever_operation_of_a_transaction_fails_the_writer_stops_and_says_so() {
    for operation in 1..=2 {
        let stage = Stage::at(now());
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
    let stage = Stage::at(now());
    stage.store.fail_at(1);
    let all = async {
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (writer, (actor, command)) = (stage.app.writer.clone(), ran());
            waiting.spawn(async move { writer.send(actor, command).await });
        }
        waiting.join_all().await
    };
    let results = crate::within_10_s(all);
    assert_eq!(results.len(), 100);
    assert!(results.iter().all(|result| matches!(result, Err(NotWritten::Stopped))));
    assert!(stage.app.writer.close().is_err());
}

#[test]
fn a_writer_that_is_closed_finishes_what_waits_and_takes_no_more() {
    let stage = Stage::at(now());
    send(&stage.app).expect("the store is well");
    let commits = stage.store.commits();
    stage.app.writer.close().expect("nothing failed");
    assert!(matches!(send(&stage.app), Err(NotWritten::Stopped)));
    assert_eq!(stage.store.commits(), commits);
    assert_eq!(stage.failures.load(Ordering::Relaxed), 0, "an orderly end is no failure");
}
