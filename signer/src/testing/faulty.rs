//! A disk in memory that keeps apart what was written and what is durable, fails where it is told to, and loses power.

use crate::disk::Disk;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How one operation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It says so and did nothing.
    Refused,
    /// It says so and did half; half of a rename is all of it.
    Half,
    /// It says so, but did everything.
    DoneAndRefused,
    /// It did nothing, and the process ends: nothing works from here on.
    Killed,
}

/// What is left when the next process starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The machine went on: everything written is there to be read, durable or not.
    Restart,
    /// Power was cut: only what is durable.
    PowerCut,
    /// Power was cut half-way through writing files out; new names are kept.
    Torn,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    durable: Vec<u8>,
    cached: Vec<u8>,
    /// Byte for byte: whether a sync would write it. One that fails forgets this, as Linux does.
    dirty: Vec<bool>,
}

#[derive(Debug, Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    operations: usize,
    fault: Option<(usize, Fault)>,
    killed: bool,
}

/// Clones are the same disk.
#[derive(Debug, Default, Clone)]
pub struct FaultyDisk(Rc<RefCell<State>>);

impl FaultyDisk {
    /// The operation that fails, counted from 0, and how.
    pub fn fails_at(self, operation: usize, fault: Fault) -> Self {
        self.0.borrow_mut().fault = Some((operation, fault));
        self
    }

    /// Whether the fault was met.
    pub fn failed(&self) -> bool {
        let state = self.0.borrow();
        state.fault.is_some_and(|(operation, _)| operation < state.operations)
    }

    /// The next process finds this, on a disk that works.
    pub fn next(&self, after: After) {
        let mut state = self.0.borrow_mut();
        (state.fault, state.killed) = (None, false);
        match after {
            After::Restart => return,
            After::PowerCut => state.names = state.durable_names.clone(),
            After::Torn => {}
        }
        for inode in &mut state.inodes {
            if after == After::Torn {
                let torn = (inode.durable.len() + inode.cached.len()) / 2;
                inode.flush(..torn.min(inode.cached.len()));
            }
            inode.cached = inode.durable.clone();
            inode.dirty = vec![false; inode.cached.len()];
        }
        state.durable_names = state.names.clone();
    }

    /// Everybody's view of a file.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.0.borrow();
        state.names.get(path).map(|inode| state.inodes[*inode].cached.clone())
    }

    /// Puts a file there, durably.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.0.borrow_mut();
        let inode = state.inodes.len();
        let dirty = vec![false; bytes.len()];
        state.inodes.push(Inode { durable: bytes.to_vec(), cached: bytes.to_vec(), dirty });
        state.names.insert(path.to_owned(), inode);
        state.durable_names.insert(path.to_owned(), inode);
    }

    /// Does `whole`, unless this is the operation that fails.
    fn operate<T>(
        &self,
        whole: impl FnOnce(&mut State) -> io::Result<T>,
        half: impl FnOnce(&mut State),
    ) -> io::Result<T> {
        let mut state = self.0.borrow_mut();
        let operation = state.operations;
        state.operations += 1;
        let injected = || Err(io::Error::other("injected"));
        match state.fault {
            _ if state.killed => injected(),
            Some((at, fault)) if at == operation => {
                match fault {
                    Fault::Refused => {}
                    Fault::Half => half(&mut state),
                    Fault::DoneAndRefused => drop(whole(&mut state)),
                    Fault::Killed => state.killed = true,
                }
                injected()
            }
            _ => whole(&mut state),
        }
    }
}

impl Inode {
    fn flush(&mut self, range: std::ops::RangeTo<usize>) {
        self.durable.resize(self.durable.len().max(range.end), 0);
        for at in (0..range.end).filter(|at| self.dirty[*at]) {
            self.durable[at] = self.cached[at];
        }
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        self.cached.resize(self.cached.len().max(end), 0);
        self.dirty.resize(self.cached.len(), true);
        self.cached[offset..end].copy_from_slice(bytes);
        self.dirty[offset..end].fill(true);
    }

    fn sync(&mut self) {
        self.durable.truncate(self.cached.len());
        self.flush(..self.cached.len());
        self.dirty.fill(false);
    }
}

impl State {
    fn inode(&mut self, path: &Path) -> io::Result<&mut Inode> {
        let inode = *self.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(&mut self.inodes[inode])
    }
}

impl Disk for FaultyDisk {
    fn read(&mut self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.operate(|state| Ok(state.inode(path).ok().map(|inode| inode.cached.clone())), |_| ())
    }

    fn create(&mut self, path: &Path, _mode: u32, bytes: &[u8]) -> io::Result<()> {
        let create = |state: &mut State, bytes: &[u8]| {
            if state.names.contains_key(path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            state.names.insert(path.to_owned(), state.inodes.len());
            let mut inode = Inode::default();
            inode.write(0, bytes);
            state.inodes.push(inode);
            Ok(())
        };
        self.operate(|state| create(state, bytes), |state| drop(create(state, &bytes[..bytes.len() / 2])))
    }

    fn write(&mut self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).expect("small files");
        let write = |state: &mut State, bytes: &[u8]| state.inode(path).map(|inode| inode.write(offset, bytes));
        self.operate(|state| write(state, bytes), |state| drop(write(state, &bytes[..bytes.len() / 2])))
    }

    fn cut(&mut self, path: &Path, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).expect("small files");
        let cut = |state: &mut State| {
            let inode = state.inode(path)?;
            inode.cached.truncate(len);
            inode.dirty.truncate(len);
            Ok(())
        };
        self.operate(cut, |_| ())
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let forget = |state: &mut State| {
            if let Ok(inode) = state.inode(path) {
                inode.dirty.fill(false);
            }
        };
        self.operate(|state| state.inode(path).map(Inode::sync), forget)
    }

    fn sync_folder(&mut self, _path: &Path) -> io::Result<()> {
        let sync = |state: &mut State| {
            state.durable_names = state.names.clone();
            Ok(())
        };
        self.operate(sync, |_| ())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let rename = |state: &mut State| {
            let inode = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), inode);
            Ok(())
        };
        self.operate(rename, |state| drop(rename(state)))
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let remove = |state: &mut State| {
            state.names.remove(path);
            Ok(())
        };
        self.operate(remove, |state| drop(remove(state)))
    }
}
