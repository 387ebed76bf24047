//! The one table of settings.

use crate::record::SettingValue;
use crate::record::rehosts::REHOSTS_MAX;

/// What a setting may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The installation: changed by the vendor's administrators.
    Installation,
    /// An account: changed by its administrators and those above.
    Account,
    /// An account: changed by those above alone, for it bounds what the account may do.
    Below,
    /// A pool: changed by operators.
    Pool,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number, from and to, and what it is unless set; none for no limit.
    Number(u32, u32, Option<u32>),
    /// One of these words, the first unless set. Of a pool: what it was made with.
    Word(&'static [&'static str]),
}

impl Kind {
    /// What it is unless set.
    #[must_use]
    pub fn usual(self) -> Option<SettingValue> {
        match self {
            Self::Number(_, _, usual) => usual.map(SettingValue::Number),
            Self::Word(words) => words.first().map(|word| SettingValue::Word((*word).to_owned())),
        }
    }
}

/// A setting there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its name; the unit is its last word.
    pub name: &'static str,
    /// What it is of.
    pub of: Of,
    /// What it may be.
    pub kind: Kind,
    /// What it does, for people.
    pub about: &'static str,
}

/// Every setting.
pub const SETTINGS: &[Definition] = &[
    Definition {
        name: "session_hours",
        of: Of::Installation,
        kind: Kind::Number(1, 168, Some(12)),
        about: "A session ends this long after it was opened, used or not.",
    },
    Definition {
        name: "invitation_days",
        of: Of::Installation,
        kind: Kind::Number(1, 90, Some(14)),
        about: "The link of an invitation or a welcome is good this long.",
    },
    Definition {
        name: "link_hours",
        of: Of::Installation,
        kind: Kind::Number(1, 168, Some(24)),
        about: "The link that resets a password or confirms an address is good this long.",
    },
    Definition {
        name: "token_days_max",
        of: Of::Account,
        kind: Kind::Number(1, 3650, None),
        about: "A new token of this account, or of one below it, is good this long at most; without it, as long as it says.",
    },
    Definition {
        name: "free_on",
        of: Of::Pool,
        kind: Kind::Word(&["fetch", "expiry", "at_once"]),
        about: "When units whose lease was shrunk are free for others, for keys made from now on.",
    },
    Definition {
        name: "rehosts_max",
        of: Of::Below,
        kind: Kind::Number(0, REHOSTS_MAX, Some(3)),
        about: "Dead devices of this account that may be rehosted within the days of rehost_days.",
    },
    Definition {
        name: "rehost_days",
        of: Of::Below,
        kind: Kind::Number(1, 3650, Some(365)),
        about: "The days within which rehosts are counted.",
    },
    Definition {
        name: "expired_maintenance",
        of: Of::Account,
        kind: Kind::Word(&["read_only", "block"]),
        about: "What people of this account, or of one below it, do with licences once the day has passed until which upgrades of a \
                pooled one are free: look, or not even that.",
    },
    Definition {
        name: "extend_from",
        of: Of::Account,
        kind: Kind::Word(&["end", "today"]),
        about: "From when a term counts that extends what is over already: from its end, so that no gap is free, or from today. What an account above has set counts.",
    },
    Definition {
        name: "notices",
        of: Of::Account,
        kind: Kind::Word(&["on", "off"]),
        about: "The account's administrators are told by mail what ends in 30, 7 and 1 days, and which consoles are silent.",
    },
    Definition {
        name: "silent_days",
        of: Of::Account,
        kind: Kind::Number(1, 365, Some(7)),
        about: "A console that was not heard of for so many days is silent.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_defaults_possible() {
        for (at, one) in SETTINGS.iter().enumerate() {
            assert!(SETTINGS[..at].iter().all(|other| other.name != one.name), "{}", one.name);
            if let Kind::Number(least, most, usual) = one.kind {
                assert!(least < most && usual.is_none_or(|usual| (least..=most).contains(&usual)), "{}", one.name);
            }
        }
    }
}
