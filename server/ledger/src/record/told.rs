//! What an Event tells of a record: names and values, one by one, so that before and after can be held against each other.
//! A secret, or its hash, is told by no record.

use crate::actor::Role;
use crate::record::event::Eyes;
use crate::record::*;
use leasehold_protocol::lease::AtExpiry;
use std::fmt::Display;

/// A name, who may read it, and the value; none for nothing.
pub type Telling = (&'static str, Eyes, Option<String>);

/// A record that Events tell of.
pub trait Told {
    /// What is told, in an order that is always the same. `eyes` is for what both the account and those above it may read.
    fn told(&self, eyes: Eyes) -> Vec<Telling>;
}

/// An enum's word, as the API has it.
pub trait Word: Copy {
    /// The word.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($name:ident: $($variant:ident = $word:literal),+;)*) => {$(
        impl Word for $name {
            fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }
    )*};
}

words! {
    AccountKind: Vendor = "vendor", Reseller = "reseller", EndCustomer = "end_customer";
    AccountStatus: Active = "active", Inactive = "inactive";
    Role: Viewer = "viewer", Operator = "operator", Admin = "admin";
    FreeOn: Fetch = "fetch", Expiry = "expiry", AtOnce = "at_once";
    KeyState: Open = "open", Stopped = "stopped", Deleted = "deleted";
    Maintenance: StopsRenewal = "stops_renewal", GatesVersion = "gates_version";
    Returns: Frees = "frees", Never = "never";
    DeviceChange: Recorded = "recorded", Refused = "refused";
    UserState: Active = "active", Locked = "locked";
    Standing: None = "none", Owner = "owner", CoAdmin = "co_admin";
    MembershipState: Pending = "pending", Active = "active", Disabled = "disabled", Removed = "removed";
    ProductKind: License = "license", Support = "support", Subscription = "subscription";
    Term: Perpetual = "perpetual", Annual = "annual", Days = "days", Trial = "trial";
    UsedBy: Device = "device", User = "user", Flex = "flex";
    AtExpiry: Notice = "notice", Restrict = "restrict", Stop = "stop";
}

/// A word that is told.
pub fn word(value: impl Word) -> Option<String> {
    Some(value.word().to_owned())
}

/// Anything that is told as it is shown; an empty text is nothing.
pub fn text(value: impl Display) -> Option<String> {
    Some(value.to_string()).filter(|text| !text.is_empty())
}

/// Yes or no.
#[must_use]
pub fn yes(holds: bool) -> Option<String> {
    Some(if holds { "yes" } else { "no" }.to_owned())
}

/// Several, with commas between them.
pub fn several<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Option<String> {
    Some(values.into_iter().map(|value| value.as_ref().to_owned()).collect::<Vec<_>>().join(", "))
}

impl Told for Account {
    fn told(&self, eyes: Eyes) -> Vec<Telling> {
        let above = match eyes {
            Eyes::Side(side) | Eyes::Above(side) => Eyes::Above(side),
            Eyes::All => Eyes::Above(0),
        };
        vec![
            ("name", eyes, text(self.name())),
            ("kind", eyes, word(self.kind)),
            ("status", eyes, word(self.status)),
            ("organisation", eyes, yes(self.organisation)),
            ("email", eyes, self.profile.email.clone()),
            ("notes", above, text(&self.profile.notes)),
            ("key_prefix", eyes, self.profile.key_prefix.clone()),
            ("products", eyes, self.profile.products.as_ref().and_then(several)),
            ("may_create_customers", eyes, yes(self.profile.may_create_customers)),
            ("may_create_resellers", eyes, yes(self.profile.may_create_resellers)),
        ]
    }
}

impl Told for Product {
    fn told(&self, eyes: Eyes) -> Vec<Telling> {
        vec![
            ("name", eyes, text(&self.name)),
            ("version", eyes, text(&self.version)),
            ("edition", eyes, text(&self.edition)),
            ("features", eyes, several(&self.features)),
            ("kinds", eyes, several(&self.kinds)),
            ("compat", eyes, text(&self.compat)),
            ("min_version", eyes, self.min_version.clone()),
            ("metered", eyes, yes(self.metered)),
            ("offline", eyes, yes(self.offline)),
            ("lease_term", eyes, text(self.lease_term)),
            ("maintenance", eyes, word(self.maintenance)),
            ("at_expiry", eyes, word(self.at_expiry)),
            ("returns", eyes, word(self.returns)),
            ("device_change", eyes, word(self.device_change)),
            ("kind", eyes, word(self.kind)),
            ("term", eyes, word(self.term)),
            ("term_days", eyes, self.term_days.and_then(text)),
            ("used_by", eyes, word(self.used_by)),
            ("needs_org", eyes, yes(self.needs_org)),
        ]
    }
}

impl Told for Token {
    fn told(&self, eyes: Eyes) -> Vec<Telling> {
        vec![
            ("name", eyes, text(&self.name)),
            ("role", eyes, word(self.role)),
            ("expires", eyes, self.expires.and_then(text)),
            ("scopes", eyes, self.scopes.as_ref().map(|scopes| Vec::from_iter(scopes.clone()).join(" "))),
        ]
    }
}

impl Told for User {
    fn told(&self, eyes: Eyes) -> Vec<Telling> {
        vec![
            ("username", eyes, self.username.clone()),
            ("email", eyes, text(&self.email)),
            ("first_name", eyes, text(&self.person.first_name)),
            ("last_name", eyes, text(&self.person.last_name)),
            ("phone", eyes, text(&self.person.phone)),
            ("company", eyes, text(&self.person.company)),
            ("state", eyes, word(self.state)),
            ("must_change_password", eyes, yes(self.must_change)),
            ("second_factor", eyes, yes(self.second_factor().is_some())),
        ]
    }
}

impl Told for Membership {
    fn told(&self, eyes: Eyes) -> Vec<Telling> {
        vec![
            ("role", eyes, word(self.role)),
            ("standing", eyes, word(self.standing)),
            ("state", eyes, word(self.state)),
        ]
    }
}
