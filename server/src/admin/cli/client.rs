//! The HTTP client of the Unix socket: one connection for one verb.

use super::call::{Call, OWN_ACCOUNT, Payload, Show};
use super::show;
use super::trouble::Trouble;
use crate::admin::page::LIMIT_MAX;
use crate::cli::failure::Failure;
use crate::server::CONTROL_SOCKET;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use leasehold_signer::disk::{self, RealDisk};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use tokio::net::UnixStream;

/// Sends a call to the server of `data` and prints its answer.
///
/// # Errors
/// [`Trouble`].
pub fn run(call: Call, data: &Path, json: bool) -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(error, "the system gives no event queue"))?;
    runtime.block_on(async { Client::connect(data).await?.carry_out(call, json).await })
}

struct Client(SendRequest<Full<Bytes>>);

impl Client {
    async fn connect(data: &Path) -> Result<Self, Trouble> {
        let socket = data.join(CONTROL_SOCKET);
        let stream = UnixStream::connect(&socket).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Failure::failed(
                format!("no server answers in {}", data.display()),
                format!("start it with `leasehold serve --data {}`", data.display()),
            ),
            _ => Failure::io(&socket, &error),
        })?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    async fn carry_out(mut self, mut call: Call, json: bool) -> Result<(), Trouble> {
        if uses_own(&call) {
            let whoami = self.json(&Call::show("/whoami".into())).await?;
            name_own(&mut call, whoami["account"].as_str().unwrap_or_default());
        }
        match &call.show {
            Show::List(columns, limit) => {
                let list = self.pages(&call, *limit).await?;
                show::list(&list, columns, json);
            }
            Show::Record => show::record(&self.json(&call).await?, json),
            Show::Letter => show::letter(&self.json(&call).await?, json),
            Show::Done(words) => {
                self.send(&call).await?;
                if json { show::record(&json!({ "done": words }), json) } else { println!("{words}") }
            }
            Show::File(path) => {
                let file = self.send(&call).await?;
                write(path.as_deref(), &file)?;
                if let Some(path) = path {
                    let words = format!("wrote {}", path.display());
                    if json { show::record(&json!({ "file": path }), json) } else { println!("{words}") }
                }
            }
        }
        Ok(())
    }

    /// The items of as many pages as hold `limit`, and `next` if there are more.
    async fn pages(&mut self, call: &Call, limit: usize) -> Result<Value, Trouble> {
        let mut items = Vec::new();
        let mut next = None::<String>;
        loop {
            let mark = if call.path.contains('?') { '&' } else { '?' };
            let mut path = format!("{}{mark}limit={}", call.path, (limit - items.len()).min(LIMIT_MAX));
            path.extend(next.iter().flat_map(|cursor| ["&cursor=", cursor]));
            let mut page = self.json(&Call::show(path)).await?;
            items.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            next = page["next"].as_str().map(str::to_owned);
            if next.is_none() || items.len() >= limit {
                return Ok(json!({ "items": items, "next": next }));
            }
        }
    }

    async fn json(&mut self, call: &Call) -> Result<Value, Trouble> {
        let bytes = self.send(call).await?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(broken)
    }

    async fn send(&mut self, call: &Call) -> Result<Bytes, Trouble> {
        let (media_type, body) = match &call.body {
            Payload::None => (None, Bytes::new()),
            Payload::Json(value) => (Some("application/json"), value.to_string().into()),
            Payload::File(file) => (Some("text/plain"), Bytes::copy_from_slice(file)),
            Payload::Csv(file) => (Some("text/csv"), Bytes::copy_from_slice(file)),
        };
        let mut request = Request::builder().method(&call.method).uri(format!("/api/v1{}", call.path));
        request = request.header(HOST, "localhost");
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type);
        }
        let hint = "take ids and names as the server printed them";
        let request = request.body(Full::new(body)).map_err(|error| Failure::usage(error, hint))?;
        let response = self.0.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(broken)?.to_bytes();
        if status.is_success() { Ok(bytes) } else { Err(problem(status, &bytes)) }
    }
}

fn uses_own(call: &Call) -> bool {
    call.path.contains(OWN_ACCOUNT) || matches!(&call.body, Payload::Json(body) if own_fields(body).next().is_some())
}

fn own_fields(body: &Value) -> impl Iterator<Item = &String> {
    let fields = body.as_object().into_iter().flatten();
    fields.filter(|(_, value)| value.as_str() == Some(OWN_ACCOUNT)).map(|(name, _)| name)
}

fn name_own(call: &mut Call, account: &str) {
    call.path = call.path.replace(OWN_ACCOUNT, account);
    if let Payload::Json(body) = &mut call.body {
        for name in own_fields(body).cloned().collect::<Vec<_>>() {
            body[name] = account.into();
        }
    }
}

fn problem(status: StatusCode, bytes: &[u8]) -> Trouble {
    let said = serde_json::from_slice(bytes);
    Trouble::Problem(status, said.unwrap_or_else(|_| json!({ "title": status.to_string(), "code": "unknown" })))
}

fn broken(error: impl ToString) -> Trouble {
    Failure::failed(error, "the server stopped or is another version; look at its log").into()
}

/// Writes a new file; one that is there already with this very content will do.
fn write(path: Option<&Path>, bytes: &[u8]) -> Result<(), Trouble> {
    let Some(path) = path else {
        return Ok(io::stdout().write_all(bytes).map_err(|error| Failure::io(Path::new("-"), &error))?);
    };
    match disk::create(&mut RealDisk, path, 0o644, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if std::fs::read(path).is_ok_and(|there| there == bytes) {
                return Ok(());
            }
            let hint = "name another one with --out; the same request gets the same licence file again";
            Err(Failure::failed(format!("{} exists already", path.display()), hint).into())
        }
        done => Ok(done.map_err(|error| Failure::io(path, &error))?),
    }
}
