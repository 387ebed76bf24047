//! A call: of the API, or of the device port. What it says is made before it is sent, so it can be sent twice, or together with
//! another.

use super::history::History;
use super::seen::Sort;
use crate::world::World;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use leasehold::app::App;
use leasehold::check::handle::{DevicePort, MEDIA_TYPE};
use leasehold::net::connection::Serve;
use leasehold::net::peer::{Link, Peer};
use leasehold_protocol::machine::Kind;
use serde_json::Value;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Something somebody may do: its name, how often it is drawn, and how it is made; nothing where there is nothing to do it with.
pub type Deed = (&'static str, u64, fn(&mut History) -> Option<Call>);

/// What is sent, and where.
#[derive(Debug, Clone)]
pub enum Sent {
    Json {
        token: String,
        method: Method,
        path: String,
        body: Value,
    },
    /// A file for the path, of the device with this number.
    File {
        token: String,
        path: String,
        file: Vec<u8>,
        device: u8,
    },
    /// A console's message.
    Message {
        console: usize,
        kind: Kind,
        bytes: Vec<u8>,
    },
}

/// A call to be.
#[derive(Debug, Clone)]
pub struct Call {
    pub deed: &'static str,
    pub sent: Sent,
    /// What its answer is.
    pub yields: Option<Sort>,
    /// What it is about.
    pub about: Vec<(Sort, String)>,
}

impl Call {
    pub fn json(token: String, method: Method, path: String, body: Value) -> Self {
        Self::of(Sent::Json { token, method, path, body })
    }

    pub fn post(token: String, path: String, body: Value) -> Self {
        Self::json(token, Method::POST, path, body)
    }

    pub fn of(sent: Sent) -> Self {
        Self { deed: "", sent, yields: None, about: Vec::new() }
    }

    pub fn yields(self, sort: Sort) -> Self {
        Self { yields: Some(sort), ..self }
    }

    /// What a log says of it.
    pub fn told(&self) -> String {
        match &self.sent {
            Sent::Json { method, path, body, .. } => format!("{} {method} {path} {body}", self.deed),
            Sent::File { path, device, .. } => format!("{} POST {path} of device {device}", self.deed),
            Sent::Message { console, kind, .. } => format!("{} {} of console {console}", self.deed, kind.path()),
        }
    }
}

/// What an answer says: its status and its body.
#[derive(Debug, Clone)]
pub struct Heard {
    pub status: u16,
    pub bytes: Bytes,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

pub async fn send(world: &World, sent: &Sent) -> Heard {
    let answer = match sent {
        Sent::Json { token, method, path, body } => world.send(token, method.clone(), path, body.clone()).await,
        Sent::File { token, path, file, .. } => world.upload(token, path, file).await,
        Sent::Message { kind, bytes, .. } => return port(&world.app, *kind, bytes).await,
    };
    Heard { status: answer.status.as_u16(), bytes: answer.bytes }
}

/// What the device port answers to a message, over HTTP without a network.
async fn port(app: &Arc<App>, kind: Kind, message: &[u8]) -> Heard {
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), link: Link::Plain };
    let port = &DevicePort { app: app.clone(), writer: app.writer.clone() };
    let answer = service_fn(async |request| Ok::<_, Infallible>(port.answer(request, peer).await));
    let (near, far) = tokio::io::duplex(64 * 1024);
    let server = http1::Builder::new().serve_connection(TokioIo::new(far), answer);
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await.expect("a pipe");
    let request = hyper::Request::post(kind.path()).header("host", "device").header(CONTENT_TYPE, MEDIA_TYPE);
    let request = request.body(http_body_util::Full::new(Bytes::copy_from_slice(message))).expect("a request");
    let exchange = async move {
        let response = client.send_request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a whole answer");
        Heard { status, bytes: body.to_bytes() }
    };
    let (heard, _, _) = tokio::join!(exchange, connection, server);
    heard
}
