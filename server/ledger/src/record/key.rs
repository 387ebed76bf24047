//! Keys: the strings people type (T6, V4, H14).

use crate::record::id::{AccountId, HoldingId, KeyId, UserId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// What a key gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// An order's line: any number of devices, as far as its units go (V4).
    ActivationId,
    /// An allotment of a pool, on one device at a time (H14, I9).
    PoolKey,
    /// Delivered with a purchase and typed in by whoever redeems it (G1, G9, G15). Until then it lies with the seller.
    PermissionKey,
    /// A name with licences, supports and subscriptions below it (T4, T9).
    ActivationKey,
    /// A named user's seat, on one device (G12).
    Seat,
    /// Seats that float: any number of devices, one unit each, as far as there are any (G6).
    Flex,
}

/// What may happen to a key. Whether it is in use follows from its activations (H26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Everything.
    Open,
    /// Nothing is renewed (H30).
    Stopped,
    /// Nothing at all; the code stays taken.
    Deleted,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// `XXXX-XXXX-XXXX-XXXX` (T6).
    pub code: String,
    /// What it gives.
    pub kind: KeyKind,
    /// The licensee's name, prefix included (H17, H18).
    pub licensee: String,
    /// Whose it is.
    pub account: AccountId,
    /// What may happen to it.
    pub state: KeyState,
    /// The units it gives: one holding, but for what is bought or made under one key together, [`HOLDINGS_MAX`] at most.
    pub holdings: Vec<HoldingId>,
    /// Whose seat it is (G12).
    pub user: Option<UserId>,
    /// A permission key: when it was redeemed, which happens once (G9, G10).
    pub redeemed: Option<Time>,
    /// Made at.
    pub created: Time,
}

/// Holdings that one key gives.
pub const HOLDINGS_MAX: usize = 64;

impl Key {
    /// An open key of `account` that gives nothing yet.
    #[must_use]
    pub fn new(id: KeyId, kind: KeyKind, code: String, licensee: String, account: AccountId, now: Time) -> Self {
        Self {
            id,
            code,
            kind,
            licensee,
            account,
            state: KeyState::Open,
            holdings: vec![],
            user: None,
            redeemed: None,
            created: now,
        }
    }

    /// The one holding it gives, or the first of several; none where all of them were deleted.
    #[must_use]
    pub fn holding(&self) -> Option<HoldingId> {
        self.holdings.first().copied()
    }

    /// It gives leases only, never a licence file (I14).
    #[must_use]
    pub fn is_online_only(&self) -> bool {
        self.is_single() || self.kind == KeyKind::Flex
    }

    /// A seat that was taken back: nobody's, and deleted once its last lease has ended.
    #[must_use]
    pub fn is_vacated(&self) -> bool {
        self.kind == KeyKind::Seat && self.user.is_none()
    }

    /// One device at a time (I9).
    #[must_use]
    pub fn is_single(&self) -> bool {
        matches!(self.kind, KeyKind::PoolKey | KeyKind::Seat)
    }
}

impl Record for Key {
    const TABLE: Table = Table::Keys;
    fn key(&self) -> Vec<u8> {
        self.id.bytes().to_vec()
    }
}
