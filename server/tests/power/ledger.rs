//! Commands against a store, committed as the writer does it, and what a store holds.

use leasehold_ledger::actor::Actor;
use leasehold_ledger::store::{Read, Store, StoreError, Table, Write, after};
use leasehold_ledger::{Command, Context, Fault, Outcome, Shelf, apply, fsck};
use leasehold_protocol::{ActivationId, Challenge, Cti, Digest, Time};

/// Rows of one table that are read at most.
const ROWS_MAX: usize = 100_000;

/// A command, who sends it, and which console, if it is one.
#[derive(Debug, Clone)]
pub struct Job {
    pub actor: Actor,
    pub command: Command,
    pub console: Option<usize>,
}

pub type Answers = Vec<Result<Outcome, Fault>>;
pub type Rows = Vec<(Table, Vec<u8>, Vec<u8>)>;

/// One command decided over a view; nothing is written.
pub fn decide(view: &dyn Read, now: Time, job: &Job) -> Result<(leasehold_ledger::Changes, Outcome), Fault> {
    let challenge = |activation: ActivationId, last: Cti| Challenge(Digest::of(&[activation.0, last.0].concat()).0);
    let context = Context {
        shelf: &Shelf::default(),
        now,
        actor: &job.actor,
        keyset_version: 1,
        lease_term_max: i64::MAX,
        challenge: &challenge,
        sign_license: &|license| Ok(format!("signed {license:?}").into_bytes()),
    };
    apply(view, &context, &job.command)
}

/// Decides and writes a batch inside a transaction.
pub fn write(tx: &mut dyn Write, now: Time, jobs: &[Job]) -> Result<Answers, StoreError> {
    let mut one = |job: &Job| match decide(tx, now, job) {
        Ok((changes, outcome)) => {
            changes.write(tx)?;
            Ok(Ok(outcome))
        }
        Err(Fault::Store(StoreError::Io(error))) => Err(StoreError::Io(error)),
        Err(fault) => Ok(Err(fault)),
    };
    jobs.iter().map(&mut one).collect()
}

/// A batch in one commit.
pub fn commit(store: &dyn Store, now: Time, jobs: &[Job]) -> Result<Answers, StoreError> {
    let mut answers = Answers::new();
    store.write(&mut |tx| {
        answers = write(tx, now, jobs)?;
        Ok(())
    })?;
    Ok(answers)
}

/// Every row.
pub fn rows(store: &dyn Store) -> Result<Rows, StoreError> {
    let view = store.read()?;
    let mut all = Rows::new();
    for table in Table::ALL {
        let rows = view.scan(*table, &[], &after(&[]), ROWS_MAX)?;
        all.extend(rows.into_iter().map(|(key, value)| (*table, key, value)));
    }
    Ok(all)
}

/// What a check of the whole store finds, chain of Events included.
pub fn findings(store: &dyn Store, now: Time) -> Result<Vec<String>, StoreError> {
    let report = fsck::check(store.read()?.as_ref(), now)?;
    Ok(report.findings.iter().map(ToString::to_string).collect())
}
