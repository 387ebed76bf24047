//! The wire: one POST or GET at a time, every stage with a time limit, every answer with a size limit, no redirects.

use crate::client::Settings;
use crate::failure::Failure;
use std::fs;
use std::time::Duration;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Proxy, http::Response};

/// Bytes in the longest answer.
const ANSWER_LEN_MAX: u64 = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const MEDIA_TYPE: &str = "application/cose; cose-type=\"cose-sign1\"";

/// A server, and the way to it.
#[derive(Debug)]
pub(crate) struct Wire {
    agent: Agent,
    server: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub retry_after: Option<u32>,
}

impl Wire {
    /// # Errors
    /// [`Failure::Usage`] when server, proxy or CA file cannot be used.
    pub fn to(server: &str, settings: &Settings) -> Result<Self, Failure> {
        let server = server.trim_end_matches('/').to_owned();
        if !(server.starts_with("https://") || server.starts_with("http://")) {
            let hint = "write it with its scheme: https://licences.example";
            return Err(Failure::Usage { what: format!("{server:?} is not a server's address"), hint });
        }
        let proxy = match settings.proxy.as_deref() {
            None => Proxy::try_from_env(),
            Some("none") => None,
            Some(url) => Some(Proxy::new(url).map_err(|_| bad_proxy(url))?),
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0) // one message a day: a kept connection would be dead by then
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(CALL_TIMEOUT))
            .user_agent(concat!("leasehold-console/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots(settings)?).build())
            .proxy(proxy);
        Ok(Self { agent: config.build().into(), server })
    }

    /// Sends a signed message. The error is for people: nobody answered.
    pub fn post(&self, path: &str, message: &[u8]) -> Result<Reply, String> {
        let request = self.agent.post(format!("{}{path}", self.server)).content_type(MEDIA_TYPE);
        reply(request.send(message))
    }

    /// Fetches the keyset.
    pub fn keyset(&self) -> Result<Vec<u8>, String> {
        let reply = reply(self.agent.get(format!("{}/v1/keyset", self.server)).call())?;
        match reply.status {
            200 => Ok(reply.body),
            status => Err(format!("HTTP {status}")),
        }
    }
}

fn reply(answer: Result<Response<Body>, ureq::Error>) -> Result<Reply, String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).and_then(|value| value.trim().parse().ok());
    let body = answer.body_mut().with_config().limit(ANSWER_LEN_MAX).read_to_vec();
    Ok(Reply { status: answer.status().as_u16(), body: body.map_err(|error| error.to_string())?, retry_after })
}

fn roots(settings: &Settings) -> Result<RootCerts, Failure> {
    let Some(path) = &settings.ca else { return Ok(RootCerts::WebPki) };
    let pem = fs::read(path).map_err(Failure::disk(path))?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() {
        let hint = "give the certificate of the authority that signed the server's, in PEM";
        return Err(Failure::Usage { what: format!("{} holds no certificate", path.display()), hint });
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn bad_proxy(url: &str) -> Failure {
    // a proxy's address may hold a password, so it is not repeated
    let what = format!("the proxy's address ({} bytes) cannot be used", url.len());
    Failure::Usage { what, hint: "write it as http://HOST:PORT, or none to use no proxy" }
}
