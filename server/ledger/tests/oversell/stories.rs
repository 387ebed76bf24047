//! What happens in a world beside what happens in all of them.

use super::mutant::Wrong;
use super::random::Random;

/// Something that leaves units idle, which hide what is oversold, or takes time: so each happens in a part of the worlds only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    Rehosts,
    Licenses,
    Sales,
    /// Licences are exchanged for ones of another edition.
    Editions,
    /// Licences with a term end, and are extended.
    Terms,
    /// Permission keys are redeemed.
    Permits,
    /// Named users have seats.
    Seats,
    /// Seats float.
    Floats,
}

use Story::*;

/// The stories that people may tell at any time.
const ANY_TIME: [Story; 5] = [Editions, Terms, Permits, Seats, Floats];

/// The stories of one world.
#[derive(Debug, Clone)]
pub struct Stories(Vec<Story>);

impl Stories {
    /// Where a rule is wrong nothing hides it.
    pub fn of(wrong: Option<Wrong>, random: &mut Random) -> Self {
        let all = [&[Rehosts, Licenses, Sales][..], &ANY_TIME].concat();
        let drawn = all.into_iter().filter(|_| random.chance(40)).collect();
        Self(wrong.map_or(drawn, |wrong| wrong.stories().to_vec()))
    }

    pub fn has(&self, story: Story) -> bool {
        self.0.contains(&story)
    }

    /// Those that go on now, beside whatever else is done.
    pub fn now(&self, random: &mut Random) -> Vec<Story> {
        ANY_TIME.into_iter().filter(|story| self.has(*story) && random.chance(12)).collect()
    }
}
