//! One request on the device port, from head to answer.
//!
//! | call | does | answers |
//! |---|---|---|
//! | `POST /v1/register` | announce this device, to be licensed from the portal | 202, 200 lease, 409 refusal |
//! | `POST /v1/activate` | bind a key to this device | 200 lease, 409 refusal |
//! | `POST /v1/check` | the daily check | 200 lease, 409 refusal |
//! | `POST /v1/release` | give the units back | 200 receipt, 409 refusal |
//! | `GET /v1/keyset` | the keys that sign | 200, 304 |
//! | `GET /livez`, `GET /readyz` | is it alive, does it take work | 200, 503 |

use super::authenticate::{self, Call, authenticate};
use super::overload::{InHand, Spread};
use super::problem::Problem;
use super::reply::{self, Answer};
use crate::app::App;
use crate::clock;
use crate::net::body::{self, NotRead};
use crate::net::connection::Serve;
use crate::net::peer::Peer;
use crate::writer::Writer;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use hyper::{Method, Request, Response, StatusCode};
use leasehold_ledger::actor::Actor;
use leasehold_protocol::Digest;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::cbor::ITEM_LEN_MAX;
use leasehold_protocol::check::Check;
use leasehold_protocol::message::Unverified;
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Time for a body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// The media type of every message and every signed answer (RFC 9052, section 11.3.1).
pub const MEDIA_TYPE: &str = "application/cose; cose-type=\"cose-sign1\"";

/// The device port's service on one runtime.
pub struct DevicePort {
    /// What it shares with all others.
    pub app: Arc<App>,
    /// The writer, answering at this runtime's desk.
    pub writer: Writer,
}

impl Serve for DevicePort {
    type Body = Full<Bytes>;

    fn connected(&self) -> prometheus::IntGauge {
        self.app.metrics.connections.with_label_values(&["device"])
    }

    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let (app, peer) = (&self.app, peer.address);
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/v1/check") => self.timed::<Check>(request, peer).await,
            (&Method::POST, "/v1/activate") => self.timed::<Activate>(request, peer).await,
            (&Method::POST, "/v1/release") => self.timed::<Release>(request, peer).await,
            (&Method::POST, "/v1/register") => self.timed::<Register>(request, peer).await,
            (&Method::GET, "/v1/keyset") => keyset(app, &request),
            (&Method::GET, "/livez") => reply::plain(StatusCode::OK, "alive\n"),
            (&Method::GET, "/readyz") => reply::ready(app),
            (_, "/v1/check" | "/v1/activate" | "/v1/release" | "/v1/register") => Problem::method("POST"),
            (_, "/v1/keyset" | "/livez" | "/readyz") => Problem::method("GET"),
            _ => Problem::Path.response(),
        }
    }
}

impl DevicePort {
    /// Answers a message and counts it.
    async fn timed<M: Call>(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Full<Bytes>> {
        let started = clock::instant();
        let answered = self.exchange::<M>(request, peer).await;
        let metrics = &self.app.metrics;
        let (result, response) = match answered {
            Ok(answer) => (answer.result, answer.response()),
            Err(problem) => {
                problem.count(metrics);
                (problem.code(), problem.response())
            }
        };
        metrics.answered(M::NAME, result, started.elapsed());
        response
    }

    /// The hot path: read, shed, decode, authenticate, queue, sign. Nothing leaves before it is durable.
    async fn exchange<M: Call>(&self, request: Request<Incoming>, peer: IpAddr) -> Result<Answer, Problem> {
        let app = &*self.app;
        check_type(&request)?;
        let body = body::read(request.into_body(), ITEM_LEN_MAX, BODY_TIMEOUT).await.map_err(not_read)?;
        let _in_hand = shed(app)?;
        let message = Unverified::<M>::parse(&body).map_err(|error| failed(app, peer, Problem::Malformed(error)))?;
        authenticate::admit(app, peer, &message)?;
        let message = authenticate(app, message).map_err(|problem| failed(app, peer, problem))?;
        let actor = Actor::device(message.device().device_id());
        let command = message.into_command(|lease| app.keyring.load().open_held(lease));
        let outcome = self.writer.send(actor, command).await.map_err(Problem::from)?;
        reply::sign(app, peer, outcome)
    }
}

/// A failure counts against its address prefix, so that guessing has a price; honest devices behind the same address are
/// known to the store and are not asked.
fn failed(app: &App, peer: IpAddr, problem: Problem) -> Problem {
    if app.limits.failed(peer) { problem } else { Problem::TooFast }
}

fn check_type(request: &Request<Incoming>) -> Result<(), Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/cose") { Ok(()) } else { Err(Problem::Type) }
}

fn not_read(error: NotRead) -> Problem {
    match error {
        NotRead::Slow => Problem::Slow,
        NotRead::TooLarge => Problem::TooLarge,
        NotRead::Broken => Problem::Broken,
    }
}

/// More work than the server can take: say so before any signature is checked.
fn shed(app: &App) -> Result<InHand<'_>, Problem> {
    app.clock.admit()?;
    if !app.is_ready() {
        return Err(Problem::Busy(Spread::default()));
    }
    app.limits.take_in_hand().map_err(Problem::Busy)
}

fn keyset(app: &App, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let keyring = app.keyring.load();
    let tag = format!("\"{}\"", &Digest::of(keyring.keyset_bytes()).to_string()[..16]);
    let asked = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let same = asked == "*" || asked.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let (status, bytes) = if same {
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        (StatusCode::OK, Bytes::copy_from_slice(keyring.keyset_bytes()))
    };
    let mut response = reply::cose(status, bytes);
    response.headers_mut().insert(ETAG, tag.parse().expect("hex is a good tag"));
    response
}
