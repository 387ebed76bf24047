//! The anchor: a small file, best on another disk, that says how far the store had come. A store that is put back to an
//! earlier day is behind its anchor, and that is noticed before it sells anything twice.
//!
//! ```text
//! leasehold anchor 1
//! installation 0198...           the vendor account's id
//! epoch 1
//! event 1024 9f86...             the last Event's number and the SHA-256 of its row
//! hour 1767225600                a time within the hour before the last commit
//! sha256 60303...                of all lines before
//! ```
//! It is replaced whole before the answer to a commit that wrote an Event, and otherwise once an hour.

use leasehold_ledger::record::{Anchored, Doubt, Event, EventHead, Installation};
use leasehold_ledger::row;
use leasehold_ledger::store::{Read, StoreError, Table};
use leasehold_ledger::view::find;
use leasehold_protocol::{Digest, Time};
use leasehold_signer::disk::{self, Disk};
use std::io;
use std::path::Path;

/// The anchor's name in the data folder, where the settings name no other place.
pub const FILE_NAME: &str = "anchor";
const TITLE: &str = "leasehold anchor 1";

/// How far a store has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Of which installation: the vendor account's id.
    pub installation: String,
    /// Its epoch.
    pub epoch: u32,
    /// Its last Event.
    pub head: EventHead,
    /// When it was committed, to the hour.
    pub hour: Time,
}

/// What is in the place of the anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Something that is no anchor, or not whole.
    Damaged,
    /// An anchor.
    Anchor(Anchor),
}

/// How a store stands to its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It never had one.
    New,
    /// It is as far as the anchor, or farther.
    Good,
    /// It was rolled back, as far as anybody can tell.
    Doubtful(Doubt),
    /// The anchor is another installation's.
    Foreign,
}

impl Anchor {
    /// Of the store behind `view`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn of(view: &dyn Read, now: Time) -> Result<Self, StoreError> {
        let installation = find::<Installation>(view, Installation::KEY)?;
        let installation = installation.ok_or_else(|| StoreError::Io("the store was never set up".into()))?;
        let head = find::<EventHead>(view, EventHead::KEY)?.unwrap_or_default();
        Ok(Self { installation: installation.vendor.to_string(), epoch: installation.epoch, head, hour: now })
    }

    /// The file.
    #[must_use]
    pub fn encode(&self) -> String {
        let Self { installation, epoch, head, hour } = self;
        let (number, hash, hour) = (head.number, row::hex(&head.hash), hour.0);
        let text = format!("{TITLE}\ninstallation {installation}\nepoch {epoch}\nevent {number} {hash}\nhour {hour}\n");
        format!("{text}sha256 {}\n", Digest::of(text.as_bytes()))
    }

    /// The anchor in a file; none if it is not one, whole.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.lines();
        let (title, mut field) = (lines.next()?, |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' '));
        let installation = field("installation")?.to_owned();
        let epoch = field("epoch")?.parse().ok()?;
        let (number, hash) = field("event")?.split_once(' ')?;
        let head = EventHead { number: number.parse().ok()?, hash: from_hex(hash)? };
        let anchor = Self { installation, epoch, head, hour: Time(field("hour")?.parse().ok()?) };
        // Written again it must be the same file: that is the checksum and every detail at once.
        (title == TITLE && anchor.encode().as_bytes() == bytes).then_some(anchor)
    }

    /// Puts it in its place, durably.
    ///
    /// # Errors
    /// The file system's; then the one before is there, or this one.
    pub fn write(&self, disk: &mut dyn Disk, path: &Path) -> io::Result<()> {
        disk::replace(disk, path, 0o600, self.encode().as_bytes())?;
        disk.sync_folder(path)
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let pairs = (text.len() == 64 && text.is_ascii()).then_some(text)?;
    let bytes: Option<Vec<u8>> = (0..32).map(|at| u8::from_str_radix(&pairs[2 * at..2 * at + 2], 16).ok()).collect();
    bytes?.try_into().ok()
}

/// What stands in the anchor's place.
///
/// # Errors
/// The file system's: an anchor that cannot be read is not taken for none.
pub fn read(disk: &mut dyn Disk, path: &Path) -> io::Result<Found> {
    let bytes = disk.read(path)?;
    Ok(bytes.map_or(Found::Nothing, |bytes| Anchor::parse(&bytes).map_or(Found::Damaged, Found::Anchor)))
}

/// Holds a store against what stands in its anchor's place.
///
/// # Errors
/// [`StoreError`].
pub fn judge(view: &dyn Read, found: &Found) -> Result<Standing, StoreError> {
    let had_one = find::<Anchored>(view, Anchored::KEY)?.is_some();
    let anchor = match found {
        Found::Nothing if !had_one => return Ok(Standing::New),
        Found::Nothing | Found::Damaged => return Ok(Standing::Doubtful(Doubt::NoAnchor)),
        Found::Anchor(anchor) => anchor,
    };
    let own = Anchor::of(view, anchor.hour)?;
    let row = view.get(Table::Events, &anchor.head.number.to_be_bytes())?;
    let has_it = anchor.head.number == 0 || row.is_some_and(|row| Event::hash(&row) == anchor.head.hash);
    Ok(match () {
        () if anchor.installation != own.installation => Standing::Foreign,
        () if anchor.epoch != own.epoch => Standing::Doubtful(Doubt::OtherEpoch),
        () if anchor.head.number > own.head.number || !has_it => Standing::Doubtful(Doubt::Behind),
        () => Standing::Good,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor() -> Anchor {
        let head = EventHead { number: 1024, hash: [0xa7; 32] };
        Anchor { installation: "0198".into(), epoch: 3, head, hour: Time(1_767_225_600) }
    }

    #[test]
    fn an_anchor_reads_as_it_was_written() {
        assert_eq!(Anchor::parse(anchor().encode().as_bytes()), Some(anchor()));
    }

    #[test]
    fn an_anchor_with_any_bit_changed_or_cut_anywhere_is_none() {
        let text = anchor().encode().into_bytes();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut other = text.clone();
                other[at] ^= 1 << bit;
                assert_eq!(Anchor::parse(&other), None, "bit {bit} of byte {at}");
            }
            assert_eq!(Anchor::parse(&text[..at]), None, "{at} bytes");
        }
        assert_eq!(Anchor::parse(&[&text[..], b"\n"].concat()), None);
        println!("count anchor: {} flips and {} cuts, each noticed", 8 * text.len(), text.len());
    }
}
