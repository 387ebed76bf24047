//! Products: what a licence is for, and the rules it carries (A55, H8, H32).

use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::time::DAY;
use serde::{Deserialize, Serialize};

/// Seconds a lease lasts unless the product says otherwise (H20).
pub const LEASE_TERM_USUAL: i64 = 14 * DAY;
/// What a product is to do when a lease has ended, unless it says otherwise.
pub const AT_EXPIRY_USUAL: AtExpiry = AtExpiry::Restrict;

/// What the end of maintenance does (H21, H24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maintenance {
    /// Nothing is renewed after free_upgrade_until (H24).
    #[default]
    StopsRenewal,
    /// Renewed for ever; the product compares its own release date with free_upgrade_until.
    GatesVersion,
}

/// What a returned licence file is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// It frees its units.
    #[default]
    Frees,
    /// It is refused: what is out stays out.
    Never,
}

/// What a device with less than half of its first fingerprint left means (I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChange {
    /// An Event for people to look at.
    #[default]
    Recorded,
    /// An Event, and `device_mismatch`.
    Refused,
}

/// What a product is sold as (T9, T22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// Something that runs.
    #[default]
    License,
    /// Help and upgrades for something that runs (T18).
    Support,
    /// Something that runs while it is paid for (T22).
    Subscription,
}

/// How long what is made of a product lasts (T10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// For ever.
    #[default]
    Perpetual,
    /// A year of the calendar.
    Annual,
    /// As many days as `term_days` says.
    Days,
    /// On trial, for as many days as `term_days` says at most. A trial is a sku of its own.
    Trial,
}

/// Who takes up units (G6, G12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsedBy {
    /// The devices that a key is typed into.
    #[default]
    Device,
    /// Named users, each with one device.
    User,
    /// Whoever comes first: seats that float, on short leases.
    Flex,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its part number; `aud` of every artefact.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// Its version as it is sold, for people (V28).
    pub version: String,
    /// Edition, for people.
    pub edition: String,
    /// Features every lease and licence file grants.
    pub features: Vec<String>,
    /// Kinds of units, at least one (H12).
    pub kinds: Vec<String>,
    /// Units mix only within one of these (H9).
    pub compat: String,
    /// The lowest version that may run, numbers with dots (H32).
    pub min_version: Option<String>,
    /// Metered licences cannot be pooled (H2).
    pub metered: bool,
    /// Licence files may be made (H19 says not for pool keys).
    pub offline: bool,
    /// Seconds a lease lasts; 14 days unless said otherwise (H20).
    pub lease_term: i64,
    /// What the end of maintenance does.
    pub maintenance: Maintenance,
    /// What the product is to do when a lease has ended.
    pub at_expiry: AtExpiry,
    /// What a returned licence file is worth.
    pub returns: Returns,
    /// What a changed device means.
    pub device_change: DeviceChange,
    /// What it is sold as.
    pub kind: ProductKind,
    /// How long what is made of it lasts.
    pub term: Term,
    /// Days of a term that is counted in days.
    pub term_days: Option<u32>,
    /// Who takes up its units.
    pub used_by: UsedBy,
    /// Its licences are managed and activated in an organisation only, not in a personal account (G2).
    pub needs_org: bool,
}

impl Product {
    /// A product as it is when nothing else is said of it: licences for ever on devices, without licence files.
    #[must_use]
    pub fn plain(sku: &str, name: &str, compat: &str, kinds: &[impl AsRef<str>]) -> Self {
        Self {
            sku: sku.to_owned(),
            name: name.to_owned(),
            version: String::new(),
            edition: String::new(),
            features: vec![],
            kinds: kinds.iter().map(|kind| kind.as_ref().to_owned()).collect(),
            compat: compat.to_owned(),
            min_version: None,
            metered: false,
            offline: false,
            lease_term: LEASE_TERM_USUAL,
            maintenance: Maintenance::default(),
            at_expiry: AT_EXPIRY_USUAL,
            returns: Returns::default(),
            device_change: DeviceChange::default(),
            kind: ProductKind::default(),
            term: Term::default(),
            term_days: None,
            used_by: UsedBy::default(),
            needs_org: false,
        }
    }

    /// Several people share it, so it is for organisations (G2).
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.needs_org || self.used_by == UsedBy::Flex
    }

    /// `version` is at least the lowest that may run. Parts compare as numbers; a part that is no number counts as 0.
    #[must_use]
    pub fn runs(&self, version: &str) -> bool {
        let Some(lowest) = &self.min_version else { return true };
        let parts = |text: &str| text.split('.').map(|part| part.parse::<u64>().unwrap_or(0)).collect::<Vec<_>>();
        let (mut have, mut need) = (parts(version), parts(lowest));
        let len = have.len().max(need.len());
        have.resize(len, 0);
        need.resize(len, 0);
        have >= need
    }
}

impl Record for Product {
    const TABLE: Table = Table::Products;
    fn key(&self) -> Vec<u8> {
        self.sku.clone().into_bytes()
    }
}
