//! What accounts have, as people know it: a backup of the store brings back what they knew that day.

use leasehold_ledger::record::*;
use leasehold_protocol::{Time, Units};

/// A key for one device, the console that is to run on it, and when either last changed.
#[derive(Debug, Clone)]
pub struct Slot {
    pub key: KeyId,
    pub code: String,
    pub pool: HoldingId,
    pub quota: Units,
    /// The key is stopped.
    pub stopped: bool,
    /// The renewal of its console is ended.
    pub halted: bool,
    pub console: u64,
    pub changed: Time,
    /// When its units end.
    pub expires: Option<Time>,
}

/// A lot that one console runs on, and its conversion.
#[derive(Debug, Clone)]
pub struct UsedLot {
    pub lot: HoldingId,
    pub units: Units,
    pub console: u64,
    pub converted: bool,
}

/// A lot that consoles and devices without a network share.
#[derive(Debug, Clone)]
pub struct SharedLot {
    pub lot: HoldingId,
    pub code: String,
    pub expires: Option<Time>,
    pub consoles: Vec<u64>,
    pub offline: Vec<u64>,
    pub converted: bool,
}

/// A licence under an activation key.
#[derive(Debug, Clone)]
pub struct Licensed {
    pub license: HoldingId,
    pub code: String,
    /// What it is a licence of.
    pub sku: &'static str,
    pub consoles: Vec<u64>,
}

/// Dated licences under one key, with their units, and the consoles that run on them.
#[derive(Debug, Clone)]
pub struct Dated {
    pub key: KeyId,
    pub code: String,
    pub licenses: Vec<(HoldingId, Units)>,
    pub consoles: Vec<u64>,
}

/// Floating seats: keys of one lot, and more consoles than seats.
#[derive(Debug, Clone)]
pub struct Floats {
    pub lot: HoldingId,
    pub expires: Option<Time>,
    pub keys: Vec<FloatKey>,
    pub consoles: Vec<u64>,
}

/// A key of floating seats.
#[derive(Debug, Clone)]
pub struct FloatKey {
    pub key: KeyId,
    pub code: String,
    pub seats: Units,
    pub changed: Time,
}

/// A permission key on sale.
#[derive(Debug, Clone)]
pub struct Permit {
    pub code: String,
    pub lots: Vec<HoldingId>,
    pub expires: Option<Time>,
    /// How often somebody tried to redeem it.
    pub tried: u32,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub id: AccountId,
    pub owner: UserId,
    /// Who gets seats.
    pub member: UserId,
    pub stock: HoldingId,
    /// The stocks of the other edition and of dated licences, once there are any.
    pub standard: HoldingId,
    pub dates: HoldingId,
    /// Its named pools; the first is never merged into another.
    pub pools: Vec<HoldingId>,
    pub slots: Vec<Slot>,
    /// Seats of its member; the pool of one is the holding it was granted from.
    pub seats: Vec<Slot>,
    pub lots: Vec<UsedLot>,
    pub shared: Vec<SharedLot>,
    pub licensed: Option<Licensed>,
    pub dated: Option<Dated>,
    pub floats: Option<Floats>,
    pub active: bool,
    pub changed: Time,
}

impl Customer {
    /// Every key that is for one device.
    pub fn single(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().chain(&self.seats)
    }

    pub fn single_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.slots.iter_mut().chain(&mut self.seats)
    }
}

/// An account between the vendor and the customers, with a stock and a pool to distribute from.
#[derive(Debug, Clone)]
pub struct Reseller {
    pub id: AccountId,
    pub holdings: [HoldingId; 2],
    /// What it sold, and nobody may have redeemed yet.
    pub permits: Vec<Permit>,
}
