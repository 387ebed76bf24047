//! Files in and out, with `-` for standard input and output.

use super::failure::{Exit, Failure};
use crate::disk::{self, Disk, RealDisk};
use leasehold_protocol::armour::FILE_LEN_MAX;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Whether the path stands for standard input or output.
pub fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// The whole file, as far as any artefact or grant is long: one byte more is read, so that a longer one shows as such.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(2048); // a request, in one read
    let limit = FILE_LEN_MAX as u64 + 1;
    let read = match is_dash(path) {
        true => io::stdin().lock().take(limit).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| io_failure(path, &error))?;
    Ok(bytes)
}

/// The whole file as text.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read(path)?;
    if bytes.len() > FILE_LEN_MAX {
        let what = format!("{} has more than {FILE_LEN_MAX} bytes", path.display());
        return Err(Failure::new(Exit::NotValid, "too_large", what, "name the right file; this one is too long"));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|_| {
        Failure::new(Exit::NotValid, "not_text", format!("{} is not text", path.display()), "name a text file")
    })
}

/// Writes the whole file, in one step and durably, or prints it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = match is_dash(path) {
        true => io::stdout().lock().write_all(bytes),
        false => disk::replace(&mut RealDisk, path, 0o644, bytes).and_then(|()| RealDisk.sync_folder(path)),
    };
    written.map_err(|error| io_failure(path, &error))
}

pub fn io_failure(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        "io",
        format!("{}: {error}", path.display()),
        "check the path, its permissions and the free space",
    )
}
