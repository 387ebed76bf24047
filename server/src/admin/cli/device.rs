//! `leasehold device ...`: devices, and those that wait to be licensed.

use super::call::{Call, KindCount, Limit, Show, Whose, fields, units};
use clap::Subcommand;
use hyper::Method;
use serde_json::{Value, json};

/// Devices
#[derive(Debug, Subcommand)]
pub enum DeviceVerb {
    /// List the devices of an account, and how they do
    #[command(after_help = "Example: leasehold device list --account 0190163d-...")]
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Give a device another name
    #[command(after_help = "Example: leasehold device rename 2f1d4e0a9b8c7d6e5f40312233445566 'till 4'")]
    Rename {
        /// Its id
        id: String,
        /// What people call it; without one it has none
        name: Option<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Tell a device's life, newest first
    #[command(after_help = "Example: leasehold device life 2f1d4e0a9b8c7d6e5f40312233445566 --limit 20")]
    Life {
        /// Its id
        id: String,
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show what a device has in hand, claim by claim, and what happened to it last
    #[command(after_help = "Example: leasehold device show 2f1d4e0a9b8c7d6e5f40312233445566")]
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// List the devices that announced themselves and wait to be licensed
    #[command(after_help = "Example: leasehold device waiting --account 0190163d-...")]
    Waiting {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        limit: Limit,
    },
    /// Give a waiting device a key; it gets its lease when it asks for the next time
    #[command(
        after_help = "Example: leasehold device license 2f1d4e0a9b8c7d6e5f40312233445566 --key 0190163d-... --units OBM=4"
    )]
    License {
        /// Its id
        id: String,
        /// The key's id
        #[arg(long, value_name = "ID")]
        key: String,
        /// Units of it; without this all the key gives
        #[arg(long, value_name = "KIND=N", value_delimiter = ',')]
        units: Vec<KindCount>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Turn a waiting device away
    #[command(after_help = "Example: leasehold device turn-away 2f1d4e0a9b8c7d6e5f40312233445566")]
    TurnAway {
        /// Its id
        id: String,
        #[command(flatten)]
        whose: Whose,
    },
}

impl DeviceVerb {
    pub(super) fn call(self) -> Call {
        match self {
            DeviceVerb::List { whose, limit } => {
                let columns = &["id", "name", "health", "in_use", "first_seen", "last_seen"];
                Call::list(whose.path("/devices"), columns, &limit)
            }
            DeviceVerb::Rename { id, name, whose } => {
                Call::send(Method::PATCH, whose.path(&format!("/devices/{id}")), json!({ "name": name }))
            }
            DeviceVerb::Life { id, whose, limit } => {
                let columns = &["number", "at", "actor", "verb", "detail", "changes"];
                Call::list(whose.path(&format!("/devices/{id}/life")), columns, &limit)
            }
            DeviceVerb::Show { id, whose } => Call::show(whose.path(&format!("/devices/{id}/life?limit=10"))),
            DeviceVerb::Waiting { whose, limit } => {
                let columns = &["id", "name", "product", "version", "state", "announced", "heard"];
                Call::list(whose.path("/waiting-devices"), columns, &limit)
            }
            DeviceVerb::License { id, key, units: counts, whose } => {
                let wanted = if counts.is_empty() { Value::Null } else { units(&counts) };
                let body = fields([("key", key.into()), ("units", wanted)]);
                let path = whose.path(&format!("/waiting-devices/{id}/license"));
                let done = format!("device {id} gets its lease when it asks");
                Call { show: Show::Done(done), ..Call::send(Method::POST, path, body) }
            }
            DeviceVerb::TurnAway { id, whose } => {
                Call::delete(whose.path(&format!("/waiting-devices/{id}")), format!("device {id} is turned away"))
            }
        }
    }
}
