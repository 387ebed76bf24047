//! A certificate for one run, and both ends of TLS 1.3 over it.

use crate::Done;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring};

/// The name the certificate is for.
pub const NAME: &str = "localhost";

/// Files of one run.
pub struct Files {
    /// The certificate, which is its own authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Settings for `leasehold serve` that name the two.
    pub server_config: PathBuf,
}

impl Files {
    /// Makes a certificate (ECDSA P-256, as public authorities sign) in `folder`.
    ///
    /// # Errors
    /// The file system's.
    pub fn make(folder: &Path) -> Done<Self> {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
        let file = |name: &str| folder.join(name).canonicalize();
        fs::write(folder.join("tls.crt"), made.cert.pem())?;
        let mut key = fs::File::options().write(true).create_new(true).mode(0o600).open(folder.join("tls.key"))?;
        key.write_all(made.signing_key.serialize_pem().as_bytes())?;
        let (certificate, key) = (file("tls.crt")?, file("tls.key")?);
        let settings = format!("[tls]\ncert = {certificate:?}\nkey = {key:?}\n");
        fs::write(folder.join("tls.toml"), settings)?;
        Ok(Self { certificate, key, server_config: file("tls.toml")? })
    }
}

/// A client that trusts `authority` alone. No session is resumed: a console checks once a day.
///
/// # Errors
/// A file that is not a certificate.
pub fn client(authority: &Path) -> Done<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = config.with_protocol_versions(&[&TLS13])?.with_root_certificates(roots).with_no_client_auth();
    config.resumption = tokio_rustls::rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// A server with this certificate.
///
/// # Errors
/// Files that do not fit.
pub fn server(certificate: &Path, key: &Path) -> Done<Arc<ServerConfig>> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_protocol_versions(&[&TLS13])?.with_no_client_auth();
    let chain = vec![CertificateDer::from_pem_file(certificate)?];
    Ok(Arc::new(config.with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?))
}
