//! Reading a request's body: never more than the cap, never longer than the timeout. hyper has neither.

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use std::time::Duration;

/// A body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRead {
    /// It did not arrive in time.
    Slow,
    /// It is longer than the cap.
    TooLarge,
    /// The connection broke, or the framing is wrong.
    Broken,
}

/// The whole body.
///
/// # Errors
/// [`NotRead`].
pub async fn read<B>(body: B, len_max: usize, timeout: Duration) -> Result<Bytes, NotRead>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.size_hint().lower() > len_max as u64 {
        return Err(NotRead::TooLarge);
    }
    match tokio::time::timeout(timeout, Limited::new(body, len_max).collect()).await {
        Err(_) => Err(NotRead::Slow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(NotRead::TooLarge),
        Ok(Err(_)) => Err(NotRead::Broken),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}
