//! What must be in a store: the same commands over a store in memory. A store that came back is compared with it row by row.

use super::disk::Disk;
use super::ledger::{self, Job, Rows};
use super::script::Script;
use leasehold::store::open::{create_on, open_on};
use leasehold::store::{OpenError, RedbStore};
use leasehold_ledger::Outcome;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::store::{Store, StoreError, Write};
use leasehold_protocol::lease::Lease;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// A broken promise, and how it showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// Something acknowledged is gone.
    Lost(String),
    /// A commit is there in part.
    HalfApplied(String),
    /// An answer differs from what the same command gets in memory, or from what it got before.
    Wrong(String),
    /// The store does not open any more.
    Refused(String),
    /// An operation failed although the disk did not.
    Failed(String),
}

/// What was found of the commit that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// There was none.
    Settled,
    /// All of it is there, though nobody was told.
    Whole,
    /// Nothing of it is there; it will be sent again.
    Nothing,
}

/// The people, what they were told, and what may have been written beside it.
pub struct Books {
    pub script: Script,
    pub acknowledged: usize,
    reference: MemoryStore,
    /// Fingerprints of everything the store held before.
    past: BTreeSet<u64>,
    unsettled: Option<Vec<Job>>,
    again: Option<Vec<Job>>,
}

/// Errors of a store in a test call it this.
pub fn name() -> &'static Path {
    Path::new("store.redb")
}

pub fn open(disk: &Disk) -> Result<RedbStore, OpenError> {
    open_on(name(), disk.clone())
}

impl Clone for Books {
    fn clone(&self) -> Self {
        let reference = MemoryStore::new();
        let rows = self.reference.rows();
        let fill = |tx: &mut dyn Write| rows.iter().try_for_each(|(table, key, value)| tx.put(*table, key, value));
        reference.write(&mut |tx| fill(tx)).expect("memory");
        let (unsettled, again) = (self.unsettled.clone(), self.again.clone());
        let (script, past) = (self.script.clone(), self.past.clone());
        Self { script, acknowledged: self.acknowledged, reference, past, unsettled, again }
    }
}

impl Books {
    pub fn new(seed: u64) -> Self {
        let (script, reference) = (Script::new(seed), MemoryStore::new());
        let answers = ledger::commit(&reference, script.now, &script.first()).expect("memory");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        Self { script, acknowledged: 0, reference, past: BTreeSet::new(), unsettled: None, again: None }
    }

    /// Makes the store, as `store::create` does up to the moment where the file gets its name.
    pub fn create(&self, disk: &Disk) -> Result<(), OpenError> {
        let (first, now) = (self.script.first(), self.script.now);
        create_on(name(), disk.clone(), &mut |tx| ledger::write(tx, now, &first).map(drop))
    }

    /// What the store must hold.
    pub fn rows(&self) -> Rows {
        self.reference.rows()
    }

    /// Sends the next batch. The inner error is the store's: then nobody was told anything.
    pub fn commit(&mut self, store: &RedbStore) -> Result<Result<(), StoreError>, Loss> {
        let jobs = self.again.take().unwrap_or_else(|| self.script.batch());
        match ledger::commit(store, self.script.now, &jobs) {
            Ok(answers) => {
                self.past.insert(fingerprint(&self.reference.rows()));
                let expected = ledger::commit(&self.reference, self.script.now, &jobs).expect("memory");
                if answers != expected {
                    return Err(Loss::Wrong(format!("{answers:?} instead of {expected:?}")));
                }
                self.acknowledged += jobs.len();
                self.script.settle(&jobs, &answers);
                Ok(Ok(()))
            }
            Err(error) => {
                self.unsettled = Some(jobs);
                Ok(Err(error))
            }
        }
    }

    /// A store that was opened again holds everything acknowledged, and of the commit that was cut off all or nothing.
    pub fn judge(&mut self, store: &RedbStore) -> Result<Found, Loss> {
        let found = ledger::rows(store).map_err(|error| Loss::Failed(error.to_string()))?;
        let before = self.reference.rows();
        let verdict = match self.unsettled.take() {
            None if found == before => Found::Settled,
            Some(jobs) if found == before => {
                self.again = Some(jobs);
                Found::Nothing
            }
            None => return Err(self.missing(&before, &found)),
            Some(jobs) => {
                let answers = ledger::commit(&self.reference, self.script.now, &jobs).expect("memory");
                if found != self.reference.rows() {
                    return Err(self.missing(&before, &found));
                }
                self.past.insert(fingerprint(&before));
                self.script.settle(&jobs, &answers);
                Found::Whole
            }
        };
        self.sound(store)?;
        self.retried(store)?;
        Ok(verdict)
    }

    /// Whether rows that somebody read are those before or after the commit that is not settled.
    pub fn may_be(&self, rows: &Rows) -> bool {
        let after = || {
            let (books, jobs) = (self.clone(), self.unsettled.as_deref().unwrap_or_default());
            ledger::commit(&books.reference, self.script.now, jobs).expect("memory");
            books.rows()
        };
        *rows == self.rows() || *rows == after()
    }

    /// What the store held once is a loss; what it never held is half of something.
    fn missing(&self, before: &Rows, found: &Rows) -> Loss {
        let (kept, there): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), found.iter().collect());
        let (gone, other) = (kept.difference(&there).count(), there.difference(&kept).count());
        let told = format!("{gone} rows of {} are missing, {other} are other ones", before.len());
        if self.past.contains(&fingerprint(found)) { Loss::Lost(told) } else { Loss::HalfApplied(told) }
    }

    fn sound(&self, store: &RedbStore) -> Result<(), Loss> {
        let findings = ledger::findings(store, self.script.now).map_err(|error| Loss::Failed(error.to_string()))?;
        if findings.is_empty() { Ok(()) } else { Err(Loss::Wrong(findings.join("; "))) }
    }

    /// Every console repeats its last answered message: it gets the same answer, and nothing changes.
    fn retried(&self, store: &RedbStore) -> Result<(), Loss> {
        let view = store.read().map_err(|error| Loss::Failed(error.to_string()))?;
        for (job, answer) in self.script.consoles.iter().filter_map(|console| console.answered.as_ref()) {
            match ledger::decide(view.as_ref(), self.script.now, job) {
                Ok((changes, again)) if is_same(&again, answer) && changes.is_empty() => {}
                other => return Err(Loss::Wrong(format!("{other:?} instead of {answer:?} again"))),
            }
        }
        Ok(())
    }
}

/// The same rights until the same moment. Notices are for people and tell how things stand when the answer is signed.
fn is_same(again: &Outcome, answer: &Outcome) -> bool {
    match (again, answer) {
        (Outcome::Lease(again), Outcome::Lease(answer)) => {
            Lease { notices: answer.notices.clone(), ..(**again).clone() } == **answer
        }
        _ => again == answer,
    }
}

fn fingerprint(rows: &Rows) -> u64 {
    let mut hasher = DefaultHasher::new();
    rows.hash(&mut hasher);
    hasher.finish()
}
