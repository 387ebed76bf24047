//! Making and opening the store file. A store that is cut off while it is being made is never taken for one, and no store is
//! ever made where one was expected.

use super::engine::{RedbStore, failed};
use super::held::Held;
use super::renewals;
use leasehold_ledger::store::{Store, StoreError, Table, Write};
use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, StorageError, TableDefinition, TableError,
};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The store's name in the data folder.
pub const FILE_NAME: &str = "store.redb";
/// The version of rows and tables that this build writes.
pub const SCHEMA: u32 = 1;
/// Bytes of the engine's cache: branches of the trees, and the rows of a batch. Its default of 1 GiB fills the memory and slows
/// the check at the start, and a fleet that calls once a day finds nothing in it that it put there the day before.
const CACHE_LEN: usize = 12 * 1024 * 1024;
/// What the engine itself has to remember, apart from the ledger's tables.
const ENGINE: TableDefinition<'static, &str, u32> = TableDefinition::new("engine");
const SCHEMA_KEY: &str = "schema";

/// The store was not made or opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// No store here.
    #[error("there is no store in {}", .0.display())]
    Missing(PathBuf),
    /// A store is here already.
    #[error("there is a store in {} already", .0.display())]
    Exists(PathBuf),
    /// Another process has it.
    #[error("the store {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The engine's check failed: what is on disk is not what was written.
    #[error("the store {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The engine's words.
        reason: String,
    },
    /// Made by a newer build.
    #[error("the store {} has schema {found}, this build reads up to {SCHEMA}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
    /// A transaction failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            OpenError::Missing(_) => "make one with `leasehold init --data DIR`, or name another folder with --data",
            OpenError::Exists(_) => "use it, or name another folder with --data; a store is never overwritten",
            OpenError::InUse(_) => "stop the server that uses it first",
            OpenError::Damaged { .. } => {
                "keep the file as it is, restore the last backup beside it, and check the disk"
            }
            OpenError::Newer { .. } => "use the newer build again, or restore a backup made before it",
            OpenError::Io { .. } => "check that the folder exists, may be written, and has space left",
            OpenError::Store(_) => "check the disk; the store keeps what was committed",
        }
    }
}

/// Makes a store in `folder`, runs `first` as its first transaction, and opens it. The file gets its name only when it is
/// whole and durable.
///
/// # Errors
/// [`OpenError`].
pub fn create(
    folder: &Path,
    first: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>,
) -> Result<RedbStore, OpenError> {
    let (path, begun) = (folder.join(FILE_NAME), folder.join("store.redb.new"));
    if path.symlink_metadata().is_ok() {
        return Err(OpenError::Exists(folder.to_owned()));
    }
    match std::fs::remove_file(&begun) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(&begun)(error)),
        _ => {} // left by a run that was cut short
    }
    if let Err(error) = create_on(&begun, file(&begun, true)?, first) {
        std::fs::remove_file(&begun).ok(); // what it holds is nobody's
        return Err(error);
    }
    File::open(&begun).and_then(|file| file.sync_all()).map_err(io_error(&begun))?;
    std::fs::rename(&begun, &path).map_err(io_error(&path))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))?;
    open(folder)
}

/// Makes a store on an empty `backend` that errors call `path`, and closes it. What is there after a cut is whole or is
/// refused by [`open_on`]: the schema number is written last.
///
/// # Errors
/// [`OpenError`].
pub fn create_on(
    path: &Path,
    backend: impl StorageBackend,
    first: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>,
) -> Result<(), OpenError> {
    let database = builder().create_with_backend(backend).map_err(|error| refused(path, error))?;
    renewals::create(&database)?;
    let store = RedbStore::new(database)?;
    store.write(&mut |tx| {
        for table in Table::ALL.iter().filter(|table| **table != Table::Renewals) {
            tx.delete(*table, &[])?; // opening a table to write makes it
        }
        first(tx)
    })?;
    store.write_number(ENGINE, SCHEMA_KEY, SCHEMA)?;
    store.close().map_err(|error| refused(path, error))
}

/// Opens the store in `folder`, after the engine has checked every page of it.
///
/// # Errors
/// [`OpenError`].
pub fn open(folder: &Path) -> Result<RedbStore, OpenError> {
    let path = folder.join(FILE_NAME);
    match path.metadata() {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(OpenError::Missing(folder.to_owned())),
        Err(source) => return Err(OpenError::Io { path, source }),
    }
    open_on(&path, file(&path, false)?)
}

/// Opens the store on `backend`, which errors call `path`.
///
/// # Errors
/// [`OpenError`].
pub fn open_on(path: &Path, backend: impl StorageBackend) -> Result<RedbStore, OpenError> {
    let io_error = |source| OpenError::Io { path: path.to_owned(), source };
    if backend.len().map_err(io_error)? == 0 {
        // The engine would make a new database of it.
        return Err(OpenError::Damaged { path: path.to_owned(), reason: "it is empty".into() });
    }
    let (held, release) = Held::new(backend);
    let database = builder().create_with_backend(held).map_err(|error| refused(path, error))?;
    check_schema(path, &database)?; // a store that is refused stays as it is, to the byte
    let store = RedbStore::new(database).map_err(|error| match error {
        StoreError::Corrupt { .. } => OpenError::Damaged { path: path.to_owned(), reason: error.to_string() },
        StoreError::Io(_) => error.into(),
    })?;
    release.release().map_err(io_error)?;
    Ok(store)
}

/// An error of the file system about `path`.
pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OpenError + use<> {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}

pub(super) fn file(path: &Path, is_new: bool) -> Result<FileBackend, OpenError> {
    let file = File::options().read(true).write(true).create_new(is_new).open(path);
    let file = file.map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    FileBackend::new(file).map_err(|error| refused(path, error))
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_LEN).set_check_integrity_on_open(true);
    builder
}

pub(super) fn refused(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        DatabaseError::Storage(error) => unreadable(path, error),
        error => OpenError::Damaged { path: path.to_owned(), reason: error.to_string() },
    }
}

/// A disk that fails is told from a file that is not what was written: the advice differs.
fn unreadable(path: &Path, error: StorageError) -> OpenError {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    let path = path.to_owned();
    match error {
        StorageError::Io(source) if !matches!(source.kind(), InvalidData | UnexpectedEof) => {
            OpenError::Io { path, source }
        }
        error => OpenError::Damaged { path, reason: error.to_string() },
    }
}

fn check_schema(path: &Path, database: &Database) -> Result<(), OpenError> {
    let transaction = database.begin_read().map_err(failed)?;
    let damaged = |reason: String| OpenError::Damaged { path: path.to_owned(), reason };
    let engine = transaction.open_table(ENGINE).map_err(|error| match error {
        TableError::Storage(error) => unreadable(path, error),
        error => damaged(error.to_string()),
    })?;
    match engine.get(SCHEMA_KEY).map_err(failed)?.map(|row| row.value()) {
        Some(SCHEMA) => Ok(()),
        Some(found) if found > SCHEMA => Err(OpenError::Newer { path: path.to_owned(), found }),
        _ => Err(damaged("it has no schema number".into())),
    }
}

/// The bytes the store file takes.
pub fn bytes_on_disk(folder: &Path) -> u64 {
    folder.join(FILE_NAME).metadata().map_or(0, |metadata| metadata.len())
}
