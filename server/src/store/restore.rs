//! Putting a backup in a store's place. Nothing that was there is lost, and a power cut leaves the old store or the new one.
//!
//! The copy is made beside the store, checked, and told what it is (a new epoch and a quarantine, one transaction); then it
//! takes the store's name in one step, and at last the anchor follows. A cut before that leaves an anchor of another epoch, which
//! begins the quarantine anew.

use super::anchor::{self, Anchor, Found};
use super::backup::check;
use super::command::carry_out;
use super::open::{self, FILE_NAME, OpenError, file, io_error, open_on, refused};
use crate::cli::failure::Failure;
use leasehold_ledger::Command;
use leasehold_ledger::record::{Anchored, LastCommit};
use leasehold_ledger::row::{Record, encode};
use leasehold_ledger::store::Store;
use leasehold_protocol::Time;
use leasehold_signer::disk::{Disk, RealDisk};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What to do with a store that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// Nothing: refuse.
    Stays,
    /// Keep it under another name.
    IsKept,
}

/// What to do about leases that were signed after the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// Wait for their holders.
    Quarantine,
    /// Renew at once, and perhaps sell something twice.
    Accepted,
}

/// What was done.
#[derive(Debug)]
pub struct Restored {
    /// The epoch of the store from now on.
    pub epoch: u32,
    /// The last Event of the backup.
    pub last_event: u64,
    /// Where the store is that was in its place.
    pub kept: Option<PathBuf>,
}

/// Puts `backup` in the place of the store in `data`.
///
/// # Errors
/// [`Failure`]; then the store is as it was.
pub fn restore(
    backup: &Path,
    data: &Path,
    anchor: &Path,
    now: Time,
    (there, risk): (There, Risk),
) -> Result<Restored, Failure> {
    let place = data.join(FILE_NAME);
    let is_there = place.symlink_metadata().is_ok();
    if is_there && there == There::Stays {
        let hint = "add --replace: it is kept under another name";
        return Err(Failure::failed(format!("there is a store in {} already", data.display()), hint));
    }
    let before = if is_there { epoch_of(data)? } else { 0 };
    let begun = data.join("store.redb.restoring");
    copy(backup, &begun)?;
    let done = prepare(&begun, anchor, now, before, risk);
    let kept = is_there.then(|| data.join(format!("{FILE_NAME}.replaced-{}", now.0)));
    let placed = done.and_then(|done| put(&begun, &place, kept.as_deref()).map(|()| done).map_err(Failure::from));
    if placed.is_err() {
        std::fs::remove_file(&begun).ok();
    }
    let (own, last_event) = placed?;
    own.write(&mut RealDisk, anchor).map_err(|error| Failure::io(anchor, &error))?;
    Ok(Restored { epoch: own.epoch, last_event, kept })
}

/// Copies a backup, for this user alone.
fn copy(backup: &Path, begun: &Path) -> Result<(), Failure> {
    RealDisk.remove(begun).map_err(|error| Failure::io(begun, &error))?; // left by a run that was cut short
    let mut from = File::open(backup).map_err(|error| Failure::io(backup, &error))?;
    let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(begun);
    let copied = to.and_then(|mut to| std::io::copy(&mut from, &mut to));
    copied.map(drop).map_err(|error| Failure::io(begun, &error))
}

/// The epoch of the store that is to be replaced; that it is damaged may be why it is.
fn epoch_of(data: &Path) -> Result<u32, Failure> {
    match open::open(data) {
        Ok(store) => Ok(Anchor::of(store.read()?.as_ref(), Time(0)).map_or(0, |own| own.epoch)),
        Err(error @ OpenError::InUse(_)) => Err(error.into()),
        Err(_) => Ok(0),
    }
}

/// Checks the copy and tells it what it is. Returns its anchor, and the last Event of the backup.
fn prepare(begun: &Path, path: &Path, now: Time, before: u32, risk: Risk) -> Result<(Anchor, u64), Failure> {
    let (_, installation, head) = check(begun, now)?;
    let anchored = match anchor::read(&mut RealDisk, path).map_err(|error| Failure::io(path, &error))? {
        Found::Anchor(anchor) if anchor.installation != installation.vendor.to_string() => {
            let hint = "name the data folder and the settings of the installation the backup is of";
            return Err(Failure::failed(format!("{} is another installation's anchor", path.display()), hint));
        }
        Found::Anchor(anchor) => anchor.epoch,
        Found::Nothing | Found::Damaged => 0,
    };
    let epoch = installation.epoch.max(anchored).max(before).saturating_add(1);
    let store = open_on(begun, file(begun, false)?)?;
    let mut commands = vec![Command::Restored { epoch }];
    commands.extend((risk == Risk::Accepted).then_some(Command::EndQuarantine));
    carry_out(&store, now, &commands)?;
    store.write(&mut |tx| {
        let (mark, anchored) = (LastCommit { at: now }, Anchored { since: now });
        tx.put(LastCommit::TABLE, &mark.key(), &encode(&mark))?;
        tx.put(Anchored::TABLE, &anchored.key(), &encode(&anchored))
    })?;
    let own = Anchor::of(store.read()?.as_ref(), now)?;
    store.close().map_err(|error| refused(begun, error))?;
    File::open(begun).and_then(|file| file.sync_all()).map_err(io_error(begun))?;
    Ok((own, head.number))
}

/// Gives the copy the store's name, and the store that was there another one.
fn put(begun: &Path, place: &Path, kept: Option<&Path>) -> Result<(), OpenError> {
    if let Some(kept) = kept {
        // A second name, so that there is a store at every moment; file systems without them get a moment without one.
        std::fs::hard_link(place, kept).or_else(|_| std::fs::rename(place, kept)).map_err(io_error(kept))?;
    }
    std::fs::rename(begun, place).map_err(io_error(place))?;
    RealDisk.sync_folder(place).map_err(io_error(place))
}
