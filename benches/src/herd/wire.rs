//! One connection of a console: HTTP/1.1 by hand, as much as the server's answers need.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Bytes of the longest answer; leases have a few hundred.
const ANSWER_LEN_MAX: usize = 64 * 1024;

/// Whom to ask.
#[derive(Clone)]
pub struct Target {
    /// Its address.
    pub address: SocketAddr,
    /// TLS 1.3, if it speaks that.
    pub tls: Option<Arc<ClientConfig>>,
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }
}

/// The address a console calls from: each its own, as far as 127.0.0.0/8 goes.
#[must_use]
pub fn source(index: u32) -> SocketAddr {
    let [high, b, c, d] = index.to_be_bytes();
    let first = 1 + (b.wrapping_add(high) & 0x7f); // neither the network's own address nor that of the server
    SocketAddr::from((Ipv4Addr::new(127, first, c, d), 0))
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// An open connection.
pub struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    answers: u32,
}

/// An answer, as far as the herd looks at it; its body stands in the connection's buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Seconds the server asks to wait; 0 if it does not.
    pub retry_after: u32,
    /// The connection stays open.
    pub stays: bool,
    body: Range<usize>,
}

impl Connection {
    /// Connects from `source`.
    ///
    /// # Errors
    /// The network's, or that of TLS.
    pub async fn open(target: &Target, source: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(source)?;
        let stream = socket.connect(target.address).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &target.tls {
            None => Box::new(stream),
            Some(config) => {
                let name = ServerName::try_from(crate::tls::NAME).map_err(io::Error::other)?;
                Box::new(TlsConnector::from(config.clone()).connect(name, stream).await?)
            }
        };
        Ok(Self { stream, buffer: Vec::with_capacity(2048), answers: 0 })
    }

    /// It has answered before.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.answers > 0
    }

    /// The body of the last answer.
    #[must_use]
    pub fn body(&self, answer: &Answer) -> &[u8] {
        &self.buffer[answer.body.clone()]
    }

    /// Sends a whole request and reads the whole answer.
    ///
    /// # Errors
    /// The network's; `InvalidData` for what is no answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = parse(&self.buffer)? {
                self.answers += 1;
                return Ok(answer);
            }
            if self.buffer.len() > ANSWER_LEN_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer without an end"));
            }
        }
    }
}

/// The answer, once it is whole.
fn parse(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let Some(head_len) = bytes.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(None) };
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer");
    let head = std::str::from_utf8(&bytes[..head_len]).map_err(|_| wrong())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let (mut len, mut retry_after, mut stays) = (0, 0, true);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            len = value.parse().map_err(|_| wrong())?;
        } else if name.eq_ignore_ascii_case("retry-after") {
            retry_after = value.parse().map_err(|_| wrong())?;
        } else if name.eq_ignore_ascii_case("connection") {
            stays = !value.eq_ignore_ascii_case("close");
        }
    }
    let body = head_len + 4..head_len + 4 + len;
    let status = status.ok_or_else(wrong)?;
    Ok((bytes.len() >= body.end).then_some(Answer { status, retry_after, stays, body }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_it_is_whole() {
        let whole =
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbusy";
        for len in 0..whole.len() {
            assert_eq!(parse(&whole[..len]).expect("a part of an answer"), None, "{len}");
        }
        let answer = parse(whole).expect("an answer").expect("whole");
        assert_eq!((answer.status, answer.retry_after, answer.stays), (503, 7, false));
        assert_eq!(&whole[answer.body], b"busy");
        assert!(parse(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn consoles_have_addresses_of_their_own_in_127_8() {
        let addresses: std::collections::BTreeSet<_> = (0..200_000).step_by(37).map(source).collect();
        assert_eq!(addresses.len(), 200_000usize.div_ceil(37));
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
    }
}
