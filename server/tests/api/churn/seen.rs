//! What earlier answers told: things there are, each as it was shown last, in the order they were first heard of.

use serde_json::Value;
use std::collections::BTreeMap;

/// A sort of things there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Lot,
    Pool,
    PoolKey,
    Seat,
    Flex,
    /// An activation key.
    Named,
    License,
    Activation,
    /// The code of a permission key.
    Code,
    /// A licence file that is out.
    File,
    /// A device that waits.
    Waiting,
    Account,
}

impl Sort {
    /// Where one is shown; some are shown nowhere.
    pub fn path(self, id: &str) -> Option<String> {
        let base = match self {
            Sort::Lot => "lots",
            Sort::Pool => "pools",
            Sort::PoolKey | Sort::Seat | Sort::Flex | Sort::Named => "keys",
            Sort::License => "licenses",
            Sort::Activation => "activations",
            Sort::Account => "accounts",
            Sort::Code | Sort::File | Sort::Waiting => return None,
        };
        Some(format!("/{base}/{id}"))
    }
}

/// Things there are, by sort.
#[derive(Default)]
pub struct Seen(BTreeMap<Sort, Vec<Value>>);

/// A field that is text.
pub fn text(of: &Value, field: &str) -> String {
    of[field].as_str().unwrap_or_default().to_owned()
}

impl Seen {
    pub fn of(&self, sort: Sort) -> &[Value] {
        self.0.get(&sort).map_or(&[], Vec::as_slice)
    }

    /// One that was shown, new or not.
    pub fn shown(&mut self, sort: Sort, value: Value) {
        let all = self.0.entry(sort).or_default();
        match all.iter_mut().find(|known| known["id"] == value["id"]) {
            Some(known) => *known = value,
            None => all.push(value),
        }
    }

    /// One that is no more.
    pub fn gone(&mut self, sort: Sort, id: &str) {
        self.0.entry(sort).or_default().retain(|known| known["id"] != id);
    }
}
