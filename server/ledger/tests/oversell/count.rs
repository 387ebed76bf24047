//! Units as two numbers: what is summed at every instant must cost next to nothing.

use leasehold_protocol::Units;
use std::fmt;

/// OBM and ACB units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count([u32; 2]);

impl Count {
    /// The units in an artefact.
    ///
    /// # Panics
    /// If it names a kind that was never sold.
    pub fn of(units: &Units) -> Self {
        assert!(units.iter().all(|(kind, _)| matches!(kind, "OBM" | "ACB")), "{units} were never sold");
        Self([units.count("OBM"), units.count("ACB")])
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

    /// At least as many of both kinds.
    pub fn covers(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| *own >= other)
    }

    pub fn is_none(self) -> bool {
        self.0 == [0, 0]
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} OBM + {} ACB", self.0[0], self.0[1])
    }
}

/// OBM and ACB units, as commands name them.
pub fn units(obm: u32, acb: u32) -> Units {
    let of = |kind, count| Units::of(kind, count).expect("a good kind");
    of("OBM", obm).checked_add(&of("ACB", acb)).expect("small")
}
