//! Writing the Event of a command (I13): what happened, and before and after of what it changed.

use crate::apply::Context;
use crate::draft::{Draft, Fault};
use crate::record::told::Told;
use crate::record::{AccountId, Event, EventHead, Eyes, Fact, Value, Verb};
use crate::row;
use crate::store::Table;
use std::fmt::Display;

/// Names and values of an Event.
pub type Detail<'a> = &'a [(&'a str, &'a dyn Display)];

/// What an Event says, being gathered. Each fact is for the eyes named last; at first for all.
#[derive(Debug, Clone)]
pub struct Facts {
    facts: Vec<Fact>,
    eyes: Eyes,
    other: Option<String>,
}

impl Default for Facts {
    fn default() -> Self {
        Self { facts: Vec::new(), eyes: Eyes::All, other: None }
    }
}

impl Facts {
    /// What follows is for the side of the Event's account of this number.
    #[must_use]
    pub fn on(self, side: u8) -> Self {
        Self { eyes: Eyes::Side(side), ..self }
    }

    /// What the Event's subject is on the second account's side.
    #[must_use]
    pub fn other(self, subject: impl Display) -> Self {
        Self { other: Some(subject.to_string()), ..self }
    }

    /// Something is so.
    #[must_use]
    pub fn is(self, name: &str, value: impl Display) -> Self {
        let eyes = self.eyes;
        self.with(name, eyes, Value::Is(value.to_string()))
    }

    /// Something was so and is otherwise; nothing is said where both are the same.
    #[must_use]
    pub fn was(self, name: &str, before: impl Display, after: impl Display) -> Self {
        let eyes = self.eyes;
        self.change(name, eyes, Some(before.to_string()), Some(after.to_string()))
    }

    /// Something is so, and what it was where that differs.
    #[must_use]
    pub fn now<T: Display + PartialEq>(self, name: &str, before: T, after: T) -> Self {
        if before == after { self.is(name, after) } else { self.was(name, before, after) }
    }

    /// Whatever differs between a record as it was and as it is; none where it was not, or is no more.
    #[must_use]
    pub fn between<R: Told>(self, before: Option<&R>, after: Option<&R>) -> Self {
        let eyes = self.eyes;
        let told = |record: Option<&R>| record.map(|record| record.told(eyes)).unwrap_or_default();
        let (before, after) = (told(before), told(after));
        let names = if after.is_empty() { &before } else { &after };
        let value = |told: &[(&str, Eyes, Option<String>)], at: usize| told.get(at).and_then(|one| one.2.clone());
        names
            .iter()
            .enumerate()
            .fold(self, |facts, (at, (name, eyes, _))| facts.change(name, *eyes, value(&before, at), value(&after, at)))
    }

    fn change(self, name: &str, eyes: Eyes, before: Option<String>, after: Option<String>) -> Self {
        if before == after { self } else { self.with(name, eyes, Value::Was(before, after)) }
    }

    fn with(mut self, name: &str, eyes: Eyes, value: Value) -> Self {
        self.facts.push(Fact { name: name.to_owned(), eyes, value });
        self
    }
}

impl From<Detail<'_>> for Facts {
    fn from(detail: Detail<'_>) -> Self {
        detail.iter().fold(Self::default(), |facts, (name, value)| facts.is(name, value))
    }
}

impl Draft<'_> {
    /// Appends the command's one Event to the chain and to the side of each of its accounts.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn event(
        &mut self,
        context: &Context<'_>,
        verb: Verb,
        accounts: &[AccountId],
        subject: impl Display,
        detail: Detail<'_>,
    ) -> Result<(), Fault> {
        self.event_with(context, verb, accounts, subject, detail.into())
    }

    /// [`Draft::event`] with what changed, or with something that is not for both sides.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn event_with(
        &mut self,
        context: &Context<'_>,
        verb: Verb,
        accounts: &[AccountId],
        subject: impl Display,
        facts: Facts,
    ) -> Result<(), Fault> {
        let head: EventHead = self.record(EventHead::KEY)?.unwrap_or_default();
        let mut accounts = accounts.to_vec();
        accounts.dedup();
        let event = Event {
            number: head.number + 1,
            at: context.now,
            actor: context.actor.name.to_string(),
            home: context.actor.member.map(|(home, _)| home),
            from: context.actor.from,
            accounts,
            verb,
            subject: subject.to_string(),
            other: facts.other,
            moves: self.take_moves(),
            facts: facts.facts,
            previous: head.hash,
        };
        for account in &event.accounts {
            self.put_raw(Table::AccountEvents, Event::side(*account, event.number), vec![]);
        }
        self.put(&EventHead { number: event.number, hash: Event::hash(&row::encode(&event)) });
        self.put(&event);
        Ok(())
    }
}
