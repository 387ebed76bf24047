//! What slows guessing down, in memory of a fixed size, without ever locking anybody out.
//!
//! | who | tries | then |
//! |---|---|---|
//! | one address with one name | 5 at once, one a minute | told when to come again |
//! | one address with any names | 50 at once, one in 6 s | told when to come again |
//! | one name from anywhere | 10 at once, one in 10 s | each try is held for some seconds, and then looked at like any other |
//! | mails to one address that strangers ask for | 3 at once, one in 10 minutes | none is mailed |
//! | invitations to one address | 3 at once, one in 10 minutes | told when to come again |
//! | invitations by one account | 200 at once, one in 10 s | told when to come again |
//! | users of others that one account's imports meet | 100 at once, one in 36 s | told when to come again |
//! | wrong permission keys of one account or person | 100 at once, one in 36 s | told when to come again |
//! | one user's codes of six digits | 10 at once, one a minute | told when to come again; recovery codes go on |
//!
//! So nobody keeps a person out by guessing at the person's name: from any other address the right password is only slower. Who
//! knows the password already and guesses codes is stopped from everywhere (one in 330,000 of these tries is right); the person has
//! recovery codes, and a new password ends it. Accepted: who guesses at a name from the person's own address keeps it out from
//! there, for a minute after the last try. A right password costs nothing.
//!
//! A try counts when it begins and is given back when it was right: a hundred at once are no way around.
//!
//! Cells hold the moment at which their visitor will have paid for everything so far (GCRA). Visitors that share a cell share its
//! budget; nobody can choose whose, for the hash has a secret seed.

mod keys;

use crate::net::peer::Prefix;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Cells of a table: 256 KiB each.
const CELLS: usize = 1 << 15;
/// Tries that are held at once at most; beyond, none is: hashing bounds them then.
const HELD_MAX: usize = 64;
/// How long a try is held at most, and for each try too many.
const HOLD_MAX: Duration = Duration::from_secs(4);
const HOLD_EACH: Duration = Duration::from_millis(500);
const SECOND: u64 = 1000;

const PAIR: Budget = Budget { cost: 60 * SECOND, tries: 5 };
const ADDRESS: Budget = Budget { cost: 6 * SECOND, tries: 50 };
const NAME: Budget = Budget { cost: 10 * SECOND, tries: 10 };
const MAIL: Budget = Budget { cost: 600 * SECOND, tries: 3 };
const INVITED: Budget = Budget { cost: 600 * SECOND, tries: 3 };
const INVITING: Budget = Budget { cost: 10 * SECOND, tries: 200 };
const MET: Budget = Budget { cost: 36 * SECOND, tries: 100 };
const CODE: Budget = Budget { cost: 60 * SECOND, tries: 10 };

/// Tries at once, and milliseconds each costs.
#[derive(Debug, Clone, Copy)]
struct Budget {
    cost: u64,
    tries: u64,
}

/// Come again after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFast(pub Duration);

/// The tables.
pub struct Delays {
    seed: RandomState,
    start: tokio::time::Instant,
    held: tokio::sync::Semaphore,
    pairs: Table,
    addresses: Table,
    names: Table,
    codes: Table,
    mails: Table,
    invited: Table,
    inviting: Table,
    met: Table,
    keys: Table,
}

/// A try that has begun. It counts as wrong unless it is [`Try::right`].
pub struct Try<'a>(Vec<(&'a AtomicU64, u64)>);

impl Try<'_> {
    /// It was right: it costs nothing.
    pub fn right(self) {
        for (cell, cost) in self.0 {
            // A cell only ever holds too much here, never too little.
            cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |paid| Some(paid.saturating_sub(cost))).ok();
        }
    }
}

