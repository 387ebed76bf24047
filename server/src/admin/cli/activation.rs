//! `leasehold activation ...` and `leasehold event ...`: what there is to look at.

use super::call::{Call, Limit, Whose};
use clap::Subcommand;

/// Activations and their leases
#[derive(Debug, Subcommand)]
pub enum ActivationVerb {
    /// List the activations of an account or of a key
    #[command(after_help = "Example: leasehold activation list --key 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        /// Of this key only
        #[arg(long, value_name = "ID", conflicts_with = "account")]
        key: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// End its renewal: its units come free when what the device holds has run out
    #[command(after_help = "Example: leasehold activation stop 2f1d4e0a9b8c7d6e5f40312233445566")]
    Stop {
        /// Its id
        id: String,
    },
    /// Take a stop back
    #[command(after_help = "Example: leasehold activation resume 2f1d4e0a9b8c7d6e5f40312233445566")]
    Resume {
        /// Its id
        id: String,
    },
    /// Let another device have a dead one's units at once, on the account's reserve
    #[command(after_help = "Example: leasehold activation rehost 2f1d4e0a9b8c7d6e5f40312233445566")]
    Rehost {
        /// Its id
        id: String,
    },
    /// Show one activation and its lease
    #[command(after_help = "Example: leasehold activation show 2f1d4e0a9b8c7d6e5f40312233445566")]
    Show {
        /// Its id
        id: String,
    },
}

impl ActivationVerb {
    pub(super) fn call(self) -> Call {
        match self {
            ActivationVerb::List { whose, key, limit } => {
                let path = key.map_or_else(|| whose.path("/activations"), |key| format!("/keys/{key}/activations"));
                Call::list(path, &["id", "product", "mode", "state", "charged", "last_seen", "device"], &limit)
            }
            ActivationVerb::Stop { id } => Call::act(format!("/activations/{id}/stop")),
            ActivationVerb::Resume { id } => Call::act(format!("/activations/{id}/resume")),
            ActivationVerb::Rehost { id } => Call::act(format!("/activations/{id}/rehost")),
            ActivationVerb::Show { id } => Call::show(format!("/activations/{id}")),
        }
    }
}

/// Events: what happened
#[derive(Debug, Subcommand)]
pub enum EventVerb {
    /// List the Events of an account, newest first
    #[command(after_help = "Example: leasehold event list --account 0190163d-... --limit 20")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
}

impl EventVerb {
    pub(super) fn call(self) -> Call {
        let EventVerb::List { whose, limit } = self;
        Call::list(whose.path("/events"), &["number", "at", "actor", "verb", "subject", "detail"], &limit)
    }
}
