//! What the process asks of the operating system before it does anything else.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

/// Files are for this user alone, memory is never dumped to disk (it holds private keys), and as many connections as the system
/// grants may be open.
pub fn harden() {
    umask(Mode::RWXG | Mode::RWXO);
    // Both are wishes: where the system says no, the server runs with what it has.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).ok();
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).ok();
}

/// Files and connections that may be open; none for no limit.
#[must_use]
pub fn descriptors() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
