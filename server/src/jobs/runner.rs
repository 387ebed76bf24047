//! Runs jobs: one at a time, caught up at the start, joined at the end.

use super::{forget, lapse, notices, renewals};
use crate::app::App;
use crate::net::shutdown::Shutdown;
use crate::writer::NotWritten;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::rule::housekeeping::job_ran_at;
use leasehold_protocol::Time;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio_cron_scheduler::{Job as Trigger, JobScheduler, JobSchedulerError};

/// A job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// [`lapse`].
    Lapse,
    /// [`renewals`].
    Renewals,
    /// [`forget`].
    Forget,
    /// [`notices`].
    Notices,
}

impl Job {
    /// Every job.
    pub const ALL: [Job; 4] = [Job::Lapse, Job::Renewals, Job::Forget, Job::Notices];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Job::Lapse => "lapse",
            Job::Renewals => "renewals",
            Job::Forget => "forget",
            Job::Notices => "notices",
        }
    }

    /// When it runs (second minute hour day month weekday, UTC).
    #[must_use]
    pub const fn cron(self) -> &'static str {
        match self {
            Job::Lapse => "0 */5 * * * *",
            Job::Renewals => "10 0 * * * *",
            Job::Forget => "40 20 * * * *",
            Job::Notices => "20 30 6 * * *",
        }
    }

    /// Seconds after which a missed run is caught up.
    const fn period(self) -> i64 {
        match self {
            Job::Lapse => 300,
            Job::Renewals | Job::Forget => 3600,
            Job::Notices => 86_400,
        }
    }

    /// The job with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.name() == name)
    }
}

/// Held by the job that runs, whether the clock or a person asked for it.
static RUNNING: Mutex<()> = Mutex::const_new(());

/// Does one job now and remembers that it ran. Returns how many things it did.
///
/// # Errors
/// [`NotWritten`].
pub async fn run(app: &App, job: Job) -> Result<u64, NotWritten> {
    let _one_at_a_time = RUNNING.lock().await;
    let done = match job {
        Job::Lapse => lapse::run(app).await?,
        Job::Renewals => renewals::run(app).await?,
        Job::Forget => forget::run(app).await?,
        Job::Notices => notices::run(app).await?,
    };
    let at = app.clock.now();
    app.send(Actor::system("jobs"), Command::JobRan { name: job.name().to_owned(), at }).await?;
    app.metrics.job_success.with_label_values(&[job.name()]).set(seconds(at));
    Ok(done)
}

/// Seconds since 1970 as metrics have them; exact until far beyond the year 9999.
#[allow(clippy::cast_precision_loss, reason = "53 bits hold every time that travels")]
#[must_use]
pub fn seconds(at: Time) -> f64 {
    at.0 as f64
}

/// Fires and runs jobs until the signal.
///
/// # Errors
/// The scheduler's, when it does not start.
pub async fn serve(app: Arc<App>, mut shutdown: Shutdown) -> Result<(), JobSchedulerError> {
    let (fire, mut fired) = mpsc::channel(Job::ALL.len());
    let mut scheduler = JobScheduler::new().await?;
    for job in Job::ALL {
        if is_overdue(&app, job) {
            fire.try_send(job).ok();
        }
        let fire = fire.clone();
        let trigger = Trigger::new(job.cron(), move |_, _| {
            fire.try_send(job).ok(); // still running or waiting: this time is skipped
        })?;
        scheduler.add(trigger).await?;
    }
    scheduler.start().await?;
    loop {
        let job = tokio::select! {
            Some(job) = fired.recv() => job,
            () = shutdown.wait() => break,
        };
        let ran = tokio::select! {
            ran = run(&app, job) => ran,
            () = shutdown.wait() => break, // what it sent is whole; the next run goes on
        };
        if let Err(error) = ran {
            tracing::error!(job = job.name(), %error, "a job failed");
        }
    }
    scheduler.shutdown().await
}

fn is_overdue(app: &App, job: Job) -> bool {
    let last = app.view().ok().and_then(|view| job_ran_at(view.as_ref(), job.name()).ok().flatten());
    last.is_none_or(|last| app.clock.now().0 - last.0 >= job.period())
}
