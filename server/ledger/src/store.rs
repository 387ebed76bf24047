//! The store as the ledger sees it: ordered tables of bytes, read in snapshots, written in serializable transactions.
//!
//! Engines implement [`Store`]; the ledger knows no other part of them. Keys sort bytewise.

use thiserror::Error;

macro_rules! tables {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A table. Names are for ever: they stand in stores on disk.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$doc])* $variant,)* }

        impl Table {
            /// Every table.
            pub const ALL: &'static [Table] = &[$(Table::$variant,)*];

            /// The name in the store.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Table::$variant => $name,)* }
            }
        }
    };
}

tables! {
    /// Installation-wide rows, by a short name.
    Meta = "meta",
    /// Accounts by id.
    Accounts = "accounts",
    /// (parent, folded name) -> account.
    AccountNames = "account_names",
    /// Products by sku.
    Products = "products",
    /// Entitlement id -> order.
    Orders = "orders",
    /// Keys by id.
    Keys = "keys",
    /// Code -> key. A code stays here when its key is deleted, so it is never used again.
    KeyCodes = "key_codes",
    /// Holdings by id.
    Holdings = "holdings",
    /// (account, holding).
    AccountHoldings = "account_holdings",
    /// (account, folded pool name) -> holding.
    PoolNames = "pool_names",
    /// (pool, allotment): which keys a pool feeds.
    PoolAllotments = "pool_allotments",
    /// (account, device).
    Devices = "devices",
    /// Activations by id: the cold part.
    Activations = "activations",
    /// Activations by id: the 64 bytes a renewal changes. Never removed. An engine may keep them apart from its tables and
    /// show a snapshot newer ones than its other rows.
    Renewals = "renewals",
    /// (key, product, device) -> activation.
    ActivationOf = "activation_of",
    /// (home holding, activation).
    HoldingActivations = "holding_activations",
    /// (home holding, activation) of those that are active or have something booked: what rules look at.
    OpenActivations = "open_activations",
    /// (device, activation).
    DeviceActivations = "device_activations",
    /// (holding, activation): units of the holding still carried by an artefact issued elsewhere.
    Encumbrances = "encumbrances",
    /// (holding, time, activation): look at the activation when its next artefact may have ended.
    Due = "due",
    /// Licence files by (account, request digest).
    Files = "files",
    /// (activation, sequence number) -> request digest of its licence file.
    ActivationFiles = "activation_files",
    /// Events by number.
    Events = "events",
    /// (account, number counted down): each account's own side, newest first.
    AccountEvents = "account_events",
    /// API tokens by the hash of the secret.
    Tokens = "tokens",
    /// Token id -> the hash of its secret.
    TokenIds = "token_ids",
    /// (account, token).
    AccountTokens = "account_tokens",
    /// Jobs by name: when they last ran.
    Jobs = "jobs",
    /// Users by id.
    Users = "users",
    /// Folded username or folded email -> user. One index for both: a sign-in has one field for either.
    UserNames = "user_names",
    /// Memberships by (account, user).
    Memberships = "memberships",
    /// (user, account).
    UserAccounts = "user_accounts",
    /// Sessions and links by the hash of the secret.
    Secrets = "secrets",
    /// (user, secret) -> the hash of the secret.
    UserSecrets = "user_secrets",
    /// Mails by number.
    Outbox = "outbox",
    /// (time of the next try, mail) of those that wait.
    OutboxDue = "outbox_due",
    /// (user, mail) of those that were neither sent nor withdrawn.
    UserMails = "user_mails",
    /// Enrolment code -> account.
    EnrolmentCodes = "enrolment_codes",
    /// (caller, key) -> what is remembered of a request that named an idempotency key.
    Remembered = "remembered",
    /// (time, caller, key): the oldest first.
    RememberedAges = "remembered_ages",
    /// Caller -> how many of its requests are remembered.
    RememberedCounts = "remembered_counts",
    /// (scope, name) -> a setting that was set.
    Settings = "settings",
    /// (user, key): the seats a user has.
    UserSeats = "user_seats",
    /// Rehosts by account.
    Rehosts = "rehosts",
    /// (account, activation key).
    AccountKeys = "account_keys",
    /// (account, licence): the allotments of its activation keys.
    AccountLicenses = "account_licenses",
    /// (account, device) of those that wait to be licensed.
    WaitingDevices = "waiting_devices",
    /// (sku, 0, number) -> what the product was from then on.
    ProductRevisions = "product_revisions",
    /// Sku -> how many activations of it are open; none for 0.
    ProductOpen = "product_open",
    /// (entitlement id, 0, lot): the lines of an order.
    OrderLines = "order_lines",
    /// (kind, thing) -> what was told of it last.
    Notices = "notices",
    /// Mail -> what the notice in it says.
    MailNotices = "mail_notices",
}

/// Key and value of a row.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The store cannot answer or keep.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The disk, or what stands for it, failed.
    #[error("store: {0}")]
    Io(String),
    /// A row is not what was written.
    #[error("store: damaged row in {table} at {key}: {problem}")]
    Corrupt {
        /// The table's name.
        table: &'static str,
        /// The row's key in hex.
        key: String,
        /// What does not fit.
        problem: &'static str,
    },
}

/// A consistent view.
pub trait Read {
    /// The row at `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` rows with `from <= key < to`, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn scan(&self, table: Table, from: &[u8], to: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError>;
}

/// A transaction: sees its own writes, shows them to nobody before it is committed.
pub trait Write: Read {
    /// Writes a row.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a row; removing what is not there does nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;
}

/// An engine.
pub trait Store: Send + Sync {
    /// A snapshot that later commits do not change.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError>;

    /// Runs `work` in one transaction. When this returns `Ok`, everything it wrote is durable; when `work` fails, nothing
    /// is. When the commit itself fails the outcome is unknown and the store must not be used any more.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self, work: &mut dyn FnMut(&mut dyn Write) -> Result<(), StoreError>) -> Result<(), StoreError>;
}

/// The first key after all that start with `prefix`.
#[must_use]
pub fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.last_mut() {
        if *last < 0xff {
            *last += 1;
            return end;
        }
        end.pop();
    }
    vec![0xff; 256]
}
