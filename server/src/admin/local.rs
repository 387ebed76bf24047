//! What only the operator of this machine may ask of a running server: at the Unix socket, and in no document of the API.
//!
//! | call | does |
//! |---|---|
//! | `POST /api/v1/local/clock/accept` | takes the machine's clock for right |
//! | `POST /api/v1/local/quarantine/end` | ends the quarantine, whatever it was for |
//! | `POST /api/v1/local/store/backup` | copies the store to a file of this machine; answers one JSON object a line while it does |

use super::auth::Caller;
use super::problem::Problem;
use super::value::When;
use crate::app::App;
use crate::store::RedbStore;
use crate::store::backup::{self, Progress};
use crate::writer::NotWritten;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Json, Router};
use futures_util::stream::unfold;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Lines of progress that wait to be read.
const LINES_MAX: usize = 16;

/// The local routes over an application.
pub fn router(app: Arc<App>, store: Arc<RedbStore>) -> Router {
    Router::new()
        .route("/api/v1/local/clock/accept", post(accept_clock))
        .route("/api/v1/local/quarantine/end", post(end_quarantine))
        .route("/api/v1/local/store/backup", post(back_up))
        .layer(Extension(Copied { store, one_at_a_time: Arc::default() }))
        .with_state(app)
}

/// The store as the engine has it.
#[derive(Clone)]
struct Copied {
    store: Arc<RedbStore>,
    one_at_a_time: Arc<Mutex<()>>,
}

/// What to copy to.
#[derive(Debug, Serialize, Deserialize)]
pub struct BackUp {
    /// The backup's path, from the root on.
    pub out: PathBuf,
}

/// A line of the answer to [`BackUp`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// How many rows are copied, of how many.
    Rows(u64, u64),
    /// The copy is durable.
    Copied,
    /// It was given up: what happened, and what to do.
    Failed(String, String),
}

impl Told {
    fn line(&self) -> Bytes {
        let text = serde_json::to_string(self).unwrap_or_default(); // numbers and strings: always encodable
        format!("{text}\n").into()
    }
}

async fn end_quarantine(caller: Caller) -> Result<Json<serde_json::Value>, Problem> {
    caller.send(Command::EndQuarantine).await?;
    Ok(Json(serde_json::json!({ "quarantine": false })))
}

async fn back_up(
    _: Caller,
    Extension(copied): Extension<Copied>,
    Json(ask): Json<BackUp>,
) -> Result<impl IntoResponse, Problem> {
    let busy = || Problem::new(StatusCode::CONFLICT, "busy", "A backup is being written", "one is written at a time");
    let turn = copied.one_at_a_time.clone().try_lock_owned().map_err(|_| busy())?;
    let (tell, told) = mpsc::channel(LINES_MAX);
    let work = move || {
        let _turn = turn;
        let rows = |progress: Progress| {
            tell.try_send(Told::Rows(progress.rows, progress.of)).ok(); // a slow reader misses some
        };
        let done = backup::copy(&copied.store, &ask.out, &mut { rows });
        let last =
            done.map_or_else(|error| Told::Failed(error.to_string(), error.advice().to_owned()), |()| Told::Copied);
        tell.blocking_send(last).ok(); // nobody may be there any more
    };
    std::thread::Builder::new().name("backup".into()).spawn(work).map_err(Problem::failed)?;
    let next = async |mut told: mpsc::Receiver<Told>| Some((Ok::<_, Infallible>(told.recv().await?.line()), told));
    Ok(([(CONTENT_TYPE, "application/jsonl")], Body::from_stream(unfold(told, next))))
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
