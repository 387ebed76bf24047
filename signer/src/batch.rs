//! A batch of request files to a batch of licence files: answered and recorded with one commit, then written.

use crate::answer::{self, Answer, AnswerError, Record, RecordError};
use crate::disk::{self, Disk};
use crate::signer::FileSigner;
use leasehold_protocol::Time;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The armoured request.
    pub file: &'a [u8],
    /// Where the licence file goes; nowhere if the caller hands it out.
    pub out: Option<&'a Path>,
}

/// Answers the jobs and writes their licence files, each whole or not at all. For each job, in order, its answer or its own error:
/// with [`AnswerError::Write`] the licence is recorded, and the same request gives it again.
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
    for (job, answer) in jobs.iter().zip(&mut answers) {
        let (Some(out), Ok(answered)) = (job.out, &*answer) else { continue };
        if let Err(source) = disk::replace(disk, out, 0o644, answered.file().as_bytes()) {
            *answer = Err(write_error(out, source));
        }
    }
    sync_folders(jobs, &mut answers, disk);
    Ok(answers)
}

fn sync_folders(jobs: &[Job<'_>], answers: &mut [Result<Answer, AnswerError>], disk: &mut dyn Disk) {
    let mut synced = BTreeSet::new();
    for (job, answer) in jobs.iter().zip(answers) {
        let (Some(out), Ok(_)) = (job.out, &*answer) else { continue };
        if synced.contains(&out.parent()) {
            continue;
        }
        match disk.sync_folder(out) {
            Ok(()) => _ = synced.insert(out.parent()),
            Err(source) => *answer = Err(write_error(out, source)),
        }
    }
}

fn write_error(out: &Path, source: io::Error) -> AnswerError {
    AnswerError::Write { path: out.to_owned(), source }
}
