//! A disk in memory under the real engine: it knows what was synced and what was not, loses its power at a chosen change, or
//! fails one chosen operation.

mod operation;

use super::outage::{Change, survivors};
use super::random::Random;
use operation::failed;
pub use operation::{Failure, Operation};
use redb::StorageBackend;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

/// What will go wrong, and when. Counts are of operations from now, the first is 1.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    /// Power is cut in this change: a write, a new length or a sync.
    Cut(usize),
    /// This operation fails, the ones after it do not.
    Fail(usize, Failure),
}

#[derive(Debug)]
struct State {
    /// What survives whatever comes.
    synced: Vec<u8>,
    /// What may survive, in the order it was written.
    unsynced: Vec<Change>,
    /// What a read sees.
    live: Vec<u8>,
    trouble: Trouble,
    is_off: bool,
    has_failed: bool,
    operations: Vec<Operation>,
    /// The mutants' fault: so many of a hundred syncs do nothing and say they did.
    skipped_percent: usize,
    skips: Random,
}

/// The disk. Clones are the same disk.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A disk with a file of these bytes, all of them synced.
    pub fn holding(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State {
            synced: bytes.clone(),
            unsynced: vec![],
            live: bytes,
            trouble: Trouble::None,
            is_off: false,
            has_failed: false,
            operations: vec![],
            skipped_percent: 0,
            skips: Random::new(0),
        })))
    }

    /// The same, and so many of a hundred syncs are skipped.
    pub fn skipping(bytes: Vec<u8>, percent: usize, seed: u64) -> Self {
        let disk = Self::holding(bytes);
        disk.state().skipped_percent = percent;
        disk.state().skips = Random::new(seed);
        disk
    }

    /// Power goes in the `change`-th change from now.
    pub fn cut_at(&self, change: usize) {
        self.state().trouble = Trouble::Cut(change);
    }

    /// The power stays, whatever was said before.
    pub fn stay_on(&self) {
        self.state().trouble = Trouble::None;
    }

    /// The `operation`-th operation from now fails.
    pub fn fail_at(&self, operation: usize, failure: Failure) {
        self.state().trouble = Trouble::Fail(operation, failure);
    }

    /// The power is gone.
    pub fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// The operation that was to fail has.
    pub fn has_failed(&self) -> bool {
        self.state().has_failed
    }

    /// Every operation so far.
    pub fn operations(&self) -> Vec<Operation> {
        self.state().operations.clone()
    }

    /// A power cut now could take something.
    pub fn has_unsynced(&self) -> bool {
        !self.state().unsynced.is_empty()
    }

    /// What a process finds that starts while the power is on.
    pub fn live(&self) -> Vec<u8> {
        self.state().live.clone()
    }

    /// What is found after the power came back.
    pub fn survivors(&self, random: &mut Random) -> Vec<u8> {
        let state = self.state();
        survivors(&state.synced, &state.unsynced, random)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds a disk")
    }
}

impl State {
    /// Counts an operation; the failure it meets, if it is its turn.
    fn begin(&mut self, operation: Operation) -> io::Result<Option<Failure>> {
        if self.is_off {
            return Err(io::Error::other("the power is off"));
        }
        self.operations.push(operation);
        let is_change = !matches!(operation, Operation::Len | Operation::Read);
        match &mut self.trouble {
            Trouble::Cut(left) if is_change => {
                *left -= 1;
                self.is_off = *left == 0;
            }
            Trouble::Fail(left, failure) => {
                *left -= 1;
                if *left == 0 {
                    let failure = *failure;
                    (self.has_failed, self.trouble) = (true, Trouble::None);
                    return Ok(Some(failure));
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// Changes what a read sees, and remembers that it is not synced. A change in which the power goes is one of these too.
    fn change(&mut self, change: Change) -> io::Result<()> {
        change.apply(&mut self.live);
        self.unsynced.push(change);
        self.powered()
    }

    fn powered(&self) -> io::Result<()> {
        if self.is_off { Err(io::Error::other("the power went off")) } else { Ok(()) }
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).expect("small stores")
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let mut state = self.state();
        match state.begin(Operation::Len)? {
            Some(failure) => Err(failed(failure)),
            None => Ok(state.live.len() as u64),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        if let Some(failure) = state.begin(Operation::Read)? {
            return Err(failed(failure));
        }
        let offset = place(offset);
        let bytes = state.live.get(offset..offset.saturating_add(out.len()));
        out.copy_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        match state.begin(Operation::SetLen)? {
            Some(failure) => Err(failed(failure)),
            None => state.change(Change::SetLen(place(len))),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Some(failure) = state.begin(Operation::Sync)? {
            return Err(failed(failure));
        }
        state.powered()?;
        let percent = state.skipped_percent;
        if percent == 0 || !state.skips.chance(percent) {
            for change in std::mem::take(&mut state.unsynced) {
                change.apply(&mut state.synced);
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let failure = state.begin(Operation::Write)?;
        let written = match failure {
            None => data.len(),
            Some(Failure::Short) => data.len() / 2,
            Some(Failure::Device | Failure::Full) => 0,
        };
        let change = Change::Write { offset: place(offset), data: data[..written].to_vec() };
        state.change(change)?;
        failure.map_or(Ok(()), |failure| Err(failed(failure)))
    }
}
