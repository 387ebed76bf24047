//! Writing the Event of a command (I13).

use crate::apply::Context;
use crate::draft::{Draft, Fault};
use crate::record::{AccountId, Event, EventHead, Verb};
use crate::row;
use crate::store::Table;
use std::fmt::Display;

/// Names and values of an Event.
pub type Detail<'a> = &'a [(&'a str, &'a dyn Display)];

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
        let head: EventHead = self.record(EventHead::KEY)?.unwrap_or_default();
        let mut accounts = accounts.to_vec();
        accounts.dedup();
        let event = Event {
            number: head.number + 1,
            at: context.now,
            actor: context.actor.name.to_string(),
            accounts,
            verb,
            subject: subject.to_string(),
            detail: detail.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect(),
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
