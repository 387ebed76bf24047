//! One history: who is there, what was heard of, and how the next call is drawn.

use super::books::Books;
use super::call::{Call, Deed};
use super::consoles::Console;
use super::seen::{Seen, Sort, text};
use super::stage::Stage;
use super::tally::Tally;
use super::{devices, licenses, lots, pools, shares};
use crate::common::Dice;
use leasehold_protocol::units::COUNT_MAX;
use serde_json::{Value, json};

/// Everything that is done.
const DEEDS: [&[Deed]; 5] = [lots::DEEDS, pools::DEEDS, licenses::DEEDS, shares::DEEDS, devices::DEEDS];
/// Things heard of last, which are picked more often.
const FRESH: usize = 4;

/// The names of all deeds.
pub fn names() -> impl Iterator<Item = &'static str> {
    DEEDS.iter().flat_map(|part| part.iter()).map(|(name, _, _)| *name)
}

pub struct History {
    pub stage: Stage,
    pub dice: Dice,
    pub seen: Seen,
    pub consoles: Vec<Console>,
    /// Devices there are.
    pub devices: u8,
    /// What the call that is drawn is about.
    pub about: Vec<(Sort, String)>,
    /// What the call that is drawn is to be about.
    pub focus: Option<(Sort, String)>,
    pub tally: Tally,
    /// What was called, and what was answered.
    pub log: Vec<String>,
    drawn: u64,
}

impl History {
    pub async fn new(seed: u64) -> Self {
        let stage = Stage::new().await;
        let mut seen = Seen::default();
        // Ids made within a second come in no order that a seed could repeat.
        let order = |one: &Value| ["order", "product", "name", "licensee"].map(|field| text(one, field));
        for account in Books::read(&stage.world).await.accounts {
            let (keys, named) = (account.keys, account.named);
            let lists = [(Sort::Lot, account.lots), (Sort::Pool, account.pools), (Sort::PoolKey, keys)];
            let more =
                [(Sort::Named, named), (Sort::License, account.licenses), (Sort::Activation, account.activations)];
            for (sort, mut list) in lists.into_iter().chain(more) {
                list.sort_by_key(order);
                list.into_iter().for_each(|one| seen.shown(sort, one));
            }
        }
        for (account, _) in stage.places() {
            seen.shown(Sort::Account, json!({"id": account, "status": "active"}));
        }
        let (consoles, about, log, tally) = (Vec::new(), Vec::new(), Vec::new(), Tally::default());
        let dice = Dice(seed);
        Self { stage, dice, seen, consoles, devices: 0, about, focus: None, tally, log, drawn: 0 }
    }

    /// A call, made of what there is.
    pub fn draw(&mut self) -> Call {
        let all = || DEEDS.iter().flat_map(|part| part.iter());
        let total = all().map(|(_, weight, _)| weight).sum();
        loop {
            let mut at = self.dice.below(total);
            let chosen = all().find(|(_, weight, _)| match at.checked_sub(*weight) {
                Some(left) => {
                    at = left;
                    false
                }
                None => true,
            });
            let (deed, _, make) = chosen.expect("below the total");
            self.about.clear();
            if let Some(call) = make(self) {
                return Call { deed, about: std::mem::take(&mut self.about), ..call };
            }
        }
    }

    /// Another call about what this one is about, if there is one; else the same again.
    pub fn rival(&mut self, call: &Call) -> Call {
        let same = self.chance(3);
        self.focus = call.about.first().cloned();
        let drawn = (0..12).map(|_| self.draw()).collect::<Vec<_>>().into_iter();
        let focus = self.focus.take();
        let mut rivals = drawn.filter(|drawn| focus.as_ref().is_some_and(|focus| drawn.about.contains(focus)));
        rivals.next().filter(|_| !same).unwrap_or_else(|| call.clone())
    }

    pub fn chance(&mut self, one_in: u64) -> bool {
        self.dice.below(one_in) == 0
    }

