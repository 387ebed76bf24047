//! A connection that hands out what it hears one line at a time, at most.
//!
//! lettre keeps what it has read ahead when a connection turns to TLS (RFC 3207). Somebody on the way could put words of his own
//! behind the server's last plain line, and they would count as said under TLS: a mail that was refused would pass for sent.
//! Nothing is read ahead here, so such words end up in the handshake, which fails over them.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes looked at in one go.
const LOOK: usize = 1024;

/// A connection, read by line.
#[derive(Debug)]
pub struct ByLine(pub TcpStream);

impl AsyncRead for ByLine {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; LOOK];
        let room = into.remaining().min(LOOK);
        let mut seen = ReadBuf::new(&mut bytes[..room]);
        ready!(self.0.poll_peek(task, &mut seen))?;
        let seen = seen.filled();
        let line = seen.iter().position(|byte| *byte == b'\n').map_or(seen.len(), |end| end + 1);
        let mut line = ReadBuf::new(&mut bytes[..line]);
        ready!(Pin::new(&mut self.0).poll_read(task, &mut line))?;
        into.put_slice(line.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ByLine {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(task)
    }
}

impl AsyncTokioStream for ByLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}
