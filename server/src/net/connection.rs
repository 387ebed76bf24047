//! One connection: HTTP/1.1 by hyper, with the timeouts that make slow clients go away.

use super::patient::Patient;
use super::shutdown::Shutdown;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// What a listener allows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Time for a request's head, for a connection to stay idle, and for a client to take a part of its answer.
    pub header: Duration,
}

/// What is served.
pub trait Serve: 'static {
    /// What answers are made of.
    type Body: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static;

    /// Counts the connection while the guard lives.
    fn connected(&self) -> prometheus::IntGauge;

    /// Answers one request of `peer`.
    fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> impl Future<Output = Response<Self::Body>>;
}

/// Bytes of a head; a longer one is answered 431.
const HEAD_LEN_MAX: usize = 16 * 1024;

/// Serves one connection to its end.
pub async fn serve<S: Serve, IO>(stream: IO, peer: IpAddr, service: Arc<S>, limits: Limits, mut shutdown: Shutdown)
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let _open = Open::count(service.connected());
    let answer = |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.answer(request, peer).await) }
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new()) // without it no slow client is ever closed
        .header_read_timeout(limits.header)
        .max_buf_size(HEAD_LEN_MAX)
        // No pipeline_flush: it drops the answer to a request that is not read to its end, and lifts the bound on answers
        // that wait for a client who pipelines and does not read.
        .serve_connection(TokioIo::new(Patient::new(stream, limits.header)), hyper::service::service_fn(answer));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok();
        }
    }
}

/// Counts a connection while it lives, however it ends.
struct Open(prometheus::IntGauge);

impl Open {
    fn count(gauge: prometheus::IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
