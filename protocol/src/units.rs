//! Quantities of licence units, by kind.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Bytes in the longest name of a kind.
pub const KIND_LEN_MAX: usize = 32;
/// Kinds in one message.
pub const KINDS_MAX: usize = 16;
/// The largest count of one kind.
pub const COUNT_MAX: u32 = 1_000_000_000;

/// How many units of each kind (`OBM`, `channel`, `endpoint`). A kind that is not there counts nothing, so zero is
/// never stored and two equal quantities are equal values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, u32>", into = "BTreeMap<String, u32>")]
pub struct Units(BTreeMap<String, u32>);

/// A kind's name or count is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitsError {
    /// Kinds are 1 to 32 of `A-Z a-z 0-9 _ -`.
    #[error("{0:?} is not a kind of unit: use 1 to 32 letters, digits, hyphens or underscores")]
    Kind(String),
    /// Counts go to a thousand million.
    #[error("{0} units are more than {COUNT_MAX}")]
    Count(u64),
    /// A message carries at most 16 kinds.
    #[error("{0} kinds of units are more than {KINDS_MAX}")]
    Kinds(usize),
}

impl Units {
    /// No units at all.
    pub const NONE: &'static Units = &Units(BTreeMap::new());

    /// `count` units of one kind; used where the kind is known to be good.
    ///
    /// # Errors
    /// [`UnitsError`] when the kind or the count is not acceptable.
    pub fn of(kind: &str, count: u32) -> Result<Self, UnitsError> {
        Self::try_from(BTreeMap::from([(kind.to_owned(), count)]))
    }

    /// How many of `kind`.
    #[must_use]
    pub fn count(&self, kind: &str) -> u32 {
        self.0.get(kind).copied().unwrap_or(0)
    }

    /// Kinds with a count above zero, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// Nothing of any kind.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// At least as many of every kind as `other`.
    #[must_use]
    pub fn covers(&self, other: &Units) -> bool {
        other.iter().all(|(kind, count)| self.count(kind) >= count)
    }

    /// The sum, or nothing if a count would pass [`COUNT_MAX`] or the kinds [`KINDS_MAX`].
    #[must_use]
    pub fn checked_add(&self, other: &Units) -> Option<Units> {
        let mut sum = self.0.clone();
        for (kind, count) in other.iter() {
            let total = sum.entry(kind.to_owned()).or_insert(0);
            *total = total.checked_add(count).filter(|total| *total <= COUNT_MAX)?;
        }
        (sum.len() <= KINDS_MAX).then_some(Units(sum))
    }

    /// The difference, or nothing where it would be negative.
    #[must_use]
    pub fn checked_sub(&self, other: &Units) -> Option<Units> {
        self.covers(other).then(|| self.saturating_sub(other))
    }

    /// What is here beyond `other`, kind by kind.
    #[must_use]
    pub fn saturating_sub(&self, other: &Units) -> Units {
        self.each(|kind, count| count.saturating_sub(other.count(kind)))
    }

    /// The smaller count of each kind.
    #[must_use]
    pub fn min(&self, other: &Units) -> Units {
        self.each(|kind, count| count.min(other.count(kind)))
    }

    /// The larger count of each kind.
    #[must_use]
    pub fn max(&self, other: &Units) -> Units {
        let mut largest = self.0.clone();
        for (kind, count) in other.iter() {
            let here = largest.entry(kind.to_owned()).or_insert(0);
            *here = count.max(*here);
        }
        Units(largest)
    }

    fn each(&self, count_of: impl Fn(&str, u32) -> u32) -> Units {
        let counts = self.iter().map(|(kind, count)| (kind.to_owned(), count_of(kind, count)));
        Units(counts.filter(|(_, count)| *count > 0).collect())
    }
}

impl TryFrom<BTreeMap<String, u32>> for Units {
    type Error = UnitsError;
    fn try_from(counts: BTreeMap<String, u32>) -> Result<Self, UnitsError> {
        if counts.len() > KINDS_MAX {
            return Err(UnitsError::Kinds(counts.len()));
        }
        for (kind, count) in &counts {
            check_kind(kind)?;
            if *count > COUNT_MAX {
                return Err(UnitsError::Count((*count).into()));
            }
        }
        Ok(Units(counts.into_iter().filter(|(_, count)| *count > 0).collect()))
    }
}

impl From<Units> for BTreeMap<String, u32> {
    fn from(units: Units) -> Self {
        units.0
    }
}

impl fmt::Display for Units {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return out.write_str("nothing");
        }
        for (at, (kind, count)) in self.iter().enumerate() {
            write!(out, "{}{count} {kind}", if at > 0 { " + " } else { "" })?;
        }
        Ok(())
    }
}

/// Whether `kind` can name a kind of unit.
///
/// # Errors
/// [`UnitsError::Kind`] when it cannot.
pub fn check_kind(kind: &str) -> Result<(), UnitsError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=KIND_LEN_MAX).contains(&kind.len()) && kind.bytes().all(good) {
        return Ok(());
    }
    Err(UnitsError::Kind(kind.chars().take(KIND_LEN_MAX).collect()))
}

#[cfg(test)]
mod tests;
