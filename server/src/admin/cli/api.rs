//! `leasehold api METHOD PATH`: anything the API has.

use super::call::{Call, Payload};
use super::license::read;
use super::trouble::Trouble;
use crate::cli::failure::Failure;
use std::path::Path;

/// Send any request to the API of a running server
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: leasehold api POST /api/v1/accounts --body '{\"name\": \"Example Labs\", ...}'")]
pub struct Args {
    /// GET, POST, PUT, PATCH or DELETE
    method: String,
    /// The path; see /api/v1/openapi.json
    path: String,
    /// The JSON body; - for standard input
    #[arg(long, value_name = "JSON|-")]
    body: Option<String>,
}

impl Args {
    pub(super) fn call(self) -> Result<Call, Trouble> {
        let mut call = Call::raw(&self.method, &self.path)?;
        if let Some(given) = self.body {
            let text = if given == "-" { read(Path::new("-"))? } else { given.into_bytes() };
            let json = serde_json::from_slice(&text);
            let hint = "quote it for the shell, or send it through standard input with --body -";
            let json = json.map_err(|error| Failure::usage(format!("the body is not JSON: {error}"), hint))?;
            call.body = Payload::Json(json);
        }
        Ok(call)
    }
}
