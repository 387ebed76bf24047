//! The fields of each list of the ledger's own records.

use super::Listed;
use super::field::{Field, Value};
use crate::admin::walk::Member;
use crate::admin::words::{
    FreeOnWord, HoldingWord, KeyKindWord, KeyStateWord, KindWord, MembershipWord, ModeWord, RoleWord, StandingWord,
    StatusWord, UserStateWord,
};
use leasehold_ledger::record::*;

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
    Devices of Device: [
        Field::text("name", |row| Value::text(row.name.as_deref())),
        Field::text("id", |row| Value::text(Some(&row.id.to_string()))),
        Field::time("first_seen", |row| Value::At(row.first_seen)),
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
}
