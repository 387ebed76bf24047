//! Where the API and the verbs that speak to it are mounted. Until they are there, both ports answer 404.

pub mod cli;

use crate::app::App;
use crate::check::problem::Problem;
use crate::cli::failure::Failure;
use crate::net::connection::Serve;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use leasehold_ledger::actor::Actor;
use std::net::IpAddr;
use std::sync::Arc;

/// A service of people, over TCP or over the control socket.
pub struct AdminPort {
    app: Arc<App>,
    listener: &'static str,
}

/// The portal's port, and the control socket's.
pub fn ports(app: Arc<App>) -> (AdminPort, AdminPort) {
    (AdminPort { app: app.clone(), listener: "portal" }, AdminPort { app, listener: "control" })
}

/// A token with the actor's rights; its secret is shown once.
///
/// # Errors
/// [`Failure`].
pub async fn new_token(_: &App, _: Actor, _: &str) -> Result<String, Failure> {
    Ok(String::new())
}

impl Serve for AdminPort {
    type Body = Full<Bytes>;

    fn connected(&self) -> prometheus::IntGauge {
        self.app.metrics.connections.with_label_values(&[self.listener])
    }

    async fn answer(&self, _: Request<Incoming>, _: IpAddr) -> Response<Full<Bytes>> {
        Problem::Path.response()
    }
}
