//! The keys of an order's lines. Each line has its own, but lines with a permission key that name the same code, or the same
//! group, share one: it opens all of them together (G1).

use super::auth::Caller;
use super::orders::LineDraft;
use leasehold_ledger::record::{KeyId, KeyKind};
use leasehold_ledger::rule::code;
use leasehold_ledger::rule::lot::Line;
use std::collections::BTreeMap;

/// Keys drawn for the lines of one order.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<Shared, (KeyId, String)>);

/// What lines share a key by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Code(String),
    Group(String),
}

impl Keys {
    /// The key of a line, and its code.
    pub fn of(&mut self, caller: &Caller, line: &LineDraft) -> (KeyId, String) {
        let code = || line.activation_id.clone().unwrap_or_else(|| caller.key_code());
        let shared = match (&line.key_group, &line.activation_id) {
            _ if line.key_kind != KeyKind::PermissionKey => None,
            (Some(group), _) => Some(Shared::Group(group.trim().to_owned())),
            (None, Some(code)) => Some(Shared::Code(code.trim().to_ascii_uppercase())),
            (None, None) => None,
        };
        match shared {
            Some(shared) => self.0.entry(shared).or_insert_with(|| (KeyId(caller.id()), code())).clone(),
            None => (KeyId(caller.id()), code()),
        }
    }
}

/// A line of a file, under the key of those before it in its order that name the same permission key.
pub fn under_one_key<'a>(line: Line, mut others: impl Iterator<Item = &'a Line>) -> Line {
    let named = |one: &Line| code::parse(&one.code).ok().filter(|_| one.kind == KeyKind::PermissionKey);
    let shares = |other: &&Line| named(other).is_some_and(|code| named(&line) == Some(code));
    let key = others.find(shares).map_or(line.key, |other| other.key);
    Line { key, ..line }
}
