//! News for people, in words.

use super::state::Refusal;
use crate::accept::NotAccepted;
use crate::time::Time;
use crate::units::Units;
use thiserror::Error;

/// News for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Notice {
    /// A lease was accepted.
    #[error("lease {seq} accepted: {units} until {end}")]
    Leased {
        /// Its number.
        seq: u32,
        /// What it grants.
        units: Units,
        /// When it ends.
        end: Time,
    },
    /// A licence file was accepted.
    #[error("licence file accepted: {units}, {}", end_words(*.end))]
    Licensed {
        /// What it grants.
        units: Units,
        /// When it ends, if ever.
        end: Option<Time>,
    },
    /// The device is announced; somebody has to license it now.
    #[error("waiting to be licensed from the portal: asks again at {next}")]
    Waiting {
        /// When it asks again.
        next: Time,
    },
    /// The server has the units back.
    #[error("released: the server has the units back")]
    Released,
    /// A signed no.
    #[error("refused: {} ({})", .0.code(), .0.text())]
    Refused(Refusal),
    /// The server asked for proof of what is held, and gets it.
    #[error("the server asks for the lease in hand and gets it")]
    Resync,
    /// An answer, a keyset or a file is not believed.
    #[error("not accepted: {0}")]
    NotAccepted(NotAccepted),
    /// Nothing usable came back; the same bytes go out again.
    #[error("no usable answer{}: next try at {next}", status_words(*.status))]
    Unanswered {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// When the next try is due.
        next: Time,
    },
    /// A newer keyset was accepted.
    #[error("keyset {version} accepted")]
    Keyset {
        /// Its version.
        version: u32,
    },
    /// The wall clock is more than a day behind the newest signed server time.
    #[error("the clock says {wall}, the server said {mark} before: check the clock")]
    ClockSuspect {
        /// The wall clock.
        wall: Time,
        /// The newest signed server time.
        mark: Time,
    },
    /// What was in hand is good no more.
    #[error("the licence ended at {0}")]
    Ended(Time),
    /// What was asked for is not possible now.
    #[error("{0}")]
    Cannot(Cannot),
}

impl Notice {
    /// A lease or licence file was accepted, the device is announced, or the units are back: what was asked for is done.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Notice::Leased { .. } | Notice::Licensed { .. } | Notice::Waiting { .. } | Notice::Released)
    }
}

/// Why something that was asked for is not possible now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Cannot {
    /// No keyset yet, so nothing can be proved.
    #[error("there is no keyset yet")]
    NoKeyset,
    /// There is no lease to renew or to give back.
    #[error("there is no lease")]
    NoLease,
    /// A lease or licence file is in hand and the order does not replace it.
    #[error("the product is licensed already")]
    AlreadyLicensed,
    /// The units are on their way back; nothing else goes before the receipt.
    #[error("a release waits for its receipt")]
    ReleasePending,
    /// A licence file answers nothing that was asked.
    #[error("there is no licence request waiting for an answer")]
    NoRequest,
    /// There is no licence file to give back.
    #[error("there is no licence file")]
    NoLicense,
    /// An answer that nothing waits for.
    #[error("nothing waits for an answer")]
    Unasked,
    /// A text in the order does not travel.
    #[error("the {what} {problem}")]
    Order {
        /// Which text.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

fn end_words(end: Option<Time>) -> String {
    end.map_or("without an end".to_owned(), |end| format!("until {end}"))
}

fn status_words(status: Option<u16>) -> String {
    status.map_or_else(String::new, |status| format!(" (HTTP {status})"))
}
