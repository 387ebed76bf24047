//! Failing operations: one store, its whole life from the first operation of its making, and for each operation in turn a run in
//! which that one fails. A life is cut into sessions, so that a run begins at the last start before its failure.

use super::books::{self, Books, Loss};
use super::disk::{Disk, Failure, Operation};
use super::ledger;
use super::random::Random;
use leasehold::store::{OpenError, RedbStore};

/// Commits between start and stop.
const COMMITS: usize = 2;

/// What was tried.
#[derive(Debug, Default)]
pub struct Tally {
    pub operations: usize,
    pub runs: usize,
    /// In the making of the store.
    pub in_creation: usize,
    /// The server did not start.
    pub in_opening: usize,
    /// A commit failed, and with it the server.
    pub in_commits: usize,
    /// Nobody was told: it was noticed at the next start, or not at all.
    pub in_silence: usize,
}

/// A moment at which the server is down: the file as it was closed, and what must be in it.
struct Session {
    books: Books,
    image: Vec<u8>,
    is_made: bool,
}

/// Where a failure showed.
enum Shown {
    Creation,
    Opening,
    Commit,
    Silence,
}

/// Lets each of the first `limit` operations fail in every way it can.
pub fn sweep(seed: u64, limit: usize, told: &mut dyn FnMut(usize)) -> (Tally, Result<(), (usize, Failure, Loss)>) {
    let mut session = Session { books: Books::new(seed), image: vec![], is_made: false };
    let (mut tally, mut random) = (Tally::default(), Random::new(seed));
    while tally.operations < limit {
        let (operations, next) = session.undisturbed();
        for (at, operation) in (1..).zip(operations).take(limit - tally.operations) {
            tally.operations += 1;
            for failure in operation.failures() {
                tally.runs += 1;
                match session.disturbed(at, *failure, &mut random) {
                    Ok(Shown::Creation) => tally.in_creation += 1,
                    Ok(Shown::Opening) => tally.in_opening += 1,
                    Ok(Shown::Commit) => tally.in_commits += 1,
                    Ok(Shown::Silence) => tally.in_silence += 1,
                    Err(loss) => {
                        let operation = tally.operations;
                        return (tally, Err((operation, *failure, loss)));
                    }
                }
            }
            told(tally.operations);
        }
        session = next;
    }
    (tally, Ok(()))
}

impl Session {
    /// The session as it goes without a failure: its operations, and where it ends.
    fn undisturbed(&self) -> (Vec<Operation>, Self) {
        let (disk, mut books) = (Disk::holding(self.image.clone()), self.books.clone());
        if self.is_made {
            let store = books::open(&disk).expect("a sound store");
            for _ in 0..COMMITS {
                books.commit(&store).expect("right answers").expect("a sound disk");
            }
            store.close().expect("a sound disk");
        } else {
            books.create(&disk).expect("a sound disk");
        }
        (disk.operations(), Self { books, image: disk.live(), is_made: true })
    }

    /// The session with one failure, and what is there after a restart of the process, and after one of the machine.
    fn disturbed(&self, operation: usize, failure: Failure, random: &mut Random) -> Result<Shown, Loss> {
        let (disk, mut books) = (Disk::holding(self.image.clone()), self.books.clone());
        disk.fail_at(operation, failure);
        let shown = if self.is_made { work(&disk, &mut books)? } else { make(&disk, &books)? };
        if !disk.has_failed() {
            return Err(Loss::Failed(format!("operation {operation} was never reached")));
        }
        if matches!(shown, Shown::Creation) {
            no_store_or_whole(disk.live(), books.clone())?;
            no_store_or_whole(disk.survivors(random), books)?;
            let again = Disk::holding(vec![]);
            self.books.create(&again).map_err(|error| Loss::Refused(error.to_string()))?;
            restart(&again, self.books.clone())?;
            return Ok(shown);
        }
        // ENOSPC leaves the same bytes as EIO.
        if failure != Failure::Full && disk.has_unsynced() {
            restart(&Disk::holding(disk.survivors(random)), books.clone())?;
        }
        restart(&Disk::holding(disk.live()), books)?;
        Ok(shown)
    }
}

fn make(disk: &Disk, books: &Books) -> Result<Shown, Loss> {
    match books.create(disk) {
        Ok(()) => Ok(Shown::Silence),
        Err(error) => honest(&error).map(|()| Shown::Creation),
    }
}

/// The server starts, works, stops; the first error ends it.
fn work(disk: &Disk, books: &mut Books) -> Result<Shown, Loss> {
    let store = match books::open(disk) {
        Ok(store) => store,
        Err(error) => return honest(&error).map(|()| Shown::Opening),
    };
    for _ in 0..COMMITS {
        if books.commit(&store)?.is_err() {
            readers_are_told_the_truth(&store, books)?;
            return Ok(Shown::Commit);
        }
    }
    store.close().ok(); // the process ends either way
    Ok(Shown::Silence)
}

/// A disk that fails is not called a damaged store: the advice would be to restore a backup.
fn honest(error: &OpenError) -> Result<(), Loss> {
    match error {
        OpenError::Io { .. } | OpenError::Store(_) => Ok(()),
        other => Err(Loss::Refused(format!("a failing disk is called: {other}"))),
    }
}

/// Until the process has ended, others read: they get an error, or the rows before or after the failed commit.
fn readers_are_told_the_truth(store: &RedbStore, books: &Books) -> Result<(), Loss> {
    match ledger::rows(store) {
        Ok(rows) if !books.may_be(&rows) => Err(Loss::Wrong("a reader saw neither before nor after".into())),
        _ => Ok(()),
    }
}

/// The next start finds everything, and goes on.
fn restart(disk: &Disk, mut books: Books) -> Result<(), Loss> {
    let store = books::open(disk).map_err(|error| Loss::Refused(error.to_string()))?;
    books.judge(&store)?;
    books.commit(&store)?.map_err(|error| Loss::Failed(error.to_string()))
}

/// What is left where a store was being made never passes for one, unless it is whole.
fn no_store_or_whole(left: Vec<u8>, mut books: Books) -> Result<(), Loss> {
    match books::open(&Disk::holding(left)) {
        Ok(store) => books.judge(&store).map(drop),
        Err(_) => Ok(()),
    }
}