    pub fn any<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.below(end as u64)).expect("few")
    }

    /// A number that was not drawn before.
    pub fn fresh(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// An account.
    pub fn place(&mut self) -> String {
        let places = self.stage.places();
        let most = if self.chance(2) { 2 } else { places.len() };
        self.any(&places[..most]).0
    }

    /// Somebody who may act for an account; at times somebody who may not.
    pub fn desk(&mut self, account: &str) -> String {
        let places = self.stage.places();
        let stranger = self.chance(12);
        match places.iter().find(|(id, _)| id == account).filter(|_| !stranger) {
            Some((_, desks)) => self.any(desks),
            None => self.any(&self.stage.everybody()),
        }
    }

    /// The vendor; at times somebody else.
    pub fn vendor(&mut self) -> String {
        if self.chance(12) { self.any(&self.stage.everybody()) } else { self.stage.world.vendor() }
    }

    /// Something there is.
    pub fn pick(&mut self, sort: Sort) -> Option<Value> {
        self.pick_of(sort, |_| true)
    }

    /// Something there is that fits; at times something that does not.
    pub fn pick_of(&mut self, sort: Sort, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let (odd, fresh) = (self.chance(12), self.chance(2));
        let focus = self.focus.clone().filter(|(focused, _)| *focused == sort).map(|(_, id)| id);
        let is_there = |one: &&Value| focus.as_ref().is_none_or(|id| one["id"] == id.as_str());
        let of_sort = self.seen.of(sort).iter().filter(is_there);
        let all: Vec<Value> = of_sort.filter(|one| odd || fits(one)).cloned().collect();
        if all.is_empty() {
            return None;
        }
        let from = if fresh { all.len().saturating_sub(FRESH) } else { 0 };
        let one = self.any(&all[from..]);
        self.about.push((sort, text(&one, "id")));
        Some(one)
    }

    /// The one with this id.
    pub fn pick_at(&self, sort: Sort, id: &str) -> Option<Value> {
        self.seen.of(sort).iter().find(|one| one["id"] == id).cloned()
    }

    /// Some of what is free in a holding: now and then all of it, one more, none, or what is no quantity.
    pub fn some_of(&mut self, holding: &Value) -> Value {
        let free = holding["free"].clone();
        let kinds: Vec<String> = free.as_object().map(|free| free.keys().cloned().collect()).unwrap_or_default();
        let Some(kind) = (!kinds.is_empty()).then(|| self.any(&kinds)) else { return self.count("OBM", 4) };
        let here = free[&kind].as_u64().unwrap_or(0);
        match self.dice.below(12) {
            0 => json!({kind: here + 1}),
            1 => json!({kind: here}),
            2 => free,
            3 => self.nonsense(&kind),
            _ => self.count(&kind, here.clamp(1, 6)),
        }
    }

    /// One to so many.
    pub fn count(&mut self, kind: &str, most: u64) -> Value {
        json!({kind: 1 + self.dice.below(most)})
    }

    /// A quantity near another, as a new one in its place.
    pub fn near(&mut self, units: &Value) -> Value {
        let kinds: Vec<String> = units.as_object().map(|units| units.keys().cloned().collect()).unwrap_or_default();
        let kind = if kinds.is_empty() { "OBM".to_owned() } else { self.any(&kinds) };
        let here = units[&kind].as_u64().unwrap_or(0);
        match self.dice.below(16) {
            0 => units.clone(),
            1 => self.nonsense(&kind),
            2..6 => json!({kind: here.saturating_sub(1 + self.dice.below(4))}),
            _ => json!({kind: here + 1 + self.dice.below(5)}),
        }
    }

    fn nonsense(&mut self, kind: &str) -> Value {
        let all = [json!(0), json!(-1), json!(1.5), json!("1"), json!(COUNT_MAX), json!(u64::from(COUNT_MAX) + 1)];
        match self.dice.below(8) {
            0 => json!({}),
            1 => json!({"NONE": 1}),
            _ => json!({kind: self.any(&all)}),
        }
    }
}
