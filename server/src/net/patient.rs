//! A stream whose writes are not waited for for ever.
//!
//! hyper closes a client that sends its head too slowly, but waits as long as it takes for one that does not read its
//! answers; such clients would keep their connections until none is left. One that reads a byte now and then is no better, so
//! there is a least pace; TLS lies above this stream, so that its handshakes and buffers are under the same clock.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes to be taken within the patience by a client who lets us wait: less than a KiB a second, slower than any modem.
const TAKEN_MIN: usize = 4096;

/// A stream that fails with `TimedOut` when the other side takes next to nothing for a while.
pub struct Patient<IO> {
    stream: IO,
    patience: Duration,
    waiting: Option<Waiting>,
}

/// Something has to be written and was not taken at once.
struct Waiting {
    timer: Pin<Box<Sleep>>,
    /// Bytes taken since the timer was set.
    taken: usize,
}

impl<IO> Patient<IO> {
    /// Waits for `patience` at most, each time.
    pub fn new(stream: IO, patience: Duration) -> Self {
        Self { stream, patience, waiting: None }
    }

    /// Passes on what was written, or gives up once too little was for too long.
    fn written(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match (&written, &mut self.waiting) {
            (Poll::Pending, _) => self.wait(context),
            (Poll::Ready(Ok(len)), Some(waiting)) => {
                waiting.taken += len;
                written
            }
            _ => written,
        }
    }

    /// Everything was taken, or there is something to wait for.
    fn flushed(&mut self, flushed: Poll<io::Result<()>>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if flushed.is_pending() {
            return self.wait(context);
        }
        self.waiting = None;
        flushed
    }

    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Waiting { timer: Box::pin(sleep(patience)), taken: 0 });
        loop {
            ready!(waiting.timer.as_mut().poll(context));
            if waiting.taken < TAKEN_MIN {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            *waiting = Waiting { timer: Box::pin(sleep(patience)), taken: 0 };
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Patient<IO> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Patient<IO> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(written, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        this.flushed(flushed, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let ended = Pin::new(&mut this.stream).poll_shutdown(context);
        this.flushed(ended, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::task::JoinHandle;

    /// A client that reads `len` bytes every four seconds, `times` times, and then no more.
    async fn reader(len: usize, times: usize) -> (Patient<DuplexStream>, JoinHandle<DuplexStream>) {
        let (mut near, far) = duplex(len);
        let reading = tokio::spawn(async move {
            for _ in 0..times {
                sleep(Duration::from_secs(4)).await;
                near.read_exact(&mut vec![0; len]).await.expect("bytes arrive");
            }
            near
        });
        (Patient::new(far, Duration::from_secs(5)), reading)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let (mut patient, reading) = reader(TAKEN_MIN, 5).await;
        patient.write_all(&[7; 5 * TAKEN_MIN]).await.expect("a slow reader is waited for");
        patient.flush().await.expect("nothing waits");
        let _near = reading.await.expect("the reader ends");
        let error = patient.write_all(&[7; 2 * TAKEN_MIN]).await.expect_err("nobody reads any more");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_a_byte_now_and_then_is_given_up() {
        let (mut patient, reading) = reader(1, 50).await;
        let begun = tokio::time::Instant::now();
        let error = patient.write_all(&[7; 50]).await.expect_err("too slow");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
        reading.abort();
    }
}
