//! The API on its two listeners: the portal's TCP port, and the Unix socket in the data folder.
//!
//! Whoever opens the socket is the vendor's administrator: it stands in the data folder with mode 0600, beside the store and the
//! keys, and who can open it could read those too.

use super::auth::Origin;
use super::extract::too_large;
use super::import::FILE_LEN_MAX;
use super::problem::Problem;
use super::{BODY_LEN_MAX, local, mails, router};
use crate::app::App;
use crate::mail::post::Post;
use crate::net::body::{self, NotRead};
use crate::net::connection::Serve;
use crate::net::peer::{Link, Peer};
use crate::store::RedbStore;
use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::{Request, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// Time for a body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// The API on a TCP port.
pub struct Portal {
    app: Arc<App>,
    router: Router,
}

impl Portal {
    /// Serves `app`.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { router: router(app.clone()), app }
    }
}

impl Serve for Portal {
    type Body = Body;

    fn connected(&self) -> prometheus::IntGauge {
        self.app.metrics.connections.with_label_values(&["portal"])
    }

    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        match admit(peer) {
            Ok(origin) => route(&self.router, request, origin).await,
            Err(problem) => problem.into_response(),
        }
    }
}

/// The API on the Unix socket.
pub struct Control {
    app: Arc<App>,
    router: Router,
}

impl Control {
    /// Serves `app`.
    #[must_use]
    pub fn new(app: Arc<App>, store: Arc<RedbStore>, mail: Arc<Post>) -> Self {
        let local = local::router(app.clone(), store).merge(mails::router(app.clone(), mail));
        Self { router: router(app.clone()).merge(local), app }
    }
}

impl Serve for Control {
    type Body = Body;

    fn connected(&self) -> prometheus::IntGauge {
        self.app.metrics.connections.with_label_values(&["control"])
    }

    async fn answer(&self, request: Request<Incoming>, _: Peer) -> Response<Body> {
        route(&self.router, request, Origin::Socket).await
    }
}

/// One request through the router, its body read whole first: axum has a cap for it, but no timeout.
async fn route(router: &Router, request: Request<Incoming>, origin: Origin) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(origin);
    let most = if parts.uri.path().ends_with("/import") { FILE_LEN_MAX } else { BODY_LEN_MAX };
    match body::read(body, most, BODY_TIMEOUT).await {
        Ok(body) => {
            let answered: Result<_, Infallible> =
                router.clone().oneshot(Request::from_parts(parts, Body::from(body))).await;
            match answered {
                Ok(response) => response,
            }
        }
        Err(error) => not_read(error).into_response(),
    }
}

fn not_read(error: NotRead) -> Problem {
    match error {
        NotRead::TooLarge => too_large(),
        NotRead::Slow => {
            let title = "The body did not arrive in time";
            Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", title, "5 seconds are allowed")
        }
        NotRead::Broken => {
            let title = "The body did not arrive";
            Problem::new(StatusCode::BAD_REQUEST, "body_broken", title, "it broke off, or is wrongly framed")
        }
    }
}

/// A token sent in clear over a network is everybody's: without TLS, here or at a trusted proxy, only this machine may call.
fn admit(peer: Peer) -> Result<Origin, Problem> {
    if peer.link != Link::Plain || peer.address.to_canonical().is_loopback() {
        return Ok(Origin::Address(peer.address));
    }
    let title = "Plain HTTP is for this machine only";
    Err(Problem::new(StatusCode::FORBIDDEN, "tls_required", title, "the request came over a network without TLS").hint(
        "Serve the portal with TLS, or name the proxy in trusted_proxies; revoke a token that was sent this way.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let by = |link, address: &str| admit(Peer { address: address.parse().expect("an address"), link });
        let code = |address| by(Link::Plain, address).map_err(|problem| problem.code()).err();
        for near in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(code(near), None, "{near}");
        }
        for far in ["192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert_eq!(code(far), Some("tls_required"), "{far}");
            assert!(by(Link::Tls, far).is_ok() && by(Link::Proxy, far).is_ok(), "{far}");
        }
    }
}
