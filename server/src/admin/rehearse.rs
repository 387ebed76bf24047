//! What a command would come to, without doing it.

use super::auth::Caller;
use super::problem::Problem;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::People;
use leasehold_ledger::draft::{Changes, Fault};
use leasehold_ledger::store::Read;
use leasehold_ledger::{Command, Context, Outcome, Shelf, apply};
use leasehold_protocol::{Challenge, Refused, Time};

impl Caller {
    /// Sends a command about people as this caller and waits until it is durable.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn send_people(&self, command: People) -> Result<Outcome, Problem> {
        self.send(Command::People(Box::new(command))).await
    }

    /// Asks the rules that stand before a password's own what they have against a command, before a password is judged and
    /// hashed for it. What the others have against it is said when it is sent. It is the command that is sent next.
    ///
    /// # Errors
    /// The refusal of such a rule.
    pub fn rehearse(&self, command: People) -> Result<(), Problem> {
        if self.has_done_next() {
            return Ok(());
        }
        let view = self.app.view()?;
        match self.outcome(view.as_ref(), self.now(), &Command::People(Box::new(command))) {
            Err(fault) => {
                let problem = Problem::from(fault);
                let first = Refused::ALL.iter().take_while(|refused| **refused != Refused::PasswordWeak);
                let is_first = first.into_iter().any(|refused| refused.code() == problem.code());
                if is_first || problem.status().is_server_error() { Err(problem) } else { Ok(()) }
            }
            Ok(_) => Ok(()),
        }
    }

    /// What the rules make of a command over a view of the store, at a moment. Nothing is signed and nothing is written.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn outcome(&self, view: &dyn Read, now: Time, command: &Command) -> Result<(Changes, Outcome), Fault> {
        apply(view, &dry(&self.actor, now, &Shelf::default()), command)
    }
}

/// What rules are given to be asked by `actor`, at a moment: nothing is signed.
#[must_use]
pub fn dry<'a>(actor: &'a Actor, now: Time, shelf: &'a Shelf) -> Context<'a> {
    Context {
        now,
        actor,
        shelf,
        keyset_version: 0,
        lease_term_max: i64::MAX,
        challenge: &|_, _| Challenge([0; 32]),
        sign_license: &|_| Err("nothing is signed for a rehearsal".to_owned()),
    }
}
