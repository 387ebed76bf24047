//! A batch of request files to a batch of licence files: answered and recorded with one commit, then written.
//!
//! ```text
//! record committed -> every file written under a hidden name -> one sync for all -> each gets its name -> names synced
//! ```
//! So a licence file is in the record, durably, before anybody can see it; it is seen whole or not at all, wherever power is cut;
//! and what was reported as signed is on the disk. A file that is recorded and not there, because power was cut on the way or
//! somebody lost it, is written again, byte for byte, by the same command.

use crate::answer::{self, Answer, AnswerError, Record, RecordError};
use crate::disk::{self, Disk};
use crate::signer::FileSigner;
use leasehold_protocol::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The armoured request.
    pub file: &'a [u8],
    /// Where the licence file goes; nowhere if the caller hands it out.
    pub out: Option<&'a Path>,
}

/// Answers the jobs and writes their licence files, each whole or not at all; of two for one place the later. For each job, in
/// order, its answer or its own error: with [`AnswerError::Write`] the licence is recorded, and the same request gives it again.
///
/// # Errors
/// The record's, and then nothing was written.
///
/// # Panics
/// With more than [`answer::BATCH_MAX`] jobs.
pub fn run(
    jobs: &[Job<'_>],
    record: &mut dyn Record,
    signer: &FileSigner,
    disk: &mut dyn Disk,
    now: Time,
) -> Result<Vec<Result<Answer, AnswerError>>, RecordError> {
    let files: Vec<&[u8]> = jobs.iter().map(|job| job.file).collect();
    let mut answers = answer::answer_all(&files, record, signer, now)?;
    let mut begun = Begun::new();
    for (job, answer) in jobs.iter().zip(&mut answers) {
        let (Some(out), Ok(answered)) = (job.out, &*answer) else { continue };
        match disk::begin(disk, out, 0o644, answered.file().as_bytes()) {
            Ok(hidden) => _ = begun.insert(out.as_os_str(), hidden),
            Err(source) => *answer = Err(write_error(out, source)),
        }
    }
    let failed = finish(disk, begun);
    for (job, answer) in jobs.iter().zip(&mut answers) {
        let (Some(out), Ok(_)) = (job.out, &*answer) else { continue };
        if let Some(source) = failed.get(out.as_os_str()) {
            *answer = Err(write_error(out, copy(source)));
        }
    }
    Ok(answers)
}

/// Where a file goes, and where it stands until it is durable.
type Begun<'a> = BTreeMap<&'a OsStr, PathBuf>;

/// Syncs what was begun and gives it its names. What failed, by where it was to go.
fn finish<'a>(disk: &mut dyn Disk, begun: Begun<'a>) -> BTreeMap<&'a OsStr, io::Error> {
    let (outs, hidden): (Vec<&OsStr>, Vec<PathBuf>) = begun.into_iter().unzip();
    if let Err(source) = disk.sync_files(&hidden) {
        hidden.iter().for_each(|hidden| _ = disk.remove(hidden)); // the first error is the one to tell
        return outs.into_iter().map(|out| (out, copy(&source))).collect();
    }
    let mut failed = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for (out, hidden) in outs.iter().zip(&hidden) {
        match disk::finish(disk, hidden, Path::new(out)) {
            Ok(()) => _ = folders.insert(Path::new(out).parent()),
            Err(source) => _ = failed.insert(*out, source),
        }
    }
    for folder in folders {
        let inside = || outs.iter().filter(|out| Path::new(out).parent() == folder);
        if let Some(Err(source)) = inside().next().map(|out| disk.sync_folder(Path::new(out))) {
            failed.extend(inside().map(|out| (*out, copy(&source))));
        }
    }
    failed
}

/// The same error for another file: the system's number, or the kind.
fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error)
}

fn write_error(out: &Path, source: io::Error) -> AnswerError {
    AnswerError::Write { path: out.to_owned(), source }
}

#[cfg(test)]
mod tests;
