//! Handing a message to the mail server of the settings (RFC 5321): one connection a message, TLS as the settings say, a limit
//! on the whole.

use crate::cli::failure::Failure;
use crate::config::{Security, Smtp};
use leasehold_signer::keyfile::{self, KeyFileError};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::path::PathBuf;
use thiserror::Error;
use tokio::time::timeout;
use zeroize::Zeroizing;

const PASSWORD_VARIABLE: &str = "LEASEHOLD_SMTP_PASSWORD";
const PASSWORD_CREDENTIAL: &str = "leasehold-smtp-password";
const PEM_HEAD: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Codes that are about the server or us, whoever the message is for: going down (RFC 5321) and authentication (RFC 4954).
const CONCERNS_ALL: [u16; 6] = [421, 454, 530, 534, 535, 538];

/// Why the settings do not lead to a mail server.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The password's file: not there, a link, or for others to read.
    #[error(transparent)]
    PasswordFile(#[from] KeyFileError),
    /// There is a user name, and no password anywhere.
    #[error("there is no password for the mail server's user {0:?}")]
    NoPassword(String),
    /// The authorities' file is not readable.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's words.
        source: std::io::Error,
    },
    /// It is readable and no certificate.
    #[error("{path} holds no certificate: {reason}")]
    NotACertificate {
        /// The file.
        path: PathBuf,
        /// What was met.
        reason: String,
    },
    /// The host cannot be in a certificate.
    #[error("mail.smtp.host = {host:?}: {reason}")]
    Host {
        /// The setting.
        host: String,
        /// What was met.
        reason: String,
    },
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        let hint = match &error {
            SetupError::PasswordFile(_) => {
                "mail.smtp.password_file names a plain file with mode 0600, owned by the server's user"
            }
            SetupError::NoPassword(_) => {
                "set mail.smtp.password_file, LEASEHOLD_SMTP_PASSWORD or the systemd credential leasehold-smtp-password"
            }
            SetupError::Io { .. } | SetupError::NotACertificate { .. } => {
                "mail.smtp.ca names a PEM file with the authorities of the mail server's certificate"
            }
            SetupError::Host { .. } => "write the host's name as it stands in its certificate",
        };
        Self::failed(error, hint)
    }
}

/// A way to a mail server.
pub struct Transport {
    server: AsyncSmtpTransport<Tokio1Executor>,
    limit: std::time::Duration,
}

impl Transport {
    /// Makes one ready, with password and authorities as they are now. Nothing is sent.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn open(settings: &Smtp, hello: &str) -> Result<Self, SetupError> {
        let tls = || parameters(settings);
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port())
            .hello_name(ClientId::Domain(hello.to_owned()))
            .timeout(Some(settings.timeout.duration()))
            .tls(match settings.security {
                Security::StartTls => Tls::Required(tls()?),
                Security::Tls => Tls::Wrapper(tls()?),
                Security::None => Tls::None,
            });
        if let Some(username) = &settings.username {
            let password = password(settings)?.ok_or_else(|| SetupError::NoPassword(username.clone()))?;
            server = server.credentials(Credentials::new(username.clone(), password.as_str().to_owned()));
        }
        Ok(Self { server: server.build(), limit: settings.timeout.duration() })
    }

    /// Hands over a message. After an error the server may have it all the same: who sends again sends a second copy.
    ///
    /// # Errors
    /// What happened, and whether another message would fare the same.
    pub async fn send(&self, message: Message) -> Result<(), Undelivered> {
        // lettre limits connecting alone; a server that falls silent later is given up here.
        let sent = timeout(self.limit, self.server.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let code = error.status().map(u16::from);
                Err(Undelivered {
                    concerns_all: code.is_none_or(|code| CONCERNS_ALL.contains(&code)),
                    why: error.to_string(),
                })
            }
            Err(_) => {
                let why = format!("the mail server did not finish within {} s", self.limit.as_secs());
                Err(Undelivered { concerns_all: true, why })
            }
        }
    }
}

/// A message was not handed over.
#[derive(Debug)]
pub struct Undelivered {
    /// What happened, in the server's or our words.
    pub why: String,
    /// Whether the server as a whole is in the way, not this one message.
    pub concerns_all: bool,
}

/// Looks at the files that the settings name, for `config check`: a password from the environment is the server's own.
///
/// # Errors
/// [`SetupError`].
pub fn check_files(settings: &Smtp) -> Result<(), SetupError> {
    settings.password_file.as_deref().map(keyfile::read_guarded).transpose()?;
    parameters(settings).map(drop)
}

fn password(settings: &Smtp) -> Result<Option<Zeroizing<String>>, SetupError> {
    if let Some(path) = &settings.password_file {
        return Ok(Some(first_line(&keyfile::read_guarded(path)?)));
    }
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(Some(Zeroizing::new(password)));
    }
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let credential = folder.map(|folder| folder.join(PASSWORD_CREDENTIAL)).filter(|path| path.exists());
    // systemd guards it, by an access list that looks like a loose mode.
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok(first_line(&Zeroizing::new(text))),
        Err(source) => Err(SetupError::Io { path, source }),
    };
    credential.map(read).transpose()
}

fn first_line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
}

fn parameters(settings: &Smtp) -> Result<TlsParameters, SetupError> {
    let host = |error: lettre::transport::smtp::Error| SetupError::Host {
        host: settings.host.clone(),
        reason: error.to_string(),
    };
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca {
        let text = std::fs::read(path).map_err(|source| SetupError::Io { path: path.clone(), source })?;
        let no = |reason: String| SetupError::NotACertificate { path: path.clone(), reason };
        let authorities = Certificate::from_pem(&text).map_err(|error| no(error.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authorities);
        // lettre takes a file without any for an empty list, and would find out with the first mail.
        if !text.windows(PEM_HEAD.len()).any(|window| window == PEM_HEAD) {
            return Err(no("no BEGIN CERTIFICATE line is in it".into()));
        }
    }
    builder.build().map_err(host)
}
