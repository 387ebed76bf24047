//! What is sold. Units mix only within one product's compat, so each of these is measured by itself.

use leasehold_ledger::record::*;
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::time::DAY;

/// What nearly everything here is made of.
pub const SKU: &str = "OBS-OEM";
/// The other edition of it.
pub const STANDARD: &str = "OBS-STD";
/// Licences of it last [`DAYS`] days.
pub const DATED: &str = "OBS-DAYS";
/// Its seats float.
pub const FLOAT: &str = "OBS-FLEX";
/// All of them.
pub const SKUS: [&str; 4] = [SKU, STANDARD, DATED, FLOAT];

/// Seconds of a lease.
pub const TERM: i64 = 14 * DAY;
/// Seconds of a floating seat's lease.
pub const FLOAT_TERM: i64 = 2 * 3600;
/// Days that a dated licence lasts: more than a lease, so that some leases end with it.
pub const DAYS: u32 = 20;

/// The products behind [`SKUS`].
pub fn products() -> [Product; 4] {
    let dated = Product { term: Term::Days, term_days: Some(DAYS), ..product(DATED, "DAYS") };
    let float = Product { used_by: UsedBy::Flex, lease_term: FLOAT_TERM, offline: false, ..product(FLOAT, "FLEX") };
    [product(SKU, "OEM"), product(STANDARD, "STD"), dated, float]
}

fn product(sku: &str, compat: &str) -> Product {
    Product {
        sku: sku.into(),
        name: format!("Backup {compat}"),
        edition: String::new(),
        features: vec![],
        kinds: vec!["OBM".into(), "ACB".into()],
        compat: compat.into(),
        min_version: None,
        metered: false,
        offline: true,
        lease_term: TERM,
        maintenance: Maintenance::StopsRenewal,
        at_expiry: AtExpiry::Stop,
        returns: Returns::Frees,
        device_change: DeviceChange::Recorded,
        needs_org: false,
        version: String::new(),
        kind: ProductKind::License,
        term: Term::Perpetual,
        term_days: None,
        used_by: UsedBy::Device,
    }
}
