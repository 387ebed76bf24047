//! One connection: HTTP/1.1 by hyper, with the timeouts that make slow clients go away.

use super::listen::Rules;
use super::pause::Pausable;
use super::peer::Peer;
use super::room::Place;
use super::shape;
use super::shutdown::Shutdown;
use super::turn::Turn;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};

/// What is served.
pub trait Serve: 'static {
    /// What answers are made of; the default is nothing.
    type Body: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Default + 'static;

    /// Counts the connection while the guard lives.
    fn connected(&self) -> prometheus::IntGauge;

    /// Answers one request of `peer`.
    fn answer(&self, request: Request<Incoming>, peer: Peer) -> impl Future<Output = Response<Self::Body>>;
}

/// Bytes of a head; a longer one is answered 431.
const HEAD_LEN_MAX: usize = 16 * 1024;

/// Serves one connection to its end. In a crowd it waits for a first byte, for its turn, and between two
/// requests, without HTTP's buffers.
pub async fn serve<S: Serve, IO>(
    stream: IO,
    hop: Peer,
    service: Arc<S>,
    rules: &Rules,
    place: &Place,
    mut shutdown: Shutdown,
) where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut waiting = Some(Pausable::new(stream));
    while let Some(mut stream) = waiting {
        let awake = async {
            match place.is_crowded() {
                false => Some(None),
                true if stream.wakes(rules.patience).await => Some(Some(place.turn().await)),
                true => None,
            }
        };
        let awake = tokio::select! {
            awake = awake => awake,
            () = shutdown.wait() => None,
        };
        waiting = match awake {
            Some(turn) => talk(stream, hop, &service, rules, (place, turn), &mut shutdown).await,
            None => None,
        };
    }
}

/// Answers requests until the connection ends, or stands between two of them in a crowd: then gives the stream back.
async fn talk<S: Serve, IO>(
    stream: Pausable<IO>,
    hop: Peer,
    service: &Arc<S>,
    rules: &Rules,
    (place, turn): (&Place, Option<Turn>),
    shutdown: &mut Shutdown,
) -> Option<Pausable<IO>>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (watch, answered, turn) = (stream.watch(), &Cell::new(false), turn.as_ref());
    let answer = |request: Request<Incoming>| {
        place.busy();
        answered.set(false);
        let service = service.clone();
        async move {
            let response = match shape::check(&request) {
                Ok(()) => {
                    let peer = rules.proxies.sender(hop, request.headers());
                    service.answer(request, peer).await
                }
                Err(_) => refusal(),
            };
            place.idle();
            turn.inspect(|turn| turn.end());
            answered.set(true);
            Ok::<_, Infallible>(response)
        }
    };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new()) // without it no slow client is ever closed
        .header_read_timeout(rules.patience)
        .max_buf_size(HEAD_LEN_MAX)
        // No pipeline_flush: it drops the answer to a request that is not read to its end, and lifts the bound on answers
        // that wait for a client who pipelines and does not read.
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    let paused = poll_fn(|context| match Pin::new(&mut connection).poll(context) {
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending if answered.get() && watch.is_waiting() && place.is_crowded() => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    });
    let is_paused = tokio::select! {
        is_paused = paused => is_paused,
        () = shutdown.wait() => {
            Pin::new(&mut connection).graceful_shutdown();
            connection.await.ok();
            return None;
        }
    };
    is_paused.then(|| {
        let parts = connection.into_parts();
        parts.io.into_inner().with(&parts.read_buf)
    })
}

/// The answer to a request that others might read differently, as hyper answers those it refuses itself.
fn refusal<B: Default>() -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
