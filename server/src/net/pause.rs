//! A stream that HTTP can be taken off and put on again.
//!
//! hyper keeps 16 KiB of buffers for as long as it has a connection, and ten thousand that only wait would keep them all. So in
//! a crowd a connection between two requests is taken away from hyper, and given back to it with the first byte of the next.
//!
//! That is safe only where hyper has nothing in hand: everything it wrote was flushed, and since then it has asked for a next
//! head in vain. A request whose body was not read to its end never gets there: hyper ends the connection when it next looks
//! for the rest of the body, and what is left of it is read by nobody, least of all as a request.

use hyper::body::Bytes;
use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

/// A stream, what was read of it ahead, and what its user did with it last.
pub struct Pausable<IO> {
    stream: IO,
    ahead: Bytes,
    used: Rc<Cell<Used>>,
}

/// What was done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    /// Read, or written without a flush.
    Busy,
    /// Flushed to the end.
    Flushed,
    /// Asked for more after that, and there was none.
    Waiting,
}

/// Tells whether a stream that somebody else has is waiting.
pub struct Watch(Rc<Cell<Used>>);

impl Watch {
    /// Everything was flushed, and there is nothing to read.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.0.get() == Used::Waiting
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Pausable<IO> {
    /// A stream that nobody has read.
    pub fn new(stream: IO) -> Self {
        Self { stream, ahead: Bytes::new(), used: Rc::new(Cell::new(Used::Busy)) }
    }

    /// Watches it wherever it goes.
    pub fn watch(&self) -> Watch {
        Watch(self.used.clone())
    }

    /// What was read and not used is read again.
    #[must_use]
    pub fn with(self, ahead: &[u8]) -> Self {
        Self { ahead: Bytes::copy_from_slice(ahead), ..self } // a copy: even an empty part would keep the whole buffer
    }

    /// Waits for a first byte; false if there will be none.
    pub async fn wakes(&mut self, patience: Duration) -> bool {
        if self.ahead.is_empty() {
            let mut byte = [0];
            let first = poll_fn(|context| {
                let mut buffer = ReadBuf::new(&mut byte);
                let read = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
                read.map(|read| read.is_ok() && !buffer.filled().is_empty())
            });
            let came = timeout(patience, first).await.unwrap_or(false);
            self.ahead = if came { Bytes::copy_from_slice(&byte) } else { Bytes::new() };
        }
        !self.ahead.is_empty()
    }

    fn note<T>(&self, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.used.set(Used::Busy);
        done
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for Pausable<IO> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.ahead.is_empty() {
            let len = this.ahead.len().min(buffer.remaining());
            buffer.put_slice(&this.ahead.split_to(len));
            return this.note(Poll::Ready(Ok(())));
        }
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        match (read.is_pending(), this.used.get()) {
            (true, Used::Flushed | Used::Waiting) => this.used.set(Used::Waiting),
            _ => this.used.set(Used::Busy),
        }
        read
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Pausable<IO> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        match (flushed.is_ready(), this.used.get()) {
            (true, Used::Busy) => this.used.set(Used::Flushed),
            (true, _) => {}
            (false, _) => this.used.set(Used::Busy),
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let ended = Pin::new(&mut this.stream).poll_shutdown(context);
        this.note(ended)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
