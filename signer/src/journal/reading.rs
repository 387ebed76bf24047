//! Reading a journal's bytes: whole lines, in order, each fitting those before it.

use super::JournalError;
use super::book::Book;
use super::line::{Entry, START};
use crate::answer::BATCH_MAX;
use leasehold_protocol::Digest;
use std::path::Path;

/// The entries of a journal's bytes, for whoever imports it, and the hash of the last line. An incomplete last line is left out.
///
/// # Errors
/// [`JournalError::Damaged`]; `path` is for its text.
pub fn entries(path: &Path, bytes: &[u8]) -> Result<(Vec<Entry>, Digest), JournalError> {
    read(path, bytes).map(|read| (read.entries, read.chain))
}

pub(super) struct Read {
    pub entries: Vec<Entry>,
    pub book: Book,
    pub chain: Digest,
    /// Bytes in whole lines.
    pub len: usize,
    /// Where the last [`BATCH_MAX`] lines start.
    pub doubtful: usize,
}

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Read, JournalError> {
    let mut read = Read { entries: Vec::new(), book: Book::default(), chain: START, len: 0, doubtful: 0 };
    let mut starts = Vec::new();
    let damaged = |line: usize, offset: usize, reason: String| {
        Err(JournalError::Damaged { path: path.to_owned(), line: line + 1, offset, reason })
    };
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (number, offset) = (read.entries.len(), read.len);
        let Some(whole) = text.strip_suffix(b"\n") else {
            // Incomplete, unless it is whole but for its newline: then that was changed, for it is written with the line.
            let changed = text.split_last().is_some_and(|(_, line)| Entry::read(line, read.chain).is_ok());
            if changed {
                return damaged(number, offset, "its newline is another byte".into());
            }
            break;
        };
        let (entry, hash) = match Entry::read(whole, read.chain) {
            Ok(entry) => entry,
            Err(reason) => return damaged(number, offset, reason),
        };
        if let Err(reason) = read.book.apply(&entry) {
            return damaged(number, offset, reason.into());
        }
        read.chain = hash;
        starts.push(offset);
        read.len += text.len();
        read.entries.push(entry);
    }
    read.doubtful = starts.get(starts.len().saturating_sub(BATCH_MAX)).copied().unwrap_or(0);
    Ok(read)
}
