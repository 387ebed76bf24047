//! `leasehold config ...` and `leasehold job ...`.

use super::failure::Failure;
use crate::admin::cli::control;
use crate::config::Config;
use crate::jobs::runner::Job;
use crate::mail::smtp;
use std::path::{Path, PathBuf};

/// Settings
#[derive(Debug, clap::Subcommand)]
pub enum ConfigVerb {
    /// Print the settings that are in force
    #[command(after_help = "Example: leasehold config show --config /etc/leasehold.toml")]
    Show {
        /// Settings (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check a settings file
    #[command(after_help = "Example: leasehold config check /etc/leasehold.toml")]
    Check {
        /// Settings (TOML)
        #[arg(value_name = "FILE")]
        config: PathBuf,
    },
}

/// Jobs of a running server
#[derive(Debug, clap::Subcommand)]
pub enum JobVerb {
    /// List the jobs, when they run and when they last ran
    List,
    /// Run one now
    #[command(after_help = "Example: leasehold job run lapse")]
    Run {
        /// Its name
        name: String,
    },
}

pub(super) fn config(path: Option<&Path>) -> Result<Config, Failure> {
    let read = path.map_or_else(|| Ok(Config::default()), Config::read);
    read.map_err(|error| Failure::usage(error, "`leasehold config show` prints every setting with its default"))
}

pub(super) fn run_config(verb: &ConfigVerb, json: bool) -> Result<(), Failure> {
    match verb {
        ConfigVerb::Check { config: path } => {
            let config = config(Some(path))?;
            config.mail.smtp.as_ref().map(smtp::check_files).transpose()?;
            println!("{} is good", path.display());
        }
        ConfigVerb::Show { config: path } => {
            let config = config(path.as_deref())?;
            let text =
                if json { serde_json::to_string_pretty(&config).ok() } else { toml::to_string_pretty(&config).ok() };
            println!("{}", text.unwrap_or_default().trim_end());
        }
    }
    Ok(())
}

pub(super) fn run_job(verb: &JobVerb, data: &Path, json: bool) -> std::process::ExitCode {
    match verb {
        JobVerb::List => control(data, "GET", "/api/v1/jobs", json),
        JobVerb::Run { name } => match Job::named(name) {
            Some(job) => control(data, "POST", &format!("/api/v1/jobs/{}/run", job.name()), json),
            None => {
                let names = Job::ALL.map(Job::name).join(", ");
                Failure::usage(format!("there is no job {name:?}"), format!("the jobs are {names}")).report(json)
            }
        },
    }
}
