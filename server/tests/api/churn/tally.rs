//! What came of it all.

use std::collections::BTreeMap;

/// Counts over one history or many.
#[derive(Debug, Default)]
pub struct Tally {
    pub calls: u64,
    pub refused: u64,
    /// Pairs sent at once.
    pub races: u64,
    /// Checks of the whole store.
    pub checks: u64,
    /// What was done, by deed.
    pub accepted: BTreeMap<&'static str, u64>,
    /// Why things were refused, by code.
    pub codes: BTreeMap<String, u64>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.calls += other.calls;
        self.refused += other.refused;
        self.races += other.races;
        self.checks += other.checks;
        other.accepted.into_iter().for_each(|(deed, count)| *self.accepted.entry(deed).or_default() += count);
        other.codes.into_iter().for_each(|(code, count)| *self.codes.entry(code).or_default() += count);
    }
}
