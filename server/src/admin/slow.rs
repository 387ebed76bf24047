//! Answers to those who come too fast or ask for too much work.

use super::problem::Problem;
use crate::identity::delays::TooFast;
use crate::identity::hashing::NotHashed;
use axum::http::StatusCode;

/// Come again after some time.
#[must_use]
pub fn too_fast(wait: TooFast) -> Problem {
    waits(wait, "too many tries failed; there is one again")
}

/// An invitation that is not mailed now.
#[must_use]
pub fn too_many_invitations(wait: TooFast) -> Problem {
    waits(wait, "too many invitations were mailed to this address or by this account; there is one again")
}

/// An import that would tell of too many users of other accounts.
#[must_use]
pub fn too_many_met(wait: TooFast) -> Problem {
    waits(wait, "too many names or addresses were somebody else's: send fewer lines at once; there is one again")
}

fn waits(TooFast(wait): TooFast, why: &str) -> Problem {
    let seconds = wait.as_secs().max(1);
    let detail = format!("{why} in {seconds} s");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_fast", "Too many requests", detail)
        .hint("Wait as Retry-After says.")
        .retry_after(seconds)
}

impl From<NotHashed> for Problem {
    fn from(error: NotHashed) -> Self {
        match error {
            NotHashed::Busy => {
                let unavailable = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(unavailable, "busy", "The server is busy", error.to_string())
                    .hint("Send it again as Retry-After says.")
            }
            NotHashed::Failed => Self::failed(error),
        }
    }
}
