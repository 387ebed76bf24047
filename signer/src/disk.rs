//! Every durable write of this crate, as a handful of operations that a test can make fail at any point.
//!
//! Nothing is durable before [`Disk::sync`] of the file, and no new name before [`Disk::sync_folder`]. The functions below put
//! the operations into the only orders that survive a power cut: [`create`], [`replace`], and for many files [`begin`], one
//! [`Disk::sync_files`], then [`finish`] each.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A file system, as far as it is needed.
pub trait Disk {
    /// The whole file; nothing if there is none.
    ///
    /// # Errors
    /// Any of the file system's.
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// A new file with these permission bits and `bytes` in it.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] for any file, folder or link of that name; any of the file system's, and then the file
    /// may be there with a part of the bytes.
    fn create(&mut self, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()>;

    /// Writes `bytes` at `offset` of an existing file.
    ///
    /// # Errors
    /// Any of the file system's; a part may have been written.
    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `len` bytes.
    ///
    /// # Errors
    /// Any of the file system's.
    fn cut(&mut self, path: &Path, len: u64) -> io::Result<()>;

    /// Makes the file's content durable.
    ///
    /// # Errors
    /// Any of the file system's; then nothing is known about what was written since the last success.
    fn sync(&mut self, path: &Path) -> io::Result<()>;

    /// Makes the content of all these files durable.
    ///
    /// # Errors
    /// As [`Disk::sync`], for any of them.
    fn sync_files(&mut self, paths: &[PathBuf]) -> io::Result<()> {
        paths.iter().try_for_each(|path| self.sync(path))
    }

    /// Makes the names in the folder around `path` durable.
    ///
    /// # Errors
    /// Any of the file system's.
    fn sync_folder(&mut self, path: &Path) -> io::Result<()>;

    /// Gives a file another name in one step, in place of what has that name.
    ///
    /// # Errors
    /// Any of the file system's.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// Any of the file system's.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
}

/// Writes a new file that is either whole or not there at all once this has succeeded.
///
/// # Errors
/// As [`Disk::create`]; what was begun is removed.
pub fn create(disk: &mut dyn Disk, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let created = disk.create(path, mode, bytes);
    if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
        return created; // another's file
    }
    let written = created.and_then(|()| disk.sync(path)).and_then(|()| disk.sync_folder(path));
    if written.is_err() {
        disk.remove(path).ok(); // the first error is the one to tell
    }
    written
}

/// Puts a whole file in place of what has that name, or leaves that as it is. The new name is durable after
/// [`Disk::sync_folder`], which the caller owes.
///
/// # Errors
/// Any of the file system's; what was begun is removed.
pub fn replace(disk: &mut dyn Disk, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let begun = begin(disk, path, mode, bytes)?;
    if let Err(error) = disk.sync(&begun) {
        disk.remove(&begun).ok();
        return Err(error);
    }
    finish(disk, &begun, path)
}

/// Writes a file that is to be named `path` under another name beside it, which is returned: what has the name stays as it is.
/// It is not durable yet.
///
/// # Errors
/// Any of the file system's; what was begun is removed.
pub fn begin(disk: &mut dyn Disk, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut hidden = std::ffi::OsString::with_capacity(name.len() + 5);
    hidden.push(".");
    hidden.push(name);
    hidden.push(".tmp");
    let begun = path.with_file_name(hidden);
    let mut created = disk.create(&begun, mode, bytes);
    if created.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
        disk.remove(&begun)?; // left by a run that was cut short
        created = disk.create(&begun, mode, bytes);
    }
    if let Err(error) = created {
        disk.remove(&begun).ok(); // the first error is the one to tell
        return Err(error);
    }
    Ok(begun)
}

/// Gives a file that was begun, and is durable, its name.
///
/// # Errors
/// Any of the file system's; what was begun is removed.
pub fn finish(disk: &mut dyn Disk, begun: &Path, path: &Path) -> io::Result<()> {
    let named = disk.rename(begun, path);
    if named.is_err() {
        disk.remove(begun).ok();
    }
    named
}

/// The machine's own file system.
#[derive(Debug, Default, Clone, Copy)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match File::open(path) {
            Ok(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&mut self, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(bytes)
    }

    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.write_all_at(bytes, offset)
    }

    fn cut(&mut self, path: &Path, len: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(len)
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    /// One `syncfs` for each folder: a sync of its own costs every file more than its signature. It also waits for what others
    /// write to that file system, and reports errors since Linux 5.8.
    #[cfg(target_os = "linux")]
    fn sync_files(&mut self, paths: &[PathBuf]) -> io::Result<()> {
        let folders: std::collections::BTreeSet<PathBuf> = paths.iter().map(|path| folder(path)).collect();
        folders.iter().try_for_each(|folder| Ok(rustix::fs::syncfs(File::open(folder)?)?))
    }

    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        File::open(folder(path))?.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The folder a path names something in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
