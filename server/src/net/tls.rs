//! What lies between a socket and HTTP: nothing, or TLS with the certificate of the day.
//!
//! A handshake takes the certificate that is current when it begins. Reading the files again changes that one pointer:
//! connections that are open keep what they have, and files that cannot be used change nothing.

use super::certificate::{self, CertificateError, Certified};
use super::count::PortMetrics;
use super::peer::Link;
use crate::clock::Clock;
use crate::config::TlsFiles;
use crate::jobs::runner::seconds;
use arc_swap::ArcSwap;
use prometheus::IntCounter;
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Time for a whole handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a socket's bytes go through.
pub trait Transport: Clone + 'static {
    /// How requests come that came through it.
    const LINK: Link;

    /// What HTTP is spoken over.
    type Stream<IO: AsyncRead + AsyncWrite + Unpin + 'static>: AsyncRead + AsyncWrite + Unpin + 'static;

    /// Makes a connection ready; none if the other side does not do its part in time.
    fn secure<IO>(&self, raw: IO) -> impl Future<Output = Option<Self::Stream<IO>>>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static;
}

/// Bytes as they are.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Transport for Plain {
    const LINK: Link = Link::Plain;

    type Stream<IO: AsyncRead + AsyncWrite + Unpin + 'static> = IO;

    async fn secure<IO>(&self, raw: IO) -> Option<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        Some(raw)
    }
}

/// TLS at one listener.
#[derive(Clone)]
pub struct Tls {
    certificate: Arc<ArcSwap<ServerConfig>>,
    failed: IntCounter,
}

impl Transport for Tls {
    const LINK: Link = Link::Tls;

    /// Boxed, because a connection's task moves it about, and would keep room for it in each place.
    type Stream<IO: AsyncRead + AsyncWrite + Unpin + 'static> = Box<TlsStream<IO>>;

    async fn secure<IO>(&self, raw: IO) -> Option<Box<TlsStream<IO>>>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let handshake = Box::new(TlsAcceptor::from(self.certificate.load_full()).accept(raw));
        let done = timeout(HANDSHAKE_TIMEOUT, handshake).await.ok().and_then(Result::ok);
        if done.is_none() {
            self.failed.inc(); // anybody can make one fail: a counter, no line in the log
        }
        done.map(Box::new)
    }
}

/// The certificate of all listeners that speak TLS, and where it is read again.
pub struct Certificate {
    files: TlsFiles,
    current: Arc<ArcSwap<ServerConfig>>,
}

impl Certificate {
    /// Reads it for the first time.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn read(files: &TlsFiles, clock: Clock, metrics: &PortMetrics) -> Result<Self, CertificateError> {
        let read = certificate::read(files)?;
        note(files, &read, clock, metrics);
        Ok(Self { files: files.clone(), current: Arc::new(ArcSwap::new(read.config)) })
    }

    /// Reads it again, for handshakes from now on. After an error the one before stays in use.
    ///
    /// # Errors
    /// [`CertificateError`]; it was counted.
    pub fn reload(&self, clock: Clock, metrics: &PortMetrics) -> Result<(), CertificateError> {
        let read = certificate::read(&self.files).inspect_err(|_| {
            metrics.certificate_reads.with_label_values(&["failed"]).inc();
        })?;
        note(&self.files, &read, clock, metrics);
        self.current.store(read.config);
        Ok(())
    }

    /// TLS with it, at a listener of this name.
    #[must_use]
    pub fn at(&self, listener: &str, metrics: &PortMetrics) -> Tls {
        Tls { certificate: self.current.clone(), failed: metrics.handshakes_failed(listener) }
    }
}

fn note(files: &TlsFiles, read: &Certified, clock: Clock, metrics: &PortMetrics) {
    metrics.certificate_reads.with_label_values(&["ok"]).inc();
    metrics.certificate_expiry.with_label_values(&[] as &[&str]).set(seconds(read.ends));
    let (path, ends) = (files.cert.display(), read.ends);
    if ends <= clock.now() {
        tracing::warn!(%path, %ends, "the TLS certificate has expired: clients will refuse it");
    } else {
        tracing::info!(%path, %ends, "TLS certificate read");
    }
}
