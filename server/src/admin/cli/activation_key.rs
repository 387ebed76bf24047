//! `leasehold activation-key ...`.

use super::call::{Call, Limit, Whose, fields};
use clap::Subcommand;
use hyper::Method;

/// Activation keys, under which licences are made
#[derive(Debug, Subcommand)]
pub enum ActivationKeyVerb {
    /// Make an activation key
    #[command(after_help = "Example: leasehold activation-key add 'Example Ltd' --account 0190163d-...")]
    Add {
        /// Its name, which every lease carries as the licensee's
        name: String,
        /// Its code; drawn at random unless given
        #[arg(long)]
        code: Option<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// List the activation keys of an account
    #[command(after_help = "Example: leasehold activation-key list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
}

impl ActivationKeyVerb {
    pub(super) fn call(self) -> Call {
        match self {
            ActivationKeyVerb::Add { name, code, whose } => {
                let body = fields([("name", name.into()), ("code", code.into())]);
                Call::send(Method::POST, whose.path("/activation-keys"), body)
            }
            ActivationKeyVerb::List { whose, limit } => {
                let columns = &["id", "licensee", "code", "state", "in_use", "created"];
                Call::list(whose.path("/activation-keys"), columns, &limit)
            }
        }
    }
}
