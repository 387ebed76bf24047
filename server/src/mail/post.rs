//! The post office: one mail at a time, the one that is due longest first, in the control plane's thread. Invitations and notices come
//! after all others: hundreds of them may be posted at once, and somebody waits for each of the others.

use super::message::{Envelope, message};
use super::render::{NotRendered, render};
use super::retry;
use super::smtp::{SetupError, Transport};
use crate::app::App;
use crate::config::{self, Config, PortalAddress, Smtp};
use crate::net::shutdown::Shutdown;
use crate::random;
use crate::writer::NotWritten;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::People;
use leasehold_ledger::people::mails_due;
use leasehold_ledger::record::{Mail, MailId};
use leasehold_ledger::store::{StoreError, Table};
use leasehold_ledger::{Command, Fault};
use leasehold_protocol::{Refused, Time};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::sleep;

/// Between two looks at the outbox.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After a try that no other mail would have survived either.
const PAUSE: Duration = Duration::from_secs(60);
/// For the mail that is being handed over when the server goes down.
const LAST_MAIL: Duration = Duration::from_secs(5);
/// Mails that are due, among which one goes before those that can wait.
const AHEAD_MAX: usize = 1000;
/// Rows counted for the metric; more are shown as so many.
const COUNT_MAX: usize = 10_000;
/// Characters of an error that are kept.
const ERROR_LEN_MAX: usize = 300;

/// What a server needs to write mail.
#[derive(Debug)]
pub struct Post {
    /// What stands in it, and who takes it.
    pub settings: config::Mail,
    /// What every link begins with.
    pub portal: PortalAddress,
}

/// What became of the mail whose turn it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// None was due.
    Idle,
    /// The mail server has it.
    Sent(MailId),
    /// It is tried again, or given up.
    Failed(MailId),
    /// As before, and the next one would not fare better now.
    Blocked(MailId),
}

impl Post {
    /// By the settings of a server whose portal listens at `portal`.
    ///
    /// # Errors
    /// [`SetupError`]: what the settings name cannot be used.
    pub fn new(config: &Config, portal: SocketAddr) -> Result<Self, SetupError> {
        let settings = config.mail.clone();
        let portal = settings.portal.clone().unwrap_or_else(|| PortalAddress::of_listener(portal));
        let post = Self { settings, portal };
        post.settings.smtp.as_ref().map(|smtp| post.open(smtp)).transpose()?;
        Ok(post)
    }

    fn open(&self, smtp: &Smtp) -> Result<Transport, SetupError> {
        Transport::open(smtp, &self.portal.greeting())
    }

    /// Sends the mail whose turn it is, if one is due.
    ///
    /// # Errors
    /// [`NotRendered`] when the store or the writer is in the way; the mail still waits.
    pub async fn step(&self, app: &App) -> Result<Step, NotRendered> {
        let Some(smtp) = &self.settings.smtp else { return Ok(Step::Idle) };
        let Some(mail) = due(app)? else { return Ok(Step::Idle) };
        if retry::is_stale(&mail, app.clock.now()) {
            failed(app, &mail, "not sent in the three days after it was posted", None).await?;
            return Ok(Step::Failed(mail.id));
        }
        let (why, is_blocked) = match self.hand_over(app, smtp, &mail).await {
            Ok(()) => {
                send(app, People::MailSent { mail: mail.id }).await?;
                app.metrics.mail.tries.with_label_values(&["sent"]).inc();
                return Ok(Step::Sent(mail.id));
            }
            Err(Unsent::Never(why)) => {
                failed(app, &mail, &why, None).await?;
                return Ok(Step::Failed(mail.id));
            }
            Err(Unsent::NotNow(error)) => return Err(error),
            Err(Unsent::Later { why, is_blocked }) => (why, is_blocked),
        };
        failed(app, &mail, &why, retry::next_try(&mail, app.clock.now())).await?;
        Ok(if is_blocked { Step::Blocked(mail.id) } else { Step::Failed(mail.id) })
    }

