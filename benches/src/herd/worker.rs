//! A worker: a connection, and one console after the other on it.

use super::fleet::Message;
use super::queue::{Due, Queue};
use super::tally::Tally;
use super::wire::{self, Connection};
use super::{Arrivals, Keep, Plan, Retry, Windows};
use leasehold::clock;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// How long a console waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A run under way.
pub struct Run<'a> {
    /// What is to be done.
    pub plan: &'a Plan,
    /// One a console.
    pub messages: &'a [Message],
    /// Who is due.
    pub queue: Queue,
    /// What came of it so far.
    pub tally: RefCell<Tally>,
    /// When it began.
    pub started: Instant,
}

/// Serves consoles one after the other until all are done.
pub async fn work(run: &Run<'_>) {
    let mut connection = None;
    while let Some(due) = run.queue.next().await {
        let sent = clock::instant();
        run.tally.borrow_mut().came(sent.duration_since(run.started));
        let message = &run.messages[due.at as usize];
        let heard = tokio::time::timeout(PATIENCE, exchange(run.plan, message, &mut connection)).await;
        let heard = heard.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        let mut tally = run.tally.borrow_mut();
        match heard {
            Ok(answer) => {
                let body = connection.as_ref().map_or(&[][..], |connection: &Connection| connection.body(&answer));
                tally.heard(due.at, answer.status, sent.elapsed(), body);
                if answer.status == 200 {
                    served(run, &mut tally, due, body);
                }
                if !answer.stays || run.plan.keep == Keep::OnePerCheck {
                    connection = None;
                }
                match answer.status {
                    503 if run.plan.retry == Retry::AsConsoles => run.queue.again(due, answer.retry_after, run.started),
                    _ => run.queue.done(),
                }
            }
            Err(error) => {
                connection = None;
                tally.unheard(&error);
                match run.plan.retry {
                    Retry::AsConsoles => run.queue.again(due, 0, run.started),
                    Retry::Never => run.queue.done(),
                }
            }
        }
    }
}

/// A console has its lease: how long after it was due, and when it comes again.
fn served(run: &Run<'_>, tally: &mut Tally, due: Due, body: &[u8]) {
    if run.plan.windows == Windows::Read {
        tally.window(due.at, body);
    }
    if let Arrivals::At(moments) = &run.plan.arrivals {
        let wait = run.started.elapsed().as_secs_f64() - moments[due.at as usize];
        tally.waits.push(wait as f32);
    }
}

async fn exchange(plan: &Plan, message: &Message, open: &mut Option<Connection>) -> std::io::Result<wire::Answer> {
    if let Some(connection) = open {
        match connection.exchange(&message.request).await {
            // The server closes what was idle for 5 s, perhaps while this was under way: as any client, ask anew.
            Err(error) if connection.is_used() && error.kind() != std::io::ErrorKind::InvalidData => {}
            heard => return heard,
        }
    }
    let connection = open.insert(Connection::open(&plan.target, wire::source(message.console.0)).await?);
    connection.exchange(&message.request).await
}
