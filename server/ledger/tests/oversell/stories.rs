//! What happens in a world beside what happens in all of them.

use super::mutant::Wrong;
use super::random::Random;

/// Stories that leave units idle, which hide what is oversold: so each happens in a part of the worlds only.
#[derive(Debug, Clone, Copy)]
pub struct Stories {
    pub rehosts: bool,
    pub licenses: bool,
    pub sales: bool,
}

impl Stories {
    /// Where a rule is wrong nothing hides it.
    pub fn of(wrong: Option<Wrong>, random: &mut Random) -> Self {
        let mut any = || random.chance(40) && wrong.is_none();
        let (rehosts, licenses, sales) = (any(), any(), any());
        Self { rehosts: rehosts || wrong == Some(Wrong::RehostFrees), licenses, sales }
    }
}
