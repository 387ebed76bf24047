//! E: the cheapest server on the same HTTP library. It reads a body and answers with as many bytes as a lease has, under the
//! same headers, on one current_thread runtime; connections as the client wants them, with TLS 1.3 or without.

use crate::{Done, tls};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use leasehold::check::handle::MEDIA_TYPE;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

/// As the server's, so that the floor pays for its timer too.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves until it is killed; prints `ready echo=ADDR` first.
///
/// # Errors
/// The system's.
pub fn serve(answer: usize, tls: Option<(&Path, &Path)>) -> Done {
    // The backlog of the server.
    let listener = leasehold::net::listen::bind(SocketAddr::from(([127, 0, 0, 1], 0)), false)?;
    println!("ready echo={}", listener.local_addr()?);
    listen(listener, answer, tls)
}

fn listen(listener: TcpListener, answer: usize, tls: Option<(&Path, &Path)>) -> Done {
    let acceptor = tls.map(|(certificate, key)| tls::server(certificate, key)).transpose()?.map(TlsAcceptor::from);
    let body = Bytes::from(vec![7; answer]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (acceptor, body) = (acceptor.clone(), body.clone());
            spawn_local(async move {
                match acceptor {
                    None => connection(stream, body).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            connection(stream, body).await;
                        }
                    }
                }
            });
        }
    })
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin, body: Bytes) {
    let answer = |request: Request<Incoming>| {
        let body = body.clone();
        async move {
            let read = request.into_body().collect().await?;
            std::hint::black_box(read.to_bytes());
            let mut response = Response::new(Full::new(body));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok::<_, hyper::Error>(response)
        }
    };
    let serve = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    serve.await.ok(); // a client that is gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::herd::fleet::{checks, pick};
    use crate::herd::wire::Target;
    use crate::herd::{Keep, Plan, storm};

    #[test]
    fn the_echo_answers_a_fleet_over_tls_and_without() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let files = tls::Files::make(folder.path()).expect("a certificate");
        for (is_tls, keep) in [(false, Keep::Alive), (true, Keep::Alive), (true, Keep::OnePerCheck)] {
            let listener = leasehold::net::listen::bind(SocketAddr::from(([127, 0, 0, 1], 0)), false).expect("a port");
            let address = listener.local_addr().expect("an address");
            let paths = is_tls.then(|| (files.certificate.clone(), files.key.clone()));
            std::thread::spawn(move || {
                listen(listener, 400, paths.as_ref().map(|(certificate, key)| (&**certificate, &**key))).ok();
            });
            let client = is_tls.then(|| tls::client(&files.certificate).expect("the certificate reads"));
            let plan = Plan { sample: 1, ..Plan::closed(Target { address, tls: client }, 4, keep) };
            let tally = storm(&plan, &checks(&pick(20, 0, 20), 1, keep)).expect("an event queue");
            assert_eq!((tally.fresh(), tally.others(&[200])), (20, 0), "{tally}");
            assert_eq!(tally.samples[0].body.len(), 400);
        }
    }
}
