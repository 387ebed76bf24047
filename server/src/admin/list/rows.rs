//! The fields of each list of the ledger's own records.

use super::Listed;
use super::field::{Field, Value};
use crate::admin::devices::health::{Health, Seen};
use crate::admin::walk::Member;
use crate::admin::words::{
    FreeOnWord, HoldingWord, KeyKindWord, KeyStateWord, KindWord, MembershipWord, ModeWord, RoleWord, StandingWord,
    StatusWord, UserStateWord,
};
use leasehold_ledger::record::*;
use leasehold_protocol::Time;

/// Declares lists: a name, what its rows are, and their fields.
macro_rules! listed {
    ($($(#[doc = $doc:literal])+ $name:ident of $row:ty: [$($field:expr),+ $(,)?];)*) => {$(
        $(#[doc = $doc])+
        pub struct $name;

        impl Listed for $name {
            type Row = $row;

            fn fields() -> Vec<Field<$row>> {
                vec![$($field),+]
            }
        }
    )*};
}

/// A lot, and its key's code.
pub struct Lot {
    /// The lot.
    pub holding: Holding,
    /// Its Activation ID.
    pub code: Option<String>,
    /// It may be added to the pool.
    pub poolable: bool,
}

/// A line of an order that is not all activated.
pub struct LineItem {
    /// Its lot.
    pub lot: Holding,
    /// Its Activation ID.
    pub code: String,
    /// The name of the account it was sold to.
    pub sold_to: String,
    /// The product's version.
    pub version: String,
}

/// An order, as far as an account has lines of it.
pub struct OrderOf {
    /// The order.
    pub order: Order,
    /// Its lines there, in their order; at least one.
    pub lots: Vec<Holding>,
}

listed! {
    /// Accounts.
    Accounts of Account: [
        Field::text("name", |row| Value::text(Some(row.name()))),
        Field::text("email", |row| Value::text(row.profile.email.as_deref())),
        Field::word("kind", KindWord::all(), |row| Value::word(row.kind)),
        Field::word("status", StatusWord::all(), |row| Value::word(row.status)),
        Field::flag("may_create_customers", |row| Value::word(row.profile.may_create_customers)),
        Field::flag("may_create_resellers", |row| Value::word(row.profile.may_create_resellers)),
    ];
    /// Products.
    Products of Product: [
        Field::text("sku", |row| Value::text(Some(&row.sku))),
        Field::text("name", |row| Value::text(Some(&row.name))),
        Field::text("edition", |row| Value::text(Some(&row.edition))),
        Field::text("compat", |row| Value::text(Some(&row.compat))),
        Field::flag("metered", |row| Value::word(row.metered)),
        Field::flag("offline", |row| Value::word(row.offline)),
    ];
    /// Lots.
    Lots of Lot: [
        Field::text("product", |row| Value::text(Some(&row.holding.product))),
        Field::text("compat", |row| Value::text(Some(&row.holding.compat))),
        Field::text("order", |row| Value::text(row.holding.order.as_deref())),
        Field::text("activation_id", |row| Value::text(row.code.as_deref())),
        Field::word("free_on", FreeOnWord::all(), |row| Value::word(row.holding.free_on)),
        Field::time("created", |row| Value::At(row.holding.created)),
        Field::time("expires", |row| Value::at(row.holding.expires)),
        Field::time("converted", |row| Value::at(row.holding.converted)),
        Field::flag("poolable", |row| Value::word(row.poolable)),
    ];
    /// Pools.
    Pools of Holding: [
        Field::text("name", |row| Value::text(Some(&row.name))),
        Field::text("product", |row| Value::text(Some(&row.product))),
        Field::text("compat", |row| Value::text(Some(&row.compat))),
        Field::word("role", HoldingWord::all(), |row| Value::word(row.role)),
        Field::word("free_on", FreeOnWord::all(), |row| Value::word(row.free_on)),
        Field::time("created", |row| Value::At(row.created)),
        Field::time("expires", |row| Value::at(row.expires)),
    ];
    /// Keys.
    Keys of Key: [
        Field::text("licensee", |row| Value::text(Some(&row.licensee))),
        Field::text("code", |row| Value::text(Some(&row.code))),
        Field::word("kind", KeyKindWord::all(), |row| Value::word(row.kind)),
        Field::word("state", KeyStateWord::all(), |row| Value::word(row.state)),
        Field::time("created", |row| Value::At(row.created)),
    ];
    /// Devices.
    Devices of Seen: [
        Field::text("name", |row| Value::text(row.device.name.as_deref())),
        Field::text("id", |row| Value::text(Some(&row.device.id.to_string()))),
        Field::time("first_seen", |row| Value::At(row.device.first_seen)),
        Field::word("health", Health::all(), |row| Value::word(row.health)),
        Field::time("last_seen", |row| Value::at((row.last_seen > 0).then(|| Time(row.last_seen.into())))),
    ];
    /// Activations.
    Activations of Activation: [
        Field::text("product", |row| Value::text(Some(&row.product))),
        Field::text("device", |row| Value::text(Some(&row.device.to_string()))),
        Field::text("version", |row| Value::text(Some(&row.version))),
        Field::exact("key", |row| Value::text(Some(&row.key.to_string()))),
        Field::word("mode", ModeWord::all(), |row| Value::word(row.mode)),
        Field::time("created", |row| Value::At(row.created)),
    ];
    /// Answered requests.
    Requests of LicenseFile: [
        Field::exact("activation", |row| Value::text(Some(&row.activation.to_string()))),
        Field::time("issued", |row| Value::At(row.at)),
        Field::time("ended", |row| Value::at(row.ended)),
    ];
    /// Tokens.
    Tokens of Token: [
        Field::text("name", |row| Value::text(Some(&row.name))),
        Field::word("role", RoleWord::all(), |row| Value::word(row.role)),
        Field::time("created", |row| Value::At(row.created)),
        Field::time("expires", |row| Value::at(row.expires)),
    ];
    /// Members of an account.
    Members of Member: [
        Field::text("username", |row| Value::text(row.user.username.as_deref())),
        Field::text("email", |row| Value::text(Some(&row.user.email))),
        Field::text("first_name", |row| Value::text(Some(&row.user.person.first_name))),
        Field::text("last_name", |row| Value::text(Some(&row.user.person.last_name))),
        Field::word("role", RoleWord::all(), |row| Value::word(row.membership.role)),
        Field::word("standing", StandingWord::all(), |row| Value::word(row.membership.standing)),
        Field::word("state", MembershipWord::all(), |row| Value::word(row.membership.state)),
        Field::time("since", |row| Value::At(row.membership.since)),
    ];
    /// Users, a line for each account they stand in.
    Users of Member: [
        Field::text("username", |row| Value::text(row.user.username.as_deref())),
        Field::text("email", |row| Value::text(Some(&row.user.email))),
        Field::text("first_name", |row| Value::text(Some(&row.user.person.first_name))),
        Field::text("last_name", |row| Value::text(Some(&row.user.person.last_name))),
        Field::exact("account", |row| Value::text(Some(&row.account.id.to_string()))),
        Field::word("role", RoleWord::all(), |row| Value::word(row.membership.acts_as().unwrap_or(row.membership.role))),
        Field::word("standing", StandingWord::all(), |row| Value::word(row.membership.standing)),
        Field::word("state", UserStateWord::all(), |row| Value::word(row.user.state)),
        Field::time("created", |row| Value::At(row.user.created)),
        Field::time("last_seen", |row| Value::at(row.user.last_seen)),
    ];
    /// Line items.
    LineItems of LineItem: [
        Field::text("activation_id", |row| Value::text(Some(&row.code))),
        Field::text("entitlement_id", |row| Value::text(row.lot.order.as_deref())),
        Field::text("sold_to", |row| Value::text(Some(&row.sold_to))),
        Field::text("product", |row| Value::text(Some(&row.lot.product))),
        Field::text("version", |row| Value::text(Some(&row.version))),
        Field::time("expiration", |row| Value::at(row.lot.expires)),
        Field::chosen("ids", |row| Value::text(Some(&row.code))),
        Field::switch("subtree", "Those of the accounts below it too."),
        Field::switch("used_up", "Those of which nothing is available too."),
    ];
    /// Reserves.
    Reserves of Holding: [
        Field::text("product", |row| Value::text(Some(&row.product))),
        Field::text("compat", |row| Value::text(Some(&row.compat))),
        Field::time("created", |row| Value::At(row.created)),
    ];
    /// Devices that wait.
    WaitingDevices of Waiting: [
        Field::text("name", |row| Value::text(row.name.as_deref())),
        Field::text("id", |row| Value::text(Some(&row.device.to_string()))),
        Field::text("product", |row| Value::text(Some(&row.product))),
        Field::word("state", ["waiting", "licensed", "turned_away"].map(Into::into).into(), |row| {
            Value::text(Some(row.verdict.word()))
        }),
        Field::time("announced", |row| Value::At(row.announced)),
        Field::time("heard", |row| Value::At(row.heard)),
    ];
    /// Revisions of a product.
    Revisions of Revision: [
        Field::text("name", |row| Value::text(Some(&row.product.name))),
        Field::text("version", |row| Value::text(Some(&row.product.version))),
        Field::text("edition", |row| Value::text(Some(&row.product.edition))),
        Field::time("since", |row| Value::At(row.at)),
    ];
    /// Orders.
    Orders of OrderOf: [
        Field::text("entitlement", |row| Value::text(Some(&row.order.entitlement))),
        Field::text("reference", |row| Value::text(row.order.reference.as_deref())),
        Field::time("created", |row| Value::At(row.order.at)),
    ];
}
