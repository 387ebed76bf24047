//! Settings that were set: of the installation, of an account. What is not set has its default, and what settings there are stands
//! in one table ([`crate::rule::setting`]).

use crate::record::id::{AccountId, HoldingId};
use crate::row::Record;
use crate::store::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a setting is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The whole installation.
    Installation,
    /// An account.
    Account(AccountId),
    /// A pool.
    Pool(HoldingId),
}

impl Scope {
    /// The first part of a row's key.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Installation => vec![0],
            Self::Account(id) => [&[1][..], id.bytes()].concat(),
            Self::Pool(id) => [&[2][..], id.bytes()].concat(),
        }
    }
}

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingValue {
    /// A count of whatever the name says.
    Number(u32),
    /// One of the setting's words.
    Word(String),
}

impl fmt::Display for SettingValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Word(word) => word.fmt(out),
        }
    }
}

/// A setting that was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Of what.
    pub scope: Scope,
    /// Which.
    pub name: String,
    /// To what.
    pub value: SettingValue,
}

impl Setting {
    /// The key of a setting's row.
    #[must_use]
    pub fn key_of(scope: Scope, name: &str) -> Vec<u8> {
        [&scope.bytes()[..], name.as_bytes()].concat()
    }
}

impl Record for Setting {
    const TABLE: Table = Table::Settings;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.scope, &self.name)
    }
}
