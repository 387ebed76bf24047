//! Power cuts: a store lives through one after the other, some while it is being made, some while it recovers from the last.

use super::books::{self, Books, Found, Loss};
use super::disk::Disk;
use super::random::Random;

/// Changes in which the first cut of a new store falls, most of them before it is finished.
const CREATION_CHANGES: usize = 55;
/// The longest way to the next cut, in changes: a few commits.
const CHANGES_MAX: usize = 90;
/// Opening makes about this many.
const OPENING_CHANGES: usize = 9;

/// What was tried.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub cuts: usize,
    pub in_creation: usize,
    pub in_opening: usize,
    /// The commit that was cut off was there.
    pub whole: usize,
    /// The commit that was cut off was not there.
    pub nothing: usize,
    pub acknowledged: usize,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.cuts += other.cuts;
        self.in_creation += other.in_creation;
        self.in_opening += other.in_opening;
        self.whole += other.whole;
        self.nothing += other.nothing;
        self.acknowledged += other.acknowledged;
    }
}

/// One store, its disk, and its luck.
struct Life {
    books: Books,
    disk: Disk,
    random: Random,
    skipped_percent: usize,
    tally: Tally,
}

/// Runs a store of this seed through so many cuts. `skipped_percent` of its syncs do nothing.
pub fn live(seed: u64, cuts: usize, skipped_percent: usize) -> (Tally, Result<(), Loss>) {
    let disk = Disk::holding(vec![]);
    let mut life =
        Life { books: Books::new(seed), disk, random: Random::new(seed), skipped_percent, tally: Tally::default() };
    let end = life.run(cuts);
    life.tally.acknowledged = life.books.acknowledged;
    (life.tally, end)
}

impl Life {
    fn run(&mut self, cuts: usize) -> Result<(), Loss> {
        self.be_made()?;
        while self.tally.cuts < cuts {
            let reach = if self.random.chance(25) { OPENING_CHANGES } else { CHANGES_MAX };
            self.disk.cut_at(1 + self.random.below(reach));
            self.work()?;
            self.cut();
        }
        self.disk.stay_on(); // a cut that creation did not reach may still be ahead, if creation took all there were
        let store = books::open(&self.disk).map_err(|error| Loss::Refused(error.to_string()))?;
        self.judge(&store)
    }

    /// A store is made again from nothing until that was not cut off; what a cut leaves is whole, or is no store.
    fn be_made(&mut self) -> Result<(), Loss> {
        loop {
            self.replace(vec![]);
            self.disk.cut_at(1 + self.random.below(CREATION_CHANGES));
            let made = self.books.create(&self.disk);
            if !self.disk.is_off() {
                return made.map_err(|error| Loss::Refused(error.to_string()));
            }
            self.tally.in_creation += 1;
            self.cut();
            if let Ok(store) = books::open(&self.disk) {
                self.judge(&store)?;
            }
        }
    }

    /// The server runs, and starts again now and then, until the power goes.
    fn work(&mut self) -> Result<(), Loss> {
        while !self.disk.is_off() {
            let store = match books::open(&self.disk) {
                Ok(store) => store,
                Err(_) if self.disk.is_off() => {
                    self.tally.in_opening += 1;
                    return Ok(());
                }
                Err(error) => return Err(Loss::Refused(error.to_string())),
            };
            self.judge(&store)?;
            let restarts = self.random.chance(20);
            for _ in 0..if restarts { 2 } else { usize::MAX } {
                match self.books.commit(&store)? {
                    Ok(()) => {}
                    Err(_) if self.disk.is_off() => return Ok(()),
                    Err(error) => return Err(Loss::Failed(error.to_string())),
                }
            }
            match store.close() {
                Ok(()) => {}
                Err(_) if self.disk.is_off() => {}
                Err(error) => return Err(Loss::Failed(error.to_string())),
            }
        }
        Ok(())
    }

    fn judge(&mut self, store: &leasehold::store::RedbStore) -> Result<(), Loss> {
        match self.books.judge(store)? {
            Found::Settled => {}
            Found::Whole => self.tally.whole += 1,
            Found::Nothing => self.tally.nothing += 1,
        }
        Ok(())
    }

    fn cut(&mut self) {
        self.tally.cuts += 1;
        let image = self.disk.survivors(&mut self.random);
        self.replace(image);
    }

    fn replace(&mut self, image: Vec<u8>) {
        self.disk = Disk::skipping(image, self.skipped_percent, self.random.draw());
    }
}
