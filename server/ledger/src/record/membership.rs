//! Memberships: which user stands in which account, as what (G21-G35, V9, V20).

use crate::actor::Role;
use crate::record::id::{AccountId, UserId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// What a member is beside its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing more.
    None,
    /// The one owner (G17, I12): may not be removed, disabled or lowered (G35).
    Owner,
    /// The one co-administrator (G32, G33, I12): may what the owner may, but for ownership.
    CoAdmin,
}

/// How far a membership has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipState {
    /// Invited; the link was not used yet (G25).
    Pending,
    /// Takes part.
    Active,
    /// Out of the sharing group until enabled again (G29, G30).
    Disabled,
    /// Off the list; may be invited again (G31). The row stays.
    Removed,
}

/// A user in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: UserId,
    /// As what, while it has no standing. Given up by nobody who rises: who is replaced falls back to it.
    pub role: Role,
    /// What it is beside that; only an active membership has any.
    pub standing: Standing,
    /// How far it has come.
    pub state: MembershipState,
    /// In this state since.
    pub since: Time,
}

impl Membership {
    /// The key of a membership's row.
    #[must_use]
    pub fn key_of(account: AccountId, user: UserId) -> Vec<u8> {
        [*account.bytes(), *user.bytes()].concat()
    }

    /// As what the user acts in the account now: owner and co-administrator as administrators; nobody who takes no part.
    #[must_use]
    pub fn acts_as(&self) -> Option<Role> {
        let role = if self.standing == Standing::None { self.role } else { Role::Admin };
        (self.state == MembershipState::Active).then_some(role)
    }
}

impl Record for Membership {
    const TABLE: Table = Table::Memberships;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.account, self.user)
    }
}
