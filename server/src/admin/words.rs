//! The words of the ledger's enums, for the OpenAPI document. JSON itself comes from the ledger's own encodings.

use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_protocol::lease::AtExpiry;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use utoipa::{PartialSchema, ToSchema};

/// The words of one of the ledger's enums. The match makes a variant without a word a compile error.
macro_rules! words {
    ($(#[doc = $doc:literal] $name:ident of $ledger:ident: $($variant:ident),+;)*) => {$(
        #[doc = $doc]
        pub struct $name;

        impl $name {
            /// Every word.
            #[must_use]
            pub fn all() -> Vec<serde_json::Value> {
                let known = |value: $ledger| match value { $($ledger::$variant => value,)+ };
                [$($ledger::$variant,)+].into_iter().map(known).filter_map(|word| serde_json::to_value(word).ok()).collect()
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Self::all()));
                object.description(Some($doc.trim())).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

words! {
    /// What an account is; never changes.
    KindWord of AccountKind: Vendor, Reseller, EndCustomer;
    /// Whether anything new may happen in an account.
    StatusWord of AccountStatus: Active, Inactive;
    /// What a token may do: each may all that stands before it.
    RoleWord of Role: Viewer, Operator, Admin;
    /// When units whose lease was shrunk are free for others.
    FreeOnWord of FreeOn: Fetch, Expiry, AtOnce;
    /// What a holding is.
    HoldingWord of HoldingRole: Lot, Stock, Pool, Allotment, Reserve;
    /// What a key gives.
    KeyKindWord of KeyKind: ActivationId, PoolKey, PermissionKey, ActivationKey, Seat, Flex;
    /// What may happen to a key.
    KeyStateWord of KeyState: Open, Stopped, Deleted;
    /// How a device runs.
    ModeWord of Mode: Lease, File;
    /// What became of an activation.
    ActivationWord of ActivationState: Active, Released, Lapsed, Stopped;
    /// What the end of maintenance does.
    MaintenanceWord of Maintenance: StopsRenewal, GatesVersion;
    /// What a returned licence file is worth.
    ReturnsWord of Returns: Frees, Never;
    /// What a product is sold as.
    ProductKindWord of ProductKind: License, Support, Subscription;
    /// How long what is made of a product lasts.
    TermWord of Term: Perpetual, Annual, Days, Trial;
    /// Who takes up a product's units.
    UsedByWord of UsedBy: Device, User, Flex;
    /// What a changed device means.
    DeviceChangeWord of DeviceChange: Recorded, Refused;
    /// What a member is beside its role.
    StandingWord of Standing: None, Owner, CoAdmin;
    /// How far a membership has come.
    MembershipWord of MembershipState: Pending, Active, Disabled, Removed;
    /// Whether a person may sign in.
    UserStateWord of UserState: Active, Locked;
    /// What the product is to do when a lease has ended.
    AtExpiryWord of AtExpiry: Notice, Restrict, Stop;
}
