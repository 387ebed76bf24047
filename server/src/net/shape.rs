//! Requests that two readers could read differently.
//!
//! A proxy and this server see the same bytes; where they disagree about where a request ends, what one takes for a body the
//! other answers as a request. hyper refuses most of what is ambiguous (RFC 9112, sections 2.2, 5.1, 5.2, 6.1, 6.3), and closes
//! after a request with both a length and a transfer coding. It lets pass what is refused here.

use hyper::header::{HOST, TRANSFER_ENCODING};
use hyper::{Method, Request, Version};

/// Why a request is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguous {
    /// A transfer coding that is not `chunked` alone. Other codings before it would be taken off by some readers only.
    Coding,
    /// No host, or several (RFC 9112, section 3.2).
    Host,
    /// A tunnel: what follows is not HTTP for some readers.
    Tunnel,
}

/// Whether everybody reads the request alike.
///
/// # Errors
/// [`Ambiguous`]: answer 400 and close.
pub fn check<B>(request: &Request<B>) -> Result<(), Ambiguous> {
    let headers = request.headers();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let coding = codings.next();
    if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) || codings.next().is_some() {
        return Err(Ambiguous::Coding);
    }
    let mut hosts = headers.get_all(HOST).iter();
    if (hosts.next().is_none() && request.version() == Version::HTTP_11) || hosts.next().is_some() {
        return Err(Ambiguous::Host);
    }
    if request.method() == Method::CONNECT { Err(Ambiguous::Tunnel) } else { Ok(()) }
}
