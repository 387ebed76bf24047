//! The certificate and its key, from two PEM files to what rustls serves: TLS 1.3 alone, by ring.
//!
//! Nothing is resumed. A console calls once a day, later than any ticket would last, so tickets would cost every handshake what
//! no handshake earns back; and without them no key but the certificate's has to be kept.

use crate::cli::failure::Failure;
use crate::config::TlsFiles;
use leasehold_protocol::Time;
use leasehold_signer::keyfile::{self, KeyFileError};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{InconsistentKeys, ServerConfig, version};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// Certificates in the longest chain.
const CHAIN_LEN_MAX: usize = 16;
/// The one protocol spoken (RFC 7301): who wants another hears so in the handshake.
const PROTOCOL: &[u8] = b"http/1.1";

/// Certificate or key cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The certificate's file is not readable.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's words.
        source: std::io::Error,
    },
    /// It is readable and no chain of certificates.
    #[error("{path} holds no certificate: {reason}")]
    NotACertificate {
        /// The file.
        path: PathBuf,
        /// What was met.
        reason: String,
    },
    /// The key's file: not there, a link, or for others to read.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// It is readable and no key.
    #[error("{path} holds no private key: {reason}")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What was met.
        reason: String,
    },
    /// The key is not the certificate's.
    #[error("{key} is not the key of the certificate in {cert}")]
    Mismatch {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl From<CertificateError> for Failure {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Io { path, source } => Self::io(&path, &source),
            CertificateError::KeyFile(_) => {
                Self::failed(error, "tls.key names a plain file with mode 0600, owned by the server's user")
            }
            CertificateError::NotACertificate { .. } => {
                Self::not_valid(error, "tls.cert names a PEM file: the server's certificate first, then its issuers")
            }
            CertificateError::NotAKey { .. } => {
                Self::not_valid(error, "tls.key names a PEM file: PKCS#8, PKCS#1 or SEC1, without a passphrase")
            }
            CertificateError::Mismatch { .. } => {
                Self::not_valid(error, "set tls.cert and tls.key to two files that were made together")
            }
        }
    }
}

/// What a certificate and its key come to.
pub struct Certified {
    /// For new handshakes.
    pub config: Arc<ServerConfig>,
    /// When the certificate ends.
    pub ends: Time,
}

/// Reads both files.
///
/// # Errors
/// [`CertificateError`].
pub fn read(files: &TlsFiles) -> Result<Certified, CertificateError> {
    let chain = chain(&files.cert)?;
    let ends = ends(&files.cert, &chain[0])?;
    let key = key(&files.key)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(&[&version::TLS13]).expect("ring speaks TLS 1.3");
    let made = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut config = made.map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            CertificateError::Mismatch { cert: files.cert.clone(), key: files.key.clone() }
        }
        other => not_a_key(&files.key, other),
    })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Certified { config: Arc::new(config), ends })
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let text = std::fs::read(path).map_err(|source| CertificateError::Io { path: path.to_owned(), source })?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).take(CHAIN_LEN_MAX + 1).collect();
    let chain = chain.map_err(|error| not_a_certificate(path, error))?;
    match chain.len() {
        0 => Err(not_a_certificate(path, "no BEGIN CERTIFICATE line is in it")),
        len if len > CHAIN_LEN_MAX => Err(not_a_certificate(path, format!("more than {CHAIN_LEN_MAX} are in it"))),
        _ => Ok(chain),
    }
}

fn ends(path: &Path, der: &CertificateDer<'_>) -> Result<Time, CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|error| not_a_certificate(path, error))?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
    Ok(Time(i64::try_from(end).unwrap_or(i64::MAX)))
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let text = keyfile::read_guarded(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| not_a_key(path, error))
}

fn not_a_certificate(path: &Path, reason: impl ToString) -> CertificateError {
    CertificateError::NotACertificate { path: path.to_owned(), reason: reason.to_string() }
}

fn not_a_key(path: &Path, reason: impl ToString) -> CertificateError {
    CertificateError::NotAKey { path: path.to_owned(), reason: reason.to_string() }
}