impl Delays {
    /// Nobody has tried anything.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seed: RandomState::new(),
            start: tokio::time::Instant::now(),
            held: tokio::sync::Semaphore::new(HELD_MAX),
            pairs: Table::new(PAIR),
            addresses: Table::new(ADDRESS),
            names: Table::new(NAME),
            codes: Table::new(CODE),
            mails: Table::new(MAIL),
            invited: Table::new(INVITED),
            inviting: Table::new(INVITING),
            met: Table::new(MET),
            keys: Table::new(keys::KEYS),
        }
    }

    /// A try at a name's password from an address begins; it may be held first. The name as it is compared.
    ///
    /// # Errors
    /// [`TooFast`].
    pub async fn password(&self, address: IpAddr, name: &str) -> Result<Try<'_>, TooFast> {
        let prefix = Prefix::from(address).0;
        let (pair, address, name) =
            (self.hash(&[&prefix, name.as_bytes()]), self.hash(&[&prefix]), self.hash(&[name.as_bytes()]));
        let now = self.millis();
        let begun = Try(vec![self.pairs.take(pair, now)?]);
        let mut begun = self.addresses.also(begun, address, now)?;
        let (counted, hold) = self.names.count(name, now);
        begun.0.push(counted);
        self.hold(hold).await;
        Ok(begun)
    }

    /// A try at a user's code of six digits begins.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn code(&self, user: &[u8]) -> Result<Try<'_>, TooFast> {
        Ok(Try(vec![self.codes.take(self.hash(&[user]), self.millis())?]))
    }

    /// A mail to an address is asked for by a stranger.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn mail(&self, to: &[u8]) -> Result<(), TooFast> {
        self.mails.take(self.hash(&[to]), self.millis()).map(|_| ())
    }

    /// An account invites an address. It has cost nothing where nothing was mailed: [`Try::right`].
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn invitation(&self, account: &[u8], to: &[u8]) -> Result<Try<'_>, TooFast> {
        let now = self.millis();
        let begun = Try(vec![self.invited.take(self.hash(&[to]), now)?]);
        self.inviting.also(begun, self.hash(&[account]), now)
    }

    /// An import of an account met a user of somebody else's, and tells so.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn met(&self, account: &[u8]) -> Result<(), TooFast> {
        self.met.take(self.hash(&[account]), self.millis()).map(|_| ())
    }

    /// Something that costs others effort is asked for from an address, such as a mail.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn favour(&self, address: IpAddr) -> Result<(), TooFast> {
        let prefix = Prefix::from(address).0;
        self.addresses.take(self.hash(&[&prefix]), self.millis()).map(|_| ())
    }

    async fn hold(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        if let Ok(_held) = self.held.try_acquire() {
            tokio::time::sleep(time).await;
        }
    }

    fn hash(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = self.seed.build_hasher();
        parts.iter().for_each(|part| hasher.write(part));
        hasher.finish()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Delays {
    fn default() -> Self {
        Self::new()
    }
}

struct Table {
    cells: Vec<AtomicU64>,
    budget: Budget,
}

impl Table {
    fn new(budget: Budget) -> Self {
        Self { cells: (0..CELLS).map(|_| AtomicU64::new(0)).collect(), budget }
    }

    fn cell(&self, hash: u64) -> &AtomicU64 {
        &self.cells[usize::try_from(hash % CELLS as u64).unwrap_or(0)]
    }

    /// One try, if the budget has one.
    fn take(&self, hash: u64, now: u64) -> Result<(&AtomicU64, u64), TooFast> {
        let Budget { cost, tries } = self.budget;
        let (cell, end) = (self.cell(hash), now + cost * tries);
        let pay = |paid: u64| Some(paid.max(now) + cost).filter(|next| *next <= end);
        match cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay) {
            Ok(_) => Ok((cell, cost)),
            Err(paid) => Err(TooFast(Duration::from_millis(paid + cost - end))),
        }
    }

    /// One more cell for a try that has begun; if it has no budget, nothing was tried.
    fn also<'a>(&'a self, mut begun: Try<'a>, hash: u64, now: u64) -> Result<Try<'a>, TooFast> {
        match self.take(hash, now) {
            Ok(taken) => {
                begun.0.push(taken);
                Ok(begun)
            }
            Err(too_fast) => {
                begun.right();
                Err(too_fast)
            }
        }
    }

    /// One try in any case, and how long it is to be held.
    fn count(&self, hash: u64, now: u64) -> ((&AtomicU64, u64), Duration) {
        let Budget { cost, tries } = self.budget;
        let most = now + 4 * cost * tries; // what is owed at most, so that it is forgotten some minutes after the last try
        let cell = self.cell(hash);
        let pay = |paid: u64| Some((paid.max(now) + cost).min(most));
        let before = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).unwrap_or_default();
        let beyond = ((before.max(now) - now) / cost + 1).saturating_sub(tries);
        let hold = HOLD_EACH.saturating_mul(u32::try_from(beyond).unwrap_or(u32::MAX));
        ((cell, cost), hold.min(HOLD_MAX))
    }
}

#[cfg(test)]
mod tests;
