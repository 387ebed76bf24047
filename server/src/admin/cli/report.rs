//! `leasehold report ...`: what is used, what ends, what runs out, who is silent.

use super::call::{Call, Limit, Whose};
use clap::Subcommand;

/// Reports
#[derive(Debug, Subcommand)]
pub enum ReportVerb {
    /// What an account has and uses, by product and kind of unit
    #[command(after_help = "Example: leasehold report usage --subtree --at 2027-01-31T12:00:00Z")]
    Usage {
        #[command(flatten)]
        of: Of,
        /// As it was at this moment [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Licences and free upgrades that end soon
    #[command(after_help = "Example: leasehold report expiring --days 60 --subtree")]
    Expiring {
        #[command(flatten)]
        of: Of,
        /// Within so many days
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
    },
    /// Pools that are nearly empty
    #[command(after_help = "Example: leasehold report low-pools --below 20")]
    LowPools {
        #[command(flatten)]
        of: Of,
        /// Less than so many percent are free
        #[arg(long, value_name = "PERCENT", default_value_t = 10)]
        below: u32,
    },
    /// Consoles that were not heard of for some days
    #[command(after_help = "Example: leasehold report silent --days 3 --account 0190163d-...")]
    Silent {
        #[command(flatten)]
        of: Of,
        /// For so many days
        #[arg(long, value_name = "N", default_value_t = 7)]
        days: u32,
    },
}

/// Of what a report is.
#[derive(Debug, clap::Args)]
pub struct Of {
    #[command(flatten)]
    whose: Whose,
    /// Of all accounts below it too
    #[arg(long)]
    subtree: bool,
    #[command(flatten)]
    limit: Limit,
}

impl Of {
    fn call(&self, what: &str, columns: &'static [&'static str]) -> Call {
        let joint = if what.contains('?') { '&' } else { '?' };
        let path = self.whose.path(&format!("/reports/{what}{joint}subtree={}", self.subtree));
        Call::list(path, columns, &self.limit)
    }
}

impl ReportVerb {
    pub(super) fn call(self) -> Call {
        match self {
            ReportVerb::Usage { of, at } => {
                let what = at.map_or_else(|| "usage".to_owned(), |at| format!("usage?at={}", at.replace('+', "%2B")));
                of.call(&what, &["account_name", "product", "kind", "owned", "in_use", "free"])
            }
            ReportVerb::Expiring { of, days } => {
                let columns =
                    &["days_left", "account_name", "role", "name", "product", "units", "expires", "free_upgrade_until"];
                of.call(&format!("expiring?days={days}"), columns)
            }
            ReportVerb::LowPools { of, below } => {
                let columns = &["free_percent", "account_name", "pool", "name", "product", "quota", "free"];
                of.call(&format!("low-pools?below={below}"), columns)
            }
            ReportVerb::Silent { of, days } => {
                let columns = &["silent_days", "account_name", "device", "name", "products", "last_seen", "lease_ends"];
                of.call(&format!("silent?days={days}"), columns)
            }
        }
    }
}
