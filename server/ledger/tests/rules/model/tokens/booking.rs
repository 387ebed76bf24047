//! Where tokens lie and who carries them.

use super::{Token, Tokens, home};

impl Tokens {
    /// Moves tokens: free ones, then those carried by guests (oldest first), then those of devices that end soonest.
    pub(super) fn shift(&mut self, from: usize, to: usize, count: u32) {
        self.moves += 1;
        let mut here: Vec<usize> = (0..self.tokens.len()).filter(|token| self.tokens[*token].at == from).collect();
        here.sort_by_key(|token| {
            let token = &self.tokens[*token];
            match token.carrier {
                None => (0, false, 0, 0, 0),
                Some(by) if !self.is_home(by, from) => (1, false, 0, by, token.moved),
                Some(by) => (2, self.activations[by].active, self.activations[by].end, by, 0),
            }
        });
        for token in here.into_iter().take(count as usize) {
            self.tokens[token].at = to;
            self.tokens[token].moved = self.moves;
        }
    }

    /// The most units in any living artefact: a device runs on one at a time.
    pub(super) fn living(&self, one: usize) -> u32 {
        let living = self.activations[one].artefacts.iter().filter(|(_, _, end)| *end > self.now);
        living.map(|(_, units, _)| *units).max().unwrap_or(0)
    }

    /// An activation carries as many tokens as live: at home as far as there is room, else where they are; what it carries
    /// beyond that is let go, oldest first.
    pub(super) fn book(&mut self, one: usize) {
        let place = home(self.activations[one].key);
        let living = self.living(one);
        let away = self.count(|token| token.carrier == Some(one) && token.at != place);
        let room = self.count(|token| token.at == place && token.carrier.is_none_or(|by| by == one));
        let at_home = living.saturating_sub(away).max(living.min(room));
        self.carry(one, at_home, |token| token.at == place);
        self.carry(one, living - at_home, |token| token.at != place && token.carrier == Some(one));
    }

    /// Lets `one` carry `count` of the tokens it may, and no other of them.
    fn carry(&mut self, one: usize, count: u32, pick: impl Fn(&Token) -> bool) {
        let may = |token: &Token| pick(token) && token.carrier.is_none_or(|by| by == one);
        let mut mine: Vec<usize> = (0..self.tokens.len()).filter(|token| may(&self.tokens[*token])).collect();
        mine.sort_by_key(|token| std::cmp::Reverse(self.tokens[*token].moved));
        for (at, token) in mine.into_iter().enumerate() {
            self.tokens[token].carrier = (at < count as usize).then_some(one);
        }
    }
}
