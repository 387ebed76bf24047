//! Settings of mail: what stands in it, and who takes it. Without `[mail.smtp]` nothing leaves, and the operator reads mail
//! with `leasehold mail`.
//!
//! ```toml
//! [mail]
//! portal = "https://licences.example.com"                # every link begins with it
//! from = "Example Software <licences@example.com>"
//! reply_to = "support@example.com"
//!
//! [mail.subjects]
//! welcome = "Your licences at {vendor}"                  # {vendor} becomes the vendor's name
//!
//! [mail.smtp]
//! host = "smtp.example.com"
//! security = "tls"                                       # or "starttls", or "none" to this machine
//! port = 465                                             # the usual one: 465, 587 or 25
//! username = "licences"
//! password_file = "/var/lib/leasehold/smtp.password"     # mode 0600
//! ca = "/etc/leasehold/ca.pem"                           # instead of the public authorities
//! timeout = 30                                           # seconds for one mail
//! ```

mod portal;
mod subjects;

pub use portal::PortalAddress;
pub use subjects::Subjects;

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Where people reach the portal. Without it links lead to the portal's listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<PortalAddress>,
    /// Who sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Sender>,
    /// Who gets answers, if not the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Sender>,
    /// What stands above each kind.
    pub subjects: Subjects,
    /// Who takes mail; none for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
}

/// A server that takes mail (RFC 6409).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name, which its certificate has to bear.
    pub host: String,
    /// How the way there is guarded.
    #[serde(default)]
    pub security: Security,
    /// Its port, if not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Who we are to it; none if it does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// A file with the password in its first line. Without it: `LEASEHOLD_SMTP_PASSWORD`, or the systemd credential
    /// `leasehold-smtp-password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// Authorities its certificate may come from (PEM), instead of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Time for one mail, from the connection to the server's word that it has it.
    #[serde(default)]
    pub timeout: Seconds,
}

/// How the way to a server is guarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte, which is to be preferred (RFC 8314, section 3).
    #[default]
    Tls,
    /// TLS after a greeting (RFC 3207). A server that does not offer it gets nothing.
    StartTls,
    /// Nothing, to this machine only.
    None,
}

impl Smtp {
    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        })
    }

    fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl Mail {
    /// What has to fit together.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub fn check(&self) -> Result<(), String> {
        let Some(smtp) = &self.smtp else { return Ok(()) };
        let missing =
            |name: &str, example: &str| format!("[mail.smtp] needs {name} in [mail]: write {name} = {example:?}");
        self.from.as_ref().ok_or_else(|| missing("from", "Example Software <licences@example.com>"))?;
        self.portal.as_ref().ok_or_else(|| missing("portal", "https://licences.example.com"))?;
        if smtp.host.is_empty()
            || smtp
                .host
                .contains(|c: char| c.is_whitespace() || c.is_control() || c == ':' && !smtp.host.contains("::"))
        {
            let host = &smtp.host;
            return Err(format!(
                "[mail.smtp] host = {host:?} is no host: write the name alone, and the port as port = N"
            ));
        }
        if smtp.security == Security::None && !smtp.is_here() {
            let host = &smtp.host;
            return Err(format!(
                "[mail.smtp] security = \"none\" would send one-time links in the clear to {host}: use \"tls\" or \"starttls\", \
                 or a relay on this machine"
            ));
        }
        if smtp.password_file.is_some() && smtp.username.is_none() {
            return Err("[mail.smtp] has a password_file and no username: write both, or none".into());
        }
        Ok(())
    }
}

/// A count of seconds in which one mail can be handed over: from 1 to 600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Seconds(u64);

impl Seconds {
    /// As a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl Default for Seconds {
    fn default() -> Self {
        Self(30)
    }
}

impl TryFrom<u64> for Seconds {
    type Error = String;

    fn try_from(seconds: u64) -> Result<Self, String> {
        if (1..=600).contains(&seconds) { Ok(Self(seconds)) } else { Err(format!("{seconds} is not from 1 to 600")) }
    }
}

impl From<Seconds> for u64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

/// Who sends or gets answers: `Name <name@example.com>`, or the address alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sender(Mailbox);

impl Sender {
    /// Name and address.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl TryFrom<String> for Sender {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no sender: write it as Example Software <licences@example.com>");
        if text.contains(char::is_control) {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        sender.to_string()
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests;
