//! Every artefact that was signed for a device, as far as it matters: one that carries no more than another, and not for
//! longer, adds nothing.

use super::count::Count;
use leasehold_protocol::Time;

/// Units and end of what was signed.
#[derive(Debug, Clone, Default)]
pub struct Kept(Vec<(Count, Time)>);

impl Kept {
    /// One more was signed.
    pub fn keep(&mut self, units: Count, exp: Time) {
        let adds = |old: &(Count, Time)| units.covers(old.0) && exp >= old.1;
        self.0.retain(|old| !adds(old));
        self.0.push((units, exp));
    }

    /// The most that a device which kept all of them can run on at `now`: one at a time.
    pub fn living(&self, now: Time) -> Count {
        let living = self.0.iter().filter(|(_, exp)| *exp > now);
        living.fold(Count::default(), |most, (units, _)| most.max(*units))
    }
}
