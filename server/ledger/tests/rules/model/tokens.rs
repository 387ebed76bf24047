//! The model: tokens. Written from the rule in words, not from the ledger.

mod booking;

use super::{BOUGHT, DEVICES, KEYS, Step};
use leasehold_ledger::record::FreeOn;
use leasehold_protocol::Refused;

const TERM: i64 = 14 * 24;
const STOCK: usize = 0;

/// One unit.
#[derive(Clone)]
struct Token {
    at: usize,
    carrier: Option<usize>,
    /// When it was last moved.
    moved: usize,
}

/// A product on a device under a key.
struct Activation {
    key: usize,
    device: usize,
    active: bool,
    released: bool,
    seq: u32,
    end: i64,
    /// Every artefact that may be alive: number, units, end.
    artefacts: Vec<(u32, u32, i64)>,
}

/// The whole world.
pub struct Tokens {
    expiry: bool,
    now: i64,
    moves: usize,
    tokens: Vec<Token>,
    stopped: [bool; KEYS],
    deleted: [bool; KEYS],
    activations: Vec<Activation>,
    /// What each device holds: activation and number.
    held: [Option<(usize, u32)>; DEVICES],
    backup: [Option<(usize, u32)>; DEVICES],
}

fn home(key: usize) -> usize {
    3 + key
}

fn pool(key: usize) -> usize {
    1 + key % 2
}

impl Tokens {
    pub fn new(free_on: FreeOn) -> Self {
        let places = [(STOCK, BOUGHT - 10), (1, 1), (2, 3), (3, 2), (4, 2), (5, 2)];
        let tokens =
            places.iter().flat_map(|(at, count)| (0..*count).map(|_| Token { at: *at, carrier: None, moved: 0 }));
        Self {
            expiry: free_on == FreeOn::Expiry,
            now: 0,
            moves: 0,
            tokens: tokens.collect(),
            stopped: [false; KEYS],
            deleted: [false; KEYS],
            activations: vec![],
            held: [None; DEVICES],
            backup: [None; DEVICES],
        }
    }

    pub fn run(&mut self, step: &Step) -> Result<u32, Refused> {
        let answer = match *step {
            Step::KeyQuota(key, quota) => self.key_quota(key, quota),
            Step::PoolQuota(at, quota) => self.pool_quota(1 + at, quota),
            Step::Activate(device, key) => self.activate(device, key),
            Step::Check(device, lost) => self.held[device].map_or(Ok(0), |held| self.lease(held.0, device, lost)),
            Step::Release(device) => Ok(self.release(device)),
            Step::Stop(key, stopped) => self.stop(key, stopped),
            Step::Delete(key) => self.delete(key),
            Step::Buy(count) => {
                self.tokens.extend((0..count).map(|_| Token { at: STOCK, carrier: None, moved: 0 }));
                Ok(0)
            }
            Step::Restore(device) => {
                self.held[device] = self.backup[device];
                Ok(0)
            }
            Step::Hours(hours) => {
                self.now += hours;
                Ok(0)
            }
        };
        for activation in 0..self.activations.len() {
            self.activations[activation].active &= self.activations[activation].end > self.now;
            self.book(activation);
        }
        answer
    }

    /// Units, charged and encumbered of every holding.
    pub fn books(&self) -> Vec<[u32; 3]> {
        let count = |at: usize| {
            let carried = |own| {
                let carried = move |token: &Token| token.carrier.is_some_and(|by| self.is_home(by, at) == own);
                self.count(|token| token.at == at && carried(token))
            };
            [self.count(|token| token.at == at), carried(true), carried(false)]
        };
        (0..3 + KEYS).map(count).collect()
    }

    fn is_home(&self, activation: usize, at: usize) -> bool {
        home(self.activations[activation].key) == at
    }

    fn count(&self, pick: impl Fn(&Token) -> bool) -> u32 {
        u32::try_from(self.tokens.iter().filter(|token| pick(token)).count()).expect("few")
    }

    fn key_quota(&mut self, key: usize, quota: u32) -> Result<u32, Refused> {
        let has = self.count(|token| token.at == home(key));
        match () {
            () if self.deleted[key] => return Err(Refused::OutOfReach),
            () if quota > has + self.count(|token| token.at == pool(key)) => return Err(Refused::InsufficientUnits),
            () if quota > has => self.shift(pool(key), home(key), quota - has),
            () => self.shift(home(key), pool(key), has - quota),
        }
        Ok(0)
    }

