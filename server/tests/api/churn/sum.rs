//! Counts by kind of unit, as the API writes them.

use serde_json::Value;
use std::collections::BTreeMap;

/// Sums of counts by kind, below zero too; what is zero is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum(pub BTreeMap<String, i64>);

impl Sum {
    pub fn of(units: &Value) -> Self {
        let mut sum = Self::default();
        sum.add(units, 1);
        sum
    }

    /// Adds a quantity, `{"OBM": 3}`.
    pub fn add(&mut self, units: &Value, sign: i64) {
        for (kind, count) in units.as_object().unwrap_or_else(|| panic!("{units} is no quantity")) {
            self.count(kind, sign * count.as_i64().expect("a count"));
        }
    }

    /// Adds a quantity as Events tell it, `3 OBM + 1 VM`.
    pub fn add_text(&mut self, told: &str, sign: i64) {
        for part in told.split(" + ").filter(|part| *part != "nothing") {
            let (count, kind) = part.split_once(' ').unwrap_or_else(|| panic!("{told} is no quantity"));
            self.count(kind, sign * count.parse::<i64>().expect("a count"));
        }
    }

    /// As many of each kind at least.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(kind, count)| self.0.get(kind).unwrap_or(&0) >= count)
    }

    fn count(&mut self, kind: &str, count: i64) {
        *self.0.entry(kind.to_owned()).or_default() += count;
        self.0.retain(|_, count| *count != 0);
    }
}
