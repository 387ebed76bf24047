//! What the kernel knows about a process: CPU, memory, bytes written; and on which core it runs.
//!
//! CPU is user and system time of all threads, from `/proc/PID/stat`, in steps of 10 ms. Bytes are `wchar` of `/proc/PID/io`:
//! what was handed to write calls. An engine writes whole pages, so that is what goes to its file. (`write_bytes` beside it counts
//! whole folios of the page cache as soon as a part is dirty: up to 100 kB for a page of 4.)

use crate::Done;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::fs;

/// The core of what is measured.
pub const SERVER_CORE: usize = 0;
/// The core of what measures.
pub const LOAD_CORE: usize = 1;
/// Ticks of `/proc/PID/stat` in a second; fixed by the kernel's interface to programs.
const TICKS: f64 = 100.0;

/// Microseconds of CPU a process has used so far.
///
/// # Errors
/// The file system's, or a process that is gone.
pub fn cpu_us(pid: u32) -> Done<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(") ").ok_or("no name in stat")?.1; // the name may hold anything
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).ok_or("no times in stat");
    Ok((ticks(11)? + ticks(12)?) / TICKS * 1e6)
}

/// Microseconds of CPU this process has used so far, to the nanosecond.
#[must_use]
pub fn own_cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Bytes this process has written so far, to files and pipes.
///
/// # Errors
/// As [`cpu_us`].
pub fn own_written_bytes() -> Done<f64> {
    field(&fs::read_to_string("/proc/self/io")?, "wchar:")
}

/// Memory of a process in MB (10^6 bytes).
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident now.
    pub now: f64,
    /// The most that ever was.
    pub peak: f64,
}

/// Memory of a process.
///
/// # Errors
/// As [`cpu_us`].
pub fn memory(pid: u32) -> Done<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let mb = |name| field(&status, name).map(|kib| kib * 1024.0 / 1e6);
    Ok(Memory { now: mb("VmRSS:")?, peak: mb("VmHWM:")? })
}

fn field(text: &str, name: &str) -> Done<f64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let value = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| format!("no {name} there").into())
}

/// Keeps this thread, and the threads and processes it starts, on these cores.
///
/// # Errors
/// The kernel's.
pub fn pin(cores: &[usize]) -> Done {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    let pinned = sched_setaffinity(None, &set);
    pinned.map_err(|error| format!("cores {cores:?}: {error}; a bench needs two cores").into())
}

/// As many open files as the system grants: one a connection.
pub fn raise_descriptors() {
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).ok();
}
