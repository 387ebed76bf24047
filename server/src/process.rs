//! What the process asks of the operating system before it does anything else.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setpriority_process, setrlimit, umask};

/// A tenth of the core is left to a thread of this niceness beside one of none; the writer needs less.
const GIVES_WAY: i32 = 10;

/// Files are for this user alone, memory is never dumped to disk (it holds private keys), and as many connections as the system
/// grants may be open.
pub fn harden() {
    umask(Mode::RWXG | Mode::RWXO);
    // Both are wishes: where the system says no, the server runs with what it has.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).ok();
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).ok();
}

/// Lets every other thread go first that wants the same core. For the calling thread alone, and for good.
pub fn give_way() {
    setpriority_process(None, GIVES_WAY).ok(); // a wish too
}

/// Files and connections that may be open; none for no limit.
#[must_use]
pub fn descriptors() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
