//! Calls of the API over the portal's port, one connection each.

use crate::cli::failure::Failure;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// A call.
#[derive(Debug)]
pub struct Call<'a> {
    /// Method and path behind `/api/v1`.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// Token or session; none at the Unix socket, and for what needs none.
    pub bearer: Option<&'a str>,
    /// The account spoken for.
    pub account: Option<&'a str>,
    /// Media type and body.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub bytes: Bytes,
}

impl Answer {
    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

/// Calls at the portal's port.
///
/// # Errors
/// [`Failure`] where there is no answer.
pub async fn call(portal: SocketAddr, call: Call<'_>) -> Result<Answer, Failure> {
    let stream = TcpStream::connect(portal).await.map_err(|error| unanswered(&error))?;
    over(stream, call).await
}

/// Calls at the Unix socket, as the operator of this machine.
///
/// # Errors
/// [`Failure`] where there is no answer.
pub async fn call_socket(socket: &Path, call: Call<'_>) -> Result<Answer, Failure> {
    let stream = UnixStream::connect(socket).await.map_err(|error| unanswered(&error))?;
    over(stream, call).await
}

async fn over<S>(stream: S, call: Call<'_>) -> Result<Answer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| unanswered(&error))?;
    tokio::spawn(connection);
    let mut request =
        Request::builder().method(call.method).uri(format!("/api/v1{}", call.path)).header(HOST, "localhost");
    if let Some(bearer) = call.bearer {
        request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
    }
    if let Some(account) = call.account {
        request = request.header("leasehold-account", account);
    }
    let (media_type, body) = call.body.unwrap_or_default();
    if !media_type.is_empty() {
        request = request.header(CONTENT_TYPE, media_type);
    }
    let request = request.body(Full::new(Bytes::from(body)));
    let request = request.map_err(|error| Failure::usage(error, "mend the scenario"))?;
    let response = sender.send_request(request).await.map_err(|error| unanswered(&error))?;
    let status = response.status();
    let bytes = response.into_body().collect().await.map_err(|error| unanswered(&error))?.to_bytes();
    Ok(Answer { status, bytes })
}

fn unanswered(error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("the API did not answer: {error}"), "report this, with the output above")
}
