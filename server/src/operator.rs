//! The operator's listener: metrics and probes, for this machine only.

use crate::app::App;
use crate::check::problem::Problem;
use crate::check::reply;
use crate::jobs::{renewals, runner};
use crate::mail::post;
use crate::net::connection::Serve;
use crate::net::peer::Peer;
use crate::store::open::bytes_on_disk;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds a count of everything that lives is good for.
const COUNT_AGE_MAX: i64 = 15;

/// The operator port's service.
pub struct OperatorPort {
    app: Arc<App>,
    counted: AtomicI64,
}

impl OperatorPort {
    /// Over a server.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { app, counted: AtomicI64::new(0) }
    }

    async fn page(&self) -> Response<Full<Bytes>> {
        let (app, metrics) = (&self.app, &self.app.metrics);
        let now = app.clock.now();
        metrics.queue.set(i64::try_from(app.writer.waiting()).unwrap_or(i64::MAX));
        metrics.store_bytes.set(i64::try_from(bytes_on_disk(&app.data)).unwrap_or(i64::MAX));
        metrics.key_expiry.set(runner::seconds(app.keyring.load().expires()));
        metrics.mail.waiting.set(post::waiting(app).map_or(-1, |waiting| i64::try_from(waiting).unwrap_or(i64::MAX)));
        metrics.quarantine.set(i64::from(app.quarantine().is_some()));
        metrics.clock_trusted.set(i64::from(app.clock.is_trusted()));
        metrics.ready.set(i64::from(app.is_ready()));
        if now.0 - self.counted.load(Ordering::Relaxed) >= COUNT_AGE_MAX {
            self.counted.store(now.0, Ordering::Relaxed);
            let counting = app.clone(); // it reads every slot: not in the thread that answers people
            match tokio::task::spawn_blocking(move || renewals::living(&counting, now)).await {
                Ok(Ok(living)) => metrics.live.set(living),
                Ok(Err(error)) => tracing::error!(%error, "what lives could not be counted"),
                Err(error) => tracing::error!(%error, "the count was given up"),
            }
        }
        match metrics.page() {
            Ok(page) => {
                let mut response = Response::new(Full::new(Bytes::from(page)));
                let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, text);
                response
            }
            Err(error) => {
                tracing::error!(%error, "the metrics page failed");
                reply::plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics page failed; the log says more\n")
            }
        }
    }
}

impl Serve for OperatorPort {
    type Body = Full<Bytes>;

    fn connected(&self) -> prometheus::IntGauge {
        self.app.metrics.connections.with_label_values(&["operator"])
    }

    async fn answer(&self, request: Request<Incoming>, _: Peer) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/metrics") => self.page().await,
            (&Method::GET, "/livez") => reply::plain(StatusCode::OK, "alive\n"),
            (&Method::GET, "/readyz") => reply::ready(&self.app),
            (_, "/metrics" | "/livez" | "/readyz") => Problem::method("GET"),
            _ => reply::plain(StatusCode::NOT_FOUND, "try /metrics, /livez or /readyz\n"),
        }
    }
}
