//! Carrying out what the state machine decides, and what it came to.

use super::Client;
use crate::failure::Failure;
use crate::folder::Record;
use crate::http::Wire;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::machine::{Action, Event, Notice, Random};
use ring::rand::SecureRandom;
use std::collections::VecDeque;

/// Messages one verb may exchange; what is still open then waits for the next tick.
const EXCHANGES_MAX: u32 = 16;

/// What one event led to.
#[derive(Default)]
pub(super) struct Outcome {
    pub notices: Vec<Notice>,
    written: Option<(Label, Vec<u8>)>,
    unheard: Option<String>,
}

impl Client {
    /// As [`Client::ask`], where a server is known: a release that cannot leave must not make a lease unusable.
    pub(super) fn ask_server(&mut self, event: Event) -> Result<Vec<Notice>, Failure> {
        self.wire()?;
        self.ask(event)
    }

    /// The notices, if what was asked for was done.
    pub(super) fn ask(&mut self, event: Event) -> Result<Vec<Notice>, Failure> {
        let outcome = self.drive(event)?;
        let done = outcome.notices.iter().any(Notice::is_success);
        match self.verdict(&outcome) {
            Some(failure) if !done => Err(failure),
            _ => Ok(outcome.notices),
        }
    }

    pub(super) fn write_file(&mut self, event: Event) -> Result<String, Failure> {
        let outcome = self.drive(event)?;
        match (&outcome.written, self.verdict(&outcome)) {
            (Some((label, bytes)), _) => Ok(armour::wrap(*label, bytes)),
            (None, failure) => Err(failure.unwrap_or_else(|| self.unanswered(None))),
        }
    }

    pub(super) fn fetch_keyset(&mut self) -> Result<(), Failure> {
        let bytes = self.wire()?.keyset().map_err(|reason| self.unanswered(Some(reason)))?;
        let outcome = self.drive(Event::Keyset(bytes))?;
        self.verdict(&outcome).map_or(Ok(()), Err)
    }

    /// What stood in the way, if anything: a refusal before a doubt, a doubt before silence.
    pub(super) fn verdict(&self, outcome: &Outcome) -> Option<Failure> {
        let found = |pick: fn(&Notice) -> Option<Failure>| outcome.notices.iter().rev().find_map(pick);
        let no = found(|notice| match notice {
            Notice::Refused(refusal) => Some(Failure::Refused(*refusal)),
            Notice::Cannot(cannot) => Some(Failure::Cannot(cannot.clone())),
            _ => None,
        });
        let doubt = || {
            found(|notice| match notice {
                Notice::NotAccepted(why) => Some(Failure::NotAccepted(why.clone())),
                _ => None,
            })
        };
        let status = |notice: &Notice| match notice {
            Notice::Unanswered { status, .. } => Some(*status),
            _ => None,
        };
        let silence = || {
            let status = outcome.notices.iter().rev().find_map(status)?;
            let reason = outcome.unheard.clone().or(status.map(|status| format!("HTTP {status}")));
            Some(self.unanswered(reason))
        };
        no.or_else(doubt).or_else(silence)
    }

    fn unanswered(&self, reason: Option<String>) -> Failure {
        let server = self.settings.server.clone().unwrap_or_default();
        Failure::Unanswered { server, reason: reason.unwrap_or_else(|| "nothing was answered".into()) }
    }

    fn wire(&self) -> Result<Wire, Failure> {
        Wire::to(self.settings.server.as_deref().ok_or_else(Failure::no_server)?, &self.settings)
    }

    /// Takes an event, carries out what follows, and so on until there is nothing left to do.
    pub(super) fn drive(&mut self, event: Event) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        let mut events = VecDeque::from([event]);
        let mut exchanges = 0;
        while let Some(event) = events.pop_front() {
            let random = self.draw()?;
            for action in self.machine.step(event, self.clock.now(), random) {
                exchanges += u32::from(matches!(action, Action::Send { .. } | Action::FetchKeyset));
                if exchanges > EXCHANGES_MAX {
                    return Ok(outcome);
                }
                events.extend(self.act(action, &mut outcome)?);
            }
        }
        Ok(outcome)
    }

    fn act(&mut self, action: Action, outcome: &mut Outcome) -> Result<Option<Event>, Failure> {
        match action {
            Action::Save => self.save()?,
            Action::Send { kind, bytes } => {
                return Ok(Some(match self.wire()?.post(kind.path(), &bytes) {
                    Ok(reply) => {
                        Event::Answer { status: reply.status, body: reply.body, retry_after: reply.retry_after }
                    }
                    Err(reason) => {
                        outcome.unheard = Some(reason);
                        Event::NoAnswer
                    }
                }));
            }
            Action::FetchKeyset => return Ok(Some(self.wire()?.keyset().map_or(Event::NoKeyset, Event::Keyset))),
            Action::Write { label, bytes } => outcome.written = Some((label, bytes)),
            Action::Wait(until) => self.wake = Some(until),
            Action::Show(notice) => outcome.notices.push(notice),
        }
        Ok(None)
    }

    fn draw(&self) -> Result<Random, Failure> {
        let mut bytes = [0; 24];
        self.random.fill(&mut bytes).map_err(|_| Failure::Randomness)?;
        Ok(Random(bytes))
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        match &self.lock {
            Some(_) => self.folder.write(&Record::new(self.settings.clone(), self.machine.state().clone())),
            None => Err(Failure::InUse(self.folder.path().to_owned())),
        }
    }
}
