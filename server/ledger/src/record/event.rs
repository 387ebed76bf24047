//! Events: one append-only hash chain is audit, ledger, usage history and feed at once (I13).

use crate::record::id::AccountId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

macro_rules! verbs {
    ($($variant:ident = $name:literal,)*) => {
        /// What happened. Names and order are for ever: they stand in the chain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Verb { $($variant,)* }

        impl Verb {
            /// Every verb.
            pub const ALL: &'static [Verb] = &[$(Verb::$variant,)*];

            /// The name people and programs see.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Verb::$variant => $name,)* }
            }
        }
    };
}

verbs! {
    StoreCreated = "store_created",
    AccountCreated = "account_created",
    AccountUpdated = "account_updated",
    AccountDeactivated = "account_deactivated",
    AccountReactivated = "account_reactivated",
    ProductCreated = "product_created",
    UnitsMinted = "units_minted",
    UnitsRetired = "units_retired",
    UnitsMoved = "units_moved",
    LotConverted = "lot_converted",
    PoolCreated = "pool_created",
    PoolQuotaChanged = "pool_quota_changed",
    KeyCreated = "key_created",
    KeyQuotaChanged = "key_quota_changed",
    KeyStopped = "key_stopped",
    KeyResumed = "key_resumed",
    KeyDeleted = "key_deleted",
    Activated = "activated",
    LeaseChanged = "lease_changed",
    UnitsFreed = "units_freed",
    CheckRefused = "check_refused",
    Rewind = "rewind",
    Fork = "fork",
    DeviceMismatch = "device_mismatch",
    Released = "released",
    Lapsed = "lapsed",
    FileIssued = "file_issued",
    FileReturned = "file_returned",
    Renewals = "renewals",
    TokenCreated = "token_created",
    TokenRevoked = "token_revoked",
    ClockAccepted = "clock_accepted",
    StoreRestored = "store_restored",
    QuarantineBegan = "quarantine_began",
    QuarantineEnded = "quarantine_ended",
    LeaseProved = "lease_proved",
    UserCreated = "user_created",
    UserUpdated = "user_updated",
    UserLocked = "user_locked",
    UserUnlocked = "user_unlocked",
    UserInvited = "user_invited",
    InvitationConfirmed = "invitation_confirmed",
    RoleChanged = "role_changed",
    MemberDisabled = "member_disabled",
    MemberEnabled = "member_enabled",
    MembersRemoved = "members_removed",
    CoAdminNamed = "co_admin_named",
    OwnershipHandedOver = "ownership_handed_over",
    OrganisationCreated = "organisation_created",
    ResetRequested = "reset_requested",
    LinkIssued = "link_issued",
    PasswordChanged = "password_changed",
    EmailChangeRequested = "email_change_requested",
    EmailChanged = "email_changed",
    SecondFactorStarted = "second_factor_started",
    SecondFactorConfirmed = "second_factor_confirmed",
    SecondFactorDropped = "second_factor_dropped",
    SessionOpened = "session_opened",
    SessionClosed = "session_closed",
    MailSent = "mail_sent",
    MailFailed = "mail_failed",
    AccountDeleted = "account_deleted",
    EnrolmentCodeChanged = "enrolment_code_changed",
}

impl fmt::Display for Verb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// An Event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the chain, from 1 without gaps.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Who: `user NAME`, `token NAME`, `operator`, `device ID`, `job NAME`.
    pub actor: String,
    /// Whose: one account, or the two sides of a move.
    pub accounts: Vec<AccountId>,
    /// What.
    pub verb: Verb,
    /// To what: an id.
    pub subject: String,
    /// Names and values, in the order they were given.
    pub detail: Vec<(String, String)>,
    /// SHA-256 of the row before.
    pub previous: [u8; 32],
}

impl Event {
    /// The hash of an Event's row, which the next one carries.
    #[must_use]
    pub fn hash(row: &[u8]) -> [u8; 32] {
        Sha256::digest(row).into()
    }

    /// The key of an account's own side of it: newest first.
    #[must_use]
    pub fn side(account: AccountId, number: u64) -> Vec<u8> {
        [&account.bytes()[..], &(u64::MAX - number).to_be_bytes()].concat()
    }
}

impl Record for Event {
    const TABLE: Table = Table::Events;
    fn key(&self) -> Vec<u8> {
        self.number.to_be_bytes().to_vec()
    }
}
