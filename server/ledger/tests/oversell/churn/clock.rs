//! Clocks: the server's falls behind and is set right again, a console's runs ahead.
//!
//! The server believes no clock that was set back by more than five minutes until its operator says so, and none that jumped
//! forward; what it lets through is what happens here. A console's clock that is behind is overruled by the newest signed time.

use super::super::fleet::Fleet;
use super::super::mutant::Wrong;
use leasehold_ledger::Command;
use leasehold_ledger::record::quarantine::REST;
use leasehold_protocol::time::DAY;

/// Seconds a clock may be set back without anybody being asked.
const BACK_MAX: u32 = 300;

impl Fleet {
    pub fn clocks(&mut self) {
        match self.ledger.random.below(4) {
            0 if self.ahead == 0 => self.ahead = -i64::from(self.ledger.random.below(BACK_MAX)),
            0 | 1 => self.ahead = 0,
            2 => {
                let believed = self.ledger.now;
                self.ahead = -DAY * i64::from(1 + self.ledger.random.below(3));
                self.at(self.time);
                self.ledger.must(Command::AcceptClock { believed });
                let resting = self.ledger.latest < self.resting.plus(4 * DAY); // nobody knows how much of it has gone by
                let until = if resting { self.ledger.latest.plus(REST) } else { self.ledger.latest };
                self.resting = self.resting.max(until);
                self.disturb(until);
            }
            _ => {
                let ahead = DAY * i64::from(self.ledger.random.below(4));
                let all: Vec<u64> = self.consoles.keys().copied().collect();
                let number = self.ledger.random.any(&all).expect("some");
                self.consoles.get_mut(number).expect("it is there").ahead = ahead;
            }
        }
        if self.ledger.wrong == Some(Wrong::ClockAhead) {
            self.ahead = 3 * DAY;
        }
        self.at(self.time);
    }
}
