//! Certificates made on the spot, and clients that trust them.

use super::http::{Http, socket};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion, version};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// A server's certificate and its key, in PEM.
pub struct Pair {
    pub cert: String,
    pub key: String,
    pub der: CertificateDer<'static>,
}

/// Where they stand.
pub struct Files {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, "Example authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate for this machine, good until the end of a year.
    pub fn issues(&self, last_year: i32) -> Pair {
        let mut params = CertificateParams::new(["localhost", "127.0.0.1"].map(String::from)).expect("names");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Pair { cert: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
    }

    /// A client that trusts this authority alone and speaks these versions.
    pub fn client(&self, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).expect("versions that ring speaks");
        builder.with_root_certificates(roots).with_no_client_auth()
    }

    /// A connection to `at`, as a client of today makes it.
    pub fn http(&self, at: SocketAddr) -> io::Result<Http> {
        connect(at, self.client(&[&version::TLS13]).into()).map(Http::over)
    }
}

impl Pair {
    /// The 32 bytes that are secret: the scalar of a P-256 key in PKCS#8 (RFC 5915, section 3).
    pub fn scalar(&self) -> Vec<u8> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(self.key.as_bytes()).expect("a key");
        let der = der.secret_pkcs8_der();
        let at = der.windows(2).position(|octets| octets == [4, 32]).expect("an octet string of 32 bytes") + 2;
        der[at..at + 32].to_vec()
    }

    /// Writes both, the key for its owner alone.
    pub fn write(&self, files: &Files) {
        std::fs::write(&files.cert, &self.cert).expect("written");
        std::fs::write(&files.key, &self.key).expect("written");
        std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o600)).expect("its own file");
    }
}

impl Files {
    pub fn below(folder: &Path) -> Self {
        Self { cert: folder.join("tls.pem"), key: folder.join("tls.key.pem") }
    }

    /// The settings that name them.
    pub fn settings(&self) -> String {
        format!("[tls]\ncert = {:?}\nkey = {:?}\n", self.cert, self.key)
    }
}

/// A connection whose handshake is done.
pub fn connect(at: SocketAddr, config: Arc<ClientConfig>) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let mut client = ClientConnection::new(config, name).map_err(io::Error::other)?;
    let mut socket = socket(at)?;
    while client.is_handshaking() {
        client.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(client, socket))
}
