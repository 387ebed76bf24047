//! Messages and answers, some of them lost.

use super::console::Wish;
use super::count::Count;
use super::fleet::Fleet;
use super::fleet::owned::Customer;
use super::ledger::Answer;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::{Challenge, Refused, Units};

impl Fleet {
    /// One message of a console and its answer. False if either was lost.
    pub fn exchange(&mut self, number: u64) -> bool {
        let now = self.time;
        let Some(console) = self.consoles.get_mut(&number) else { return true };
        let Some(command) = console.speak(&mut self.ledger.random, now) else { return true };
        let is_retry = console.pending.as_ref().is_some_and(|pending| pending.sent > 1);
        if self.ledger.random.chance(self.loss) {
            return false;
        }
        let answer = self.ledger.answer(command);
        if let Answer::Lease(lease) = &answer {
            self.tally.leases += 1;
            let kept = &mut self.consoles.get_mut(&number).expect("it is there").kept;
            kept.keep(Count::of(&lease.grant.aud, &lease.grant.units), lease.exp);
        }
        self.measure();
        if matches!(answer, Answer::Receipt) {
            self.touch(number); // under `expiry` its key's units are free when its lease has ended
        }
        if self.ledger.random.chance(self.loss) {
            return false;
        }
        match answer {
            Answer::Lease(lease) => self.leased(number, *lease, is_retry),
            Answer::Receipt => {
                let console = self.consoles.get_mut(&number).expect("it is there");
                (console.pending, console.wish) = (None, Wish::Nothing);
                true
            }
            Answer::Refused(refused, challenge) => self.refused(number, refused, challenge),
        }
    }

    fn leased(&mut self, number: u64, lease: Lease, is_retry: bool) -> bool {
        let console = self.consoles.get_mut(&number).expect("it is there");
        let given = lease.grant.units.clone();
        let backup = self.ledger.random.chance(3).then(|| lease.clone());
        let show = console.take(lease, self.time);
        if let Some(lease) = backup {
            console.backup = Some((lease, console.runs.clone()));
        }
        self.measure();
        if !is_retry {
            self.served(number, &given);
        }
        if show { self.exchange(number) } else { true }
    }

    fn refused(&mut self, number: u64, refused: Refused, challenge: Option<Challenge>) -> bool {
        let now = self.time;
        let console = self.consoles.get_mut(&number).expect("it is there");
        let rounds = console.pending.as_ref().map_or(0, |pending| pending.rounds);
        match challenge {
            Some(challenge) if rounds < 3 => {
                console.resync(challenge, &mut self.ledger.random, now);
                return self.exchange(number);
            }
            _ => console.pending = None,
        }
        if matches!(refused, Refused::InsufficientUnits | Refused::LicenceLapsed) {
            self.served(number, &Units::default());
            self.seated(number);
        }
        if refused == Refused::KeyInvalid && self.ledger.now > self.resting {
            self.given_up(number); // its key was lost with a history, or deleted
        }
        if refused == Refused::KeyStopped && !self.consoles[&number].is_licensed(now) {
            self.given_up(number); // its key went on on another device
        }
        true
    }

    /// Nobody can do anything for a console that no key is meant for.
    fn given_up(&mut self, number: u64) {
        let is_meant = self.customers.iter().flat_map(Customer::single).any(|slot| slot.console == number);
        if !is_meant {
            self.wish(number, Wish::Nothing, None);
        }
    }
}
