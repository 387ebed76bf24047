//! Events: one append-only hash chain is audit, ledger, usage history and feed at once (I13).

use crate::actor::Place;
use crate::record::id::{AccountId, HoldingId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::{Time, Units};
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
    SettingsChanged = "settings_changed",
    KeysetImported = "keyset_imported",
    SigningKeyChanged = "signing_key_changed",
    ProductUpdated = "product_updated",
    NoticePosted = "notice_posted",
    KeyRedeemed = "key_redeemed",
    SeatGranted = "seat_granted",
    SeatTakenBack = "seat_taken_back",
    FlexOpened = "flex_opened",
    LineTransferred = "line_transferred",
    RenewalStopped = "renewal_stopped",
    DeviceRehosted = "device_rehosted",
    ReserveMinted = "reserve_minted",
    ActivationKeyCreated = "activation_key_created",
    LicenseMade = "license_made",
    LicenseUpgraded = "license_upgraded",
    LicenseExtended = "license_extended",
    LicenseEdited = "license_edited",
    LicenseDeleted = "license_deleted",
    RenewalResumed = "renewal_resumed",
    DeviceAnnounced = "device_announced",
    DeviceLicensed = "device_licensed",
    DeviceTurnedAway = "device_turned_away",
    DeviceRenamed = "device_renamed",
}

impl fmt::Display for Verb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Who may read a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Eyes {
    /// Both sides.
    All,
    /// Who reaches the Event's account of this number.
    Side(u8),
    /// Who reaches the Event's account of this number from above, never the account itself (A35).
    Above(u8),
}

/// One thing an Event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What is spoken of.
    pub name: String,
    /// Who may read it.
    pub eyes: Eyes,
    /// What there is to say.
    pub value: Value,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// It is so.
    Is(String),
    /// It was the first and is the second; none for nothing.
    Was(Option<String>, Option<String>),
}

/// Units that went from one holding to another, came in (from none), or left the books (to none).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// From where.
    pub from: Option<HoldingId>,
    /// To where.
    pub to: Option<HoldingId>,
    /// How many.
    pub units: Units,
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
    /// The account it spoke for; none for devices and jobs.
    pub home: Option<AccountId>,
    /// From where.
    pub from: Place,
    /// Whose: one account, or the two sides of a move.
    pub accounts: Vec<AccountId>,
    /// What.
    pub verb: Verb,
    /// To what: an id.
    pub subject: String,
    /// What the subject is on the second account's side, where it is another one.
    pub other: Option<String>,
    /// The units that it moved, of which all balances follow (I1).
    pub moves: Vec<Moved>,
    /// What there is to say of it, in the order it was said.
    pub facts: Vec<Fact>,
    /// SHA-256 of the row before.
    pub previous: [u8; 32],
}

impl Event {
    /// The hash of an Event's row, which the next one carries.
    #[must_use]
    pub fn hash(row: &[u8]) -> [u8; 32] {
        Sha256::digest(row).into()
    }

    /// What it happened to, on the side of `account`.
    #[must_use]
    pub fn subject_of(&self, account: AccountId) -> &str {
        let is_first = self.accounts.first() == Some(&account);
        self.other.as_deref().filter(|_| !is_first).unwrap_or(&self.subject)
    }

    /// What it says under `name`: the value, or that after the change.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        let fact = self.facts.iter().find(|fact| fact.name == name)?;
        match &fact.value {
            Value::Is(value) => Some(value),
            Value::Was(_, after) => after.as_deref(),
        }
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
