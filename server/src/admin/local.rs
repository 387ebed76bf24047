//! What only the operator of this machine may ask of a running server: at the Unix socket, and in no document of the API.
//!
//! | call | does |
//! |---|---|
//! | `POST /api/v1/local/clock/accept` | takes the machine's clock for right |

use super::auth::Caller;
use super::problem::Problem;
use super::value::When;
use crate::app::App;
use crate::writer::NotWritten;
use axum::routing::post;
use axum::{Json, Router};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_protocol::Time;
use serde::Serialize;
use std::sync::Arc;

/// The local routes over an application.
pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/api/v1/local/clock/accept", post(accept_clock)).with_state(app)
}

/// What was believed, and what is now.
#[derive(Debug, Serialize)]
struct Accepted {
    /// The time as it is from now on.
    now: When,
    /// The time that was believed before; none if the clock was believed already.
    before: Option<When>,
}

/// Takes the machine's clock for right. Returns what was believed before, if that was something else.
///
/// # Errors
/// [`NotWritten`].
pub async fn take_clock(app: &App, actor: Actor) -> Result<Option<Time>, NotWritten> {
    let before = app.clock.accept();
    if let Some(believed) = before {
        app.send(actor, Command::AcceptClock { believed }).await?;
    }
    Ok(before)
}

async fn accept_clock(caller: Caller) -> Result<Json<Accepted>, Problem> {
    let before = take_clock(&caller.app, caller.actor.clone()).await?;
    Ok(Json(Accepted { now: When(caller.now()), before: before.map(When) }))
}
