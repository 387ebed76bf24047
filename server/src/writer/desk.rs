//! Where the connections of one runtime wait for the writer. Answers are laid on the desk, and the runtime is woken once a batch:
//! to wake each connection from the writer's thread would cost a system call for every check.

use super::queue::Reply;
use leasehold_ledger::{Fault, Outcome};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};

/// What the writer says to one command.
pub(super) type Answer = Result<Outcome, Fault>;

/// The desk of one runtime.
#[derive(Debug, Default)]
pub struct Desk {
    answers: Mutex<Vec<(oneshot::Sender<Answer>, Answer)>>,
    wake: Notify,
}

impl Desk {
    /// Hands out what is laid here, for ever. Runs on the desk's own runtime.
    pub async fn hand_out(&self) {
        loop {
            self.wake.notified().await;
            let answers = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
            for (reply, answer) in answers {
                reply.send(answer).ok(); // the connection may be gone; the command is done all the same
            }
        }
    }

    fn lay(&self, reply: oneshot::Sender<Answer>, answer: Answer) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push((reply, answer));
    }
}

/// Answers a batch: each command at its desk, each desk woken once. One that came without a desk is answered directly.
pub(super) fn answer(batch: impl Iterator<Item = (Reply, Answer)>) {
    let mut desks = Vec::new();
    for (Reply { to, desk }, answer) in batch {
        match desk {
            Some(desk) => {
                desk.lay(to, answer);
                if !desks.iter().any(|known| std::sync::Arc::ptr_eq(known, &desk)) {
                    desks.push(desk);
                }
            }
            None => drop(to.send(answer)),
        }
    }
    desks.iter().for_each(|desk| desk.wake.notify_one());
}
