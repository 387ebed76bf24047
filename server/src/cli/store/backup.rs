//! `leasehold store backup`: the running server copies, this process checks; without a server it does both.

use crate::admin::local::{BackUp, Told};
use crate::cli::failure::Failure;
use crate::clock::Clock;
use crate::keyring::FOLDER;
use crate::server::CONTROL_SOCKET;
use crate::signals::runtime;
use crate::store::{self, backup};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use tokio::net::UnixStream;

/// Shares of the whole told one a line where no bar is drawn.
const LINES: u64 = 10;

pub(super) fn run(data: &Path, out: &Path, json: bool) -> Result<(), Failure> {
    let out = std::path::absolute(out).map_err(|error| Failure::io(out, &error))?;
    let mut meter = Meter::new(json);
    let copied = runtime()?.block_on(by_server(data, &out, &mut meter))?;
    if !copied {
        let store = store::open(data)?;
        backup::copy(&store, &out, &mut |progress| meter.tell(progress.rows, progress.of))?;
    }
    meter.done();
    let made = backup::finish(&out, Clock::System.now())?;
    let (rows, event, epoch) = (made.rows, made.head.number, made.installation.epoch);
    if json {
        let path = made.path.display().to_string();
        println!("{}", serde_json::json!({"backup": path, "rows": rows, "last_event": event, "epoch": epoch}));
    } else {
        println!("wrote {}: {rows} rows, last event {event}, epoch {epoch}; checked", made.path.display());
        println!("keys are not in it: keep a copy of {} apart from it", data.join(FOLDER).display());
    }
    Ok(())
}

/// False if no server runs.
async fn by_server(data: &Path, out: &Path, meter: &mut Meter) -> Result<bool, Failure> {
    let socket = data.join(CONTROL_SOCKET);
    let stream = match UnixStream::connect(&socket).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(false);
        }
        Err(error) => return Err(Failure::io(&socket, &error)),
    };
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    let ask = serde_json::to_vec(&BackUp { out: PathBuf::from(out) }).map_err(broken)?;
    let request = Request::post("/api/v1/local/store/backup").header(HOST, "localhost");
    let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(Bytes::from(ask))).map_err(broken)?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let (is_done, mut body) = (response.status().is_success(), response.into_body());
    let mut text = Vec::new();
    while let Some(bytes) = next(&mut body).await? {
        text.extend_from_slice(&bytes);
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            match serde_json::from_slice(&line).map_err(broken)? {
                Told::Rows(rows, of) => meter.tell(rows, of),
                Told::Copied => return Ok(true),
                Told::Failed(what, hint) => return Err(Failure::failed(what, hint)),
            }
        }
    }
    let said = String::from_utf8_lossy(&text).into_owned();
    Err(if is_done { broken("the server ended before the copy was whole") } else { broken(said) })
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Failure> {
    let frame = body.frame().await.transpose().map_err(broken)?;
    Ok(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

fn broken(error: impl ToString) -> Failure {
    Failure::failed(error, "the server stopped, is busy or is another version; look at its log")
}

/// How far it is: a bar on a terminal, else a line now and then; neither on the way of JSON.
struct Meter {
    bar: Option<ProgressBar>,
    json: bool,
    lines: u64,
}

impl Meter {
    fn new(json: bool) -> Self {
        let style = ProgressStyle::with_template("copying {bar:40} {pos}/{len} rows, {eta} left");
        let is_drawn = io::stderr().is_terminal() && !json;
        let bar =
            is_drawn.then(|| ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        Self { bar, json, lines: 0 }
    }

    fn tell(&mut self, rows: u64, of: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(of);
            return bar.set_position(rows);
        }
        let tenths = rows * LINES / of.max(1);
        if tenths > self.lines && !self.json {
            self.lines = tenths;
            eprintln!("copied {rows} of {of} rows");
        }
    }

    fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
