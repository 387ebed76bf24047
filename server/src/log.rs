//! The log: one line an event on standard error, JSON if asked for. `LEASEHOLD_LOG` says how much (default `info`).

use tracing_subscriber::EnvFilter;

/// Starts logging.
pub fn start() {
    let filter =
        EnvFilter::try_from_env("LEASEHOLD_LOG").unwrap_or_else(|_| EnvFilter::new("info,tokio_cron_scheduler=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let json = std::env::var_os("LEASEHOLD_LOG_JSON").is_some_and(|value| value == "1");
    if json { log.json().init() } else { log.init() }
}