    fn pool_quota(&mut self, at: usize, quota: u32) -> Result<u32, Refused> {
        let own = self.count(|token| token.at == at);
        let keys = (0..KEYS).filter(|key| pool(*key) == at).map(|key| self.count(|token| token.at == home(key)));
        let has = own + keys.sum::<u32>();
        match () {
            () if quota + own < has => return Err(Refused::QuotaBelowChildren),
            () if quota > has + self.count(|token| token.at == STOCK) => return Err(Refused::InsufficientUnits),
            () if quota > has => self.shift(STOCK, at, quota - has),
            () => self.shift(at, STOCK, has - quota),
        }
        Ok(0)
    }

    fn stop(&mut self, key: usize, stopped: bool) -> Result<u32, Refused> {
        if self.deleted[key] {
            return Err(Refused::OutOfReach);
        }
        self.stopped[key] = stopped;
        Ok(0)
    }

    fn delete(&mut self, key: usize) -> Result<u32, Refused> {
        if self.deleted[key] {
            return Err(Refused::OutOfReach);
        }
        if (0..self.activations.len()).any(|one| self.activations[one].key == key && self.living(one) > 0) {
            return Err(Refused::KeyInUse);
        }
        self.deleted[key] = true;
        let all = self.count(|token| token.at == home(key));
        self.shift(home(key), pool(key), all);
        Ok(0)
    }

    fn activate(&mut self, device: usize, key: usize) -> Result<u32, Refused> {
        self.backup[device] = self.held[device];
        if self.deleted[key] {
            return Err(Refused::KeyInvalid);
        }
        let known = self.activations.iter().position(|one| one.key == key && one.device == device);
        let lives = known.is_some_and(|one| self.activations[one].active && self.activations[one].end > self.now);
        let guests = |token: &Token| token.carrier.is_some_and(|by| !self.is_home(by, home(key)));
        if !lives && self.count(|token| token.at == home(key) && !guests(token)) == 0 {
            return Err(Refused::InsufficientUnits);
        }
        let one = known.unwrap_or_else(|| {
            let artefacts = vec![];
            let new = Activation { key, device, active: false, released: false, seq: 0, end: 0, artefacts };
            self.activations.push(new);
            self.activations.len() - 1
        });
        let answer = self.lease(one, device, false);
        if known.is_none() && answer.is_err() {
            self.activations.pop();
        }
        answer
    }

    /// The next lease, or the first rule against it.
    fn lease(&mut self, one: usize, device: usize, lost: bool) -> Result<u32, Refused> {
        let key = self.activations[one].key;
        let is_over = self.activations[one].released || self.activations[one].end <= self.now;
        let rival = self
            .activations
            .iter()
            .enumerate()
            .any(|(other, rival)| other != one && rival.key == key && rival.active && rival.end > self.now);
        if self.deleted[key] {
            return Err(Refused::KeyInvalid);
        }
        if self.stopped[key] {
            return Err(Refused::KeyStopped);
        }
        let shown = self.held[device].filter(|held| held.0 == one).map_or(0, |held| held.1);
        let room = self.count(|token| token.at == home(key) && token.carrier.is_none_or(|by| by == one));
        if is_over && !rival && room == 0 {
            return Err(Refused::LicenceLapsed);
        }
        if rival {
            return Err(Refused::KeyOnOtherDevice);
        }
        let (now, expiry) = (self.now, self.expiry);
        let activation = &mut self.activations[one];
        if !expiry {
            activation.artefacts.retain(|(seq, _, _)| *seq >= shown);
        }
        activation.seq += 1;
        (activation.active, activation.released) = (true, false);
        activation.end = now + TERM;
        activation.artefacts.push((activation.seq, room, now + TERM));
        if !lost {
            self.held[device] = Some((one, activation.seq));
        }
        self.book(one);
        Ok(room)
    }

    fn release(&mut self, device: usize) -> u32 {
        let Some((one, _)) = self.held[device] else { return 0 };
        let activation = &mut self.activations[one];
        activation.seq += 1;
        (activation.active, activation.released) = (false, true);
        activation.end = self.now;
        if !self.expiry {
            activation.artefacts.clear();
        }
        self.book(one);
        0
    }
}
