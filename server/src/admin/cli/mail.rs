//! `leasehold mail ...`.

use super::call::{Call, Limit, Show};
use clap::{Subcommand, ValueEnum};

/// Mail to people
#[derive(Debug, Subcommand)]
pub enum MailVerb {
    /// List the mails of a state, oldest first, without their words
    #[command(after_help = "Example: leasehold mail list --state failed")]
    List {
        /// Which
        #[arg(long, value_enum, default_value_t = State::Waiting)]
        state: State,
        #[command(flatten)]
        limit: Limit,
    },
    /// Read a mail, with a new link in it
    ///
    /// For who has no mail server: read the mail and hand on its words. The link is drawn for this reading and works once; links
    /// in earlier copies of the same mail no longer work, and if the mail is sent later, neither does this one.
    #[command(after_help = "Example: leasehold mail show 12")]
    Show {
        /// Its number
        id: u64,
    },
}

/// Which mails.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum State {
    /// To be sent.
    Waiting,
    /// A mail server has them.
    Sent,
    /// Given up.
    Failed,
    /// Never sent: what they say is no longer so, or a newer one says it.
    Withdrawn,
    /// Every one.
    All,
}

const COLUMNS: &[&str] = &["id", "kind", "to", "state", "created", "failed_tries", "next_try", "last_error"];

impl MailVerb {
    pub(super) fn call(self) -> Call {
        match self {
            MailVerb::List { state, limit } => {
                let path = match state {
                    State::Waiting => "/local/mails/in/waiting",
                    State::Sent => "/local/mails/in/sent",
                    State::Failed => "/local/mails/in/failed",
                    State::Withdrawn => "/local/mails/in/withdrawn",
                    State::All => "/local/mails",
                };
                Call::list(path.into(), COLUMNS, &limit)
            }
            MailVerb::Show { id } => Call { show: Show::Letter, ..Call::act(format!("/local/mails/{id}/show")) },
        }
    }
}
