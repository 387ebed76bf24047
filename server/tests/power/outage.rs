//! What a power cut leaves of a file: everything that was synced, and of the rest any part, in any order, torn anywhere.

use super::random::Random;

/// What disks write whole or not at all.
const SECTOR_LEN: usize = 512;
/// Sizes of the pieces that a torn write falls into. Smaller than a sector is harsher than any disk.
const PIECE_LENS: [usize; 6] = [SECTOR_LEN, SECTOR_LEN, SECTOR_LEN, 64, 8, 1];

/// One change to a file.
#[derive(Debug)]
pub enum Change {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
}

impl Change {
    pub fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Change::Write { offset, data } => write(image, *offset, data),
            Change::SetLen(len) => image.resize(*len, 0),
        }
    }
}

/// As a file does: a write past the end makes it longer.
fn write(image: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if image.len() < end {
        image.resize(end, 0);
    }
    image[offset..end].copy_from_slice(data);
}

/// The file after the power came back. How much is kept and torn differs from cut to cut.
pub fn survivors(synced: &[u8], unsynced: &[Change], random: &mut Random) -> Vec<u8> {
    let kept_percent = *random.one(&[0, 10, 50, 90, 100]);
    let torn_percent = *random.one(&[0, 30, 100]);
    let piece_len = *random.one(&PIECE_LENS);
    let mut kept: Vec<&Change> = unsynced.iter().filter(|_| random.chance(kept_percent)).collect();
    if random.chance(50) {
        random.shuffle(&mut kept);
    }
    let mut image = synced.to_vec();
    for change in kept {
        match change {
            Change::Write { offset, data } if random.chance(torn_percent) => {
                for (at, piece) in (*offset..).step_by(piece_len).zip(data.chunks(piece_len)) {
                    if random.chance(50) {
                        write(&mut image, at, piece);
                    }
                }
            }
            change => change.apply(&mut image),
        }
    }
    image
}
