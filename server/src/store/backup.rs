//! A backup: one consistent copy of a store that goes on being written.
//!
//! Everything is read in one read transaction, so a commit made meanwhile is in it as a whole or not at all, and none
//! has to wait. The copy is written under another name, made durable, opened again and checked before it gets its own: a file
//! with the name of a backup is one. The anchor's content is part of the store; the keys are not, and are kept apart from it.

use super::engine::{RedbStore, failed};
use super::open::{OpenError, builder, file, io_error, open_on, refused};
use leasehold_ledger::fsck;
use leasehold_ledger::record::{EventHead, Installation};
use leasehold_ledger::store::{Store, StoreError};
use leasehold_ledger::view::find;
use leasehold_protocol::Time;
use redb::{
    Key, ReadTransaction, ReadableTable, ReadableTableMetadata, StorageBackend, TableDefinition, TableError,
    TableHandle, Value, WriteTransaction,
};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows after which progress is told.
const STEP: u64 = 1024;

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows copied.
    pub rows: u64,
    /// All rows.
    pub of: u64,
}

/// A backup that was written and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where.
    pub path: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// The installation.
    pub installation: Installation,
    /// The last Event in it.
    pub head: EventHead,
}

/// The name a backup has until it is checked.
#[must_use]
pub fn begun(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Copies `store` into the file that [`finish`] makes the backup `out` of.
///
/// # Errors
/// [`OpenError::Exists`] where something has the name already; any of both disks'.
pub fn copy(store: &RedbStore, out: &Path, tell: &mut dyn FnMut(Progress)) -> Result<(), OpenError> {
    if out.symlink_metadata().is_ok() {
        return Err(OpenError::Exists(out.to_owned()));
    }
    let path = begun(out);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io_error(&path)(error)),
        _ => {} // left by a run that was cut short
    }
    let copied = file(&path, true).and_then(|backend| copy_on(store, &path, backend, tell));
    if copied.is_err() {
        std::fs::remove_file(&path).ok(); // what it holds is no backup
    }
    copied
}

/// Copies `store` onto an empty `backend` that errors call `path`.
///
/// # Errors
/// Any of both disks'.
pub fn copy_on(
    store: &RedbStore,
    path: &Path,
    backend: impl StorageBackend,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), OpenError> {
    let database = builder().create_with_backend(backend).map_err(|error| refused(path, error))?;
    let from = store.snapshot()?;
    let names: Vec<String> = from.list_tables().map_err(failed)?.map(|table| table.name().to_owned()).collect();
    let of = names.iter().map(|name| len(&from, name)).sum::<Result<u64, StoreError>>()?;
    let mut to = database.begin_write().map_err(failed)?;
    to.set_two_phase_commit(true);
    let mut copier = Copier { from: &from, to: &to, progress: Progress { rows: 0, of }, tell };
    names.iter().try_for_each(|name| copier.table(name))?;
    let all = copier.progress;
    to.commit().map_err(failed)?;
    database.close().map_err(|error| refused(path, error))?;
    tell(all);
    Ok(())
}

fn len(from: &ReadTransaction, name: &str) -> Result<u64, StoreError> {
    let all = from.list_tables().map_err(failed)?.find(|table| table.name() == name);
    all.map_or(Ok(0), |table| from.open_untyped_table(table).map_err(failed)?.len().map_err(failed))
}

struct Copier<'a> {
    from: &'a ReadTransaction,
    to: &'a WriteTransaction,
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
}

impl Copier<'_> {
    /// Copies a table whatever its keys are; there are not many kinds of them.
    fn table(&mut self, name: &str) -> Result<(), StoreError> {
        let copied = self.typed::<&[u8], &[u8]>(name)?
            || self.typed::<u64, &[u8]>(name)?
            || self.typed::<(u8, u32), &[u8]>(name)?
            || self.typed::<&str, u32>(name)?;
        if copied {
            Ok(())
        } else {
            Err(StoreError::Io(format!("the table {name} is of a kind this build cannot copy")))
        }
    }

    fn typed<K: Key + 'static, V: Value + 'static>(&mut self, name: &str) -> Result<bool, StoreError> {
        let definition = TableDefinition::<K, V>::new(name);
        let from = match self.from.open_table(definition) {
            Err(TableError::TableTypeMismatch { .. }) => return Ok(false),
            opened => opened.map_err(failed)?,
        };
        let mut to = self.to.open_table(definition).map_err(failed)?;
        for row in from.iter().map_err(failed)? {
            let (key, value) = row.map_err(failed)?;
            to.insert(key.value(), value.value()).map_err(failed)?;
            self.progress.rows += 1;
            if self.progress.rows.is_multiple_of(STEP) {
                (self.tell)(self.progress);
            }
        }
        Ok(true)
    }
}

/// Opens the copy, checks every page, row and invariant, and gives it its name.
///
/// # Errors
/// [`OpenError`]; a copy that is not sound is removed.
pub fn finish(out: &Path, now: Time) -> Result<Backup, OpenError> {
    let path = begun(out);
    let checked = check(&path, now);
    if checked.is_err() {
        std::fs::remove_file(&path).ok();
    }
    let (rows, installation, head) = checked?;
    if out.symlink_metadata().is_ok() {
        return Err(OpenError::Exists(out.to_owned()));
    }
    File::open(&path).and_then(|file| file.sync_all()).map_err(io_error(&path))?;
    std::fs::rename(&path, out).map_err(io_error(out))?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))?;
    Ok(Backup { path: out.to_owned(), rows, installation, head })
}

/// Every page, row and invariant of the store in a file: its rows, what it is and its last Event.
///
/// # Errors
/// [`OpenError`].
pub fn check(path: &Path, now: Time) -> Result<(u64, Installation, EventHead), OpenError> {
    let store = open_on(path, file(path, false)?)?;
    let view = store.read()?;
    let report = fsck::check(view.as_ref(), now)?;
    let damaged = |reason: String| OpenError::Damaged { path: path.to_owned(), reason };
    if let Some(finding) = report.findings.first() {
        return Err(damaged(finding.to_string()));
    }
    let installation = find::<Installation>(view.as_ref(), Installation::KEY)?;
    let installation = installation.ok_or_else(|| damaged("it was never set up".into()))?;
    let head = find::<EventHead>(view.as_ref(), EventHead::KEY)?.unwrap_or_default();
    drop(view);
    store.close().map_err(|error| refused(path, error))?;
    Ok((report.rows.values().sum(), installation, head))
}
