//! Units as a few numbers: what is summed at every instant must cost next to nothing.

use super::ledger::catalogue::SKUS;
use leasehold_protocol::Units;
use std::fmt;

/// The kinds of units of every product.
const KINDS: [&str; 2] = ["OBM", "ACB"];
const LEN: usize = SKUS.len() * KINDS.len();

/// Units of each kind of each product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count([u32; LEN]);

impl Count {
    /// Units of a product, as in an artefact.
    ///
    /// # Panics
    /// If it names a product or a kind that was never sold.
    pub fn of(sku: &str, units: &Units) -> Self {
        let product = SKUS.iter().position(|one| *one == sku).expect("a product that is sold");
        let mut counts = [0; LEN];
        for (name, count) in units.iter() {
            let kind = KINDS.iter().position(|one| *one == name).expect("a kind that is sold");
            counts[product * KINDS.len() + kind] = count;
        }
        Self(counts)
    }

    pub fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] + other.0[at]))
    }

    pub fn less(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].saturating_sub(other.0[at])))
    }

    pub fn max(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].max(other.0[at])))
    }

    /// At least as many of every kind.
    pub fn covers(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| *own >= other)
    }

    pub fn is_none(self) -> bool {
        self.0 == [0; LEN]
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let products =
            SKUS.iter().zip(self.0.chunks(KINDS.len())).filter(|(_, counts)| counts.iter().any(|one| *one > 0));
        let told: Vec<String> =
            products.map(|(sku, counts)| format!("{} OBM + {} ACB of {sku}", counts[0], counts[1])).collect();
        out.write_str(&told.join(", "))
    }
}

/// OBM and ACB units, as commands name them.
pub fn units(obm: u32, acb: u32) -> Units {
    let of = |kind, count| Units::of(kind, count).expect("a good kind");
    of("OBM", obm).checked_add(&of("ACB", acb)).expect("small")
}