    async fn hand_over(&self, app: &App, smtp: &Smtp, mail: &Mail) -> Result<(), Unsent> {
        let later = |why: String, is_blocked| Unsent::Later { why, is_blocked };
        // Opened each time: the password's file may have been changed.
        let transport = self.open(smtp).map_err(|error| later(error.to_string(), true))?;
        let from = self.settings.from.as_ref().ok_or_else(|| later("mail.from is not set".into(), true))?;
        let rendered = render(app, (&self.settings, &self.portal), (actor(), mail)).await?;
        let envelope = Envelope {
            from,
            reply_to: self.settings.reply_to.as_ref(),
            name: rendered.name,
            to: &mail.to,
            at: app.clock.now(),
            id: format!("{}.{}", mail.id, random::id(app.clock.now()).simple()),
        };
        let message = message(&rendered.letter, &envelope).map_err(Unsent::Never)?;
        transport.send(&message).await.map_err(|undelivered| later(undelivered.why, undelivered.concerns_all))
    }
}

/// Why a mail is not with the mail server.
enum Unsent {
    /// The ledger says that it is not to be sent, or there is no such address.
    Never(String),
    /// The store or the writer is in the way.
    NotNow(NotRendered),
    /// It was not taken.
    Later { why: String, is_blocked: bool },
}

impl From<NotRendered> for Unsent {
    fn from(error: NotRendered) -> Self {
        match error {
            NotRendered::NotWritten(NotWritten::Fault(Fault::Refused { refused, detail }))
                if !matches!(refused, Refused::ClockUntrusted | Refused::Quarantine) =>
            {
                Unsent::Never(format!("{detail} ({refused})"))
            }
            other => Unsent::NotNow(other),
        }
    }
}

/// The mail that is due longest and somebody waits for; else the one that is due longest.
fn due(app: &App) -> Result<Option<Mail>, StoreError> {
    let view = app.view()?;
    let mut due = mails_due(view.as_ref(), app.clock.now(), AHEAD_MAX)?;
    let first = due.iter().position(|mail| !mail.kind.can_wait()).unwrap_or_default();
    Ok((first < due.len()).then(|| due.swap_remove(first)))
}

/// How many wait, up to ten thousand.
///
/// # Errors
/// [`StoreError`].
pub fn waiting(app: &App) -> Result<usize, StoreError> {
    Ok(app.view()?.scan(Table::OutboxDue, &[], &[0xff; 17], COUNT_MAX)?.len())
}

async fn failed(app: &App, mail: &Mail, why: &str, next_try: Option<Time>) -> Result<(), NotWritten> {
    let error: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ERROR_LEN_MAX).collect();
    let result = if next_try.is_some() { "failed" } else { "given_up" };
    // The address may stand in the mail server's words: they are in the outbox, not in the log.
    tracing::warn!(
        mail = mail.id.0,
        kind = mail.kind.name(),
        result,
        "a mail was not sent: `leasehold mail list` says why"
    );
    send(app, People::MailFailed { mail: mail.id, error, next_try }).await?;
    app.metrics.mail.tries.with_label_values(&[result]).inc();
    Ok(())
}

async fn send(app: &App, people: People) -> Result<(), NotWritten> {
    app.send(actor(), Command::People(Box::new(people))).await.map(drop)
}

fn actor() -> Actor {
    Actor::system("job mail")
}

/// Sends what waits until the signal, and a little longer for the mail that is on its way then.
pub async fn serve(app: &App, post: &Post, mut shutdown: Shutdown) {
    while !shutdown.has_come() {
        let mut end = shutdown.clone();
        let cut = async {
            end.wait().await;
            sleep(LAST_MAIL).await;
        };
        let step = tokio::select! {
            step = post.step(app) => step,
            () = cut => break, // it goes out again after the next start, with another link
        };
        let pause = match step {
            Ok(Step::Sent(_) | Step::Failed(_)) => continue,
            Ok(Step::Idle) => LOOK_EVERY,
            Ok(Step::Blocked(_)) => PAUSE,
            Err(error) => {
                tracing::error!(%error, "mail cannot be sent now");
                PAUSE
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = shutdown.wait() => {}
        }
    }
}
