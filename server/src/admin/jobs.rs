//! Jobs of the server: when each ran last, and running one now. For the vendor's administrators.

use super::auth::Caller;
use super::docs::{Reads, Writes};
use super::extract::Path;
use super::page::Page;
use super::problem::Problem;
use super::value::When;
use crate::jobs::runner::{self, Job};
use axum::Json;
use leasehold_ledger::rule::housekeeping::job_ran_at;
use serde::Serialize;
use utoipa::ToSchema;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// Its name.
    pub name: &'static str,
    /// When it runs: second, minute, hour, day, month, weekday, in UTC.
    pub schedule: &'static str,
    /// When it last ran to its end.
    pub last_run: Option<When>,
}

/// What a job did.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobRun {
    /// Its name.
    pub name: &'static str,
    /// How many things it did.
    pub done: u64,
}

/// The jobs.
#[utoipa::path(get, path = "/jobs", tag = "jobs",
    responses((status = 200, description = "All jobs.", body = Page<JobView>), Reads))]
pub async fn list_jobs(caller: Caller) -> Result<Json<Page<JobView>>, Problem> {
    caller.look(|sight| {
        sight.draft.vendor_admin(&caller.actor)?;
        let view = |job: Job| {
            let last_run = job_ran_at(&sight.draft, job.name())?.map(When);
            Ok(JobView { name: job.name(), schedule: job.cron(), last_run })
        };
        let items = Job::ALL.into_iter().map(view).collect::<Result<_, Problem>>()?;
        Ok(Json(Page::new(items, None)))
    })
}

/// Runs a job now and waits for its end.
#[utoipa::path(post, path = "/jobs/{job}/run", tag = "jobs",
    params(("job" = String, Path, description = "The job's name.")),
    responses((status = 200, description = "What it did.", body = JobRun), Writes))]
pub async fn run_job(caller: Caller, Path(name): Path<String>) -> Result<Json<JobRun>, Problem> {
    caller.look(|sight| Ok(sight.draft.vendor_admin(&caller.actor)?))?;
    let job = Job::named(&name).ok_or_else(Problem::out_of_reach)?;
    let done = runner::run(&caller.app, job).await?;
    Ok(Json(JobRun { name: job.name(), done }))
}
