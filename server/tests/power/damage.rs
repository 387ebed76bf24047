//! Bytes of a closed store that changed while nobody looked.

use super::books::{self, Books};
use super::disk::Disk;
use super::ledger::{self, Rows};
use super::random::Random;
use leasehold::store::OpenError;
use std::panic::{AssertUnwindSafe, catch_unwind};

const PAGE_LEN: usize = 4096;
/// The engine's header: its own fields and two commit slots.
pub const HEADER_LEN: usize = 320;

/// A store that was closed properly, and what it holds.
pub struct Closed {
    pub image: Vec<u8>,
    rows: Rows,
    /// Pages in which something stands.
    written: Vec<usize>,
}

/// How a damaged store was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// Refused when it was opened, as damaged.
    Refused,
    /// The damage is where nothing stands.
    Unharmed,
    /// Anything else.
    Broken(String),
}

impl Closed {
    pub fn new(seed: u64, commits: usize, is_killed: bool) -> Self {
        let (disk, mut books) = (Disk::holding(vec![]), Books::new(seed));
        books.create(&disk).expect("a sound disk");
        let store = books::open(&disk).expect("a sound disk");
        for _ in 0..commits {
            books.commit(&store).expect("right answers").expect("a sound disk");
        }
        let killed = disk.live();
        store.close().expect("a sound disk");
        let image = if is_killed { killed } else { disk.live() };
        let is_written =
            |page: &usize| image.chunks(PAGE_LEN).nth(*page).is_some_and(|page| page.iter().any(|b| *b != 0));
        let written = (0..image.len() / PAGE_LEN).filter(is_written).collect();
        Self { rows: books.rows(), written, image }
    }

    /// The store with some damage.
    pub fn damaged(&self, random: &mut Random) -> (String, Vec<u8>) {
        let mut image = self.image.clone();
        let page = if random.chance(80) { *random.one(&self.written) } else { random.below(image.len() / PAGE_LEN) };
        let start = page * PAGE_LEN;
        let any = start + random.below(PAGE_LEN);
        let told = match random.below(10) {
            0..4 => flip(&mut image, any, random.below(8)),
            4 => flip(&mut image, random.below(HEADER_LEN), random.below(8)),
            5 => {
                (0..8).for_each(|_| drop(flip(&mut image, start + random.below(PAGE_LEN), random.below(8))));
                format!("eight bits of page {page}")
            }
            6 => {
                image[start..start + PAGE_LEN].fill(0);
                format!("page {page} is zero")
            }
            7 => {
                let sector = start + 512 * random.below(8);
                image[sector..sector + 512].fill(0);
                format!("sector at {sector} is zero")
            }
            8 => {
                let all = image.len();
                let lens = [start, random.below(all), random.below(PAGE_LEN)];
                let len = *random.one(&lens);
                image.truncate(len);
                format!("truncated to {len}")
            }
            _ => {
                let other = *random.one(&self.written) * PAGE_LEN;
                image.copy_within(other..other + PAGE_LEN, start);
                format!("page {page} is the one at {other}")
            }
        };
        (told, image)
    }

    pub fn meet(&self, image: Vec<u8>) -> Met {
        catch_unwind(AssertUnwindSafe(|| self.opened(image))).unwrap_or_else(|panic| {
            let told = panic.downcast_ref::<String>().cloned();
            let told = told.or_else(|| panic.downcast_ref::<&str>().map(|told| (*told).to_owned()));
            Met::Broken(format!("panic: {}", told.unwrap_or_default()))
        })
    }

    fn opened(&self, image: Vec<u8>) -> Met {
        match books::open(&Disk::holding(image)) {
            Ok(store) => match ledger::rows(&store) {
                Ok(rows) if rows == self.rows => Met::Unharmed,
                Ok(_) => Met::Broken("opened, and has other rows".into()),
                Err(error) => Met::Broken(format!("opened, and then: {error}")),
            },
            Err(error @ OpenError::Damaged { .. }) if error.to_string().contains("store.redb") => Met::Refused,
            Err(error) => Met::Broken(format!("not called damaged: {error}")),
        }
    }
}

/// Flips a bit.
pub fn flip(image: &mut [u8], byte: usize, bit: usize) -> String {
    image[byte] ^= 1 << bit;
    format!("bit {bit} of byte {byte}")
}
