//! The fields by which licences are filtered, searched and sorted.

use super::LicenseState;
use crate::admin::list::Listed;
use crate::admin::list::field::{Field, Value};
use crate::admin::words::{ProductKindWord, TermWord};
use leasehold_ledger::record::{Account, Holding, Key, Product};

/// A licence with what its list shows of other records.
pub struct License {
    /// The licence.
    pub holding: Holding,
    /// Whose it is.
    pub account: Account,
    /// The key it was made under.
    pub key: Key,
    /// What it is a licence of.
    pub product: Product,
    /// Whether its term is over.
    pub state: LicenseState,
}

/// Licences.
pub struct Licenses;

impl Listed for Licenses {
    type Row = License;

    fn fields() -> Vec<Field<License>> {
        let states = vec!["valid".into(), "expired".into()];
        vec![
            Field::text("name", |row| Value::text(Some(&row.key.licensee))),
            Field::text("code", |row| Value::text(Some(&row.key.code))),
            Field::text("product", |row| Value::text(Some(&row.product.sku))),
            Field::text("edition", |row| Value::text(Some(&row.product.edition))),
            Field::text("account_name", |row| Value::text(Some(row.account.name()))),
            Field::text("email", |row| Value::text(Some(&row.holding.email))),
            Field::text("comment", |row| Value::text(Some(&row.holding.comment))),
            Field::exact("account", |row| Value::text(Some(&row.account.id.to_string()))),
            Field::exact("key", |row| Value::text(Some(&row.key.id.to_string()))),
            Field::exact("pool", |row| Value::text(row.holding.parent.map(|pool| pool.to_string()).as_deref())),
            Field::word("kind", ProductKindWord::all(), |row| Value::word(row.product.kind)),
            Field::word("term", TermWord::all(), |row| Value::word(row.product.term)),
            Field::word("state", states, |row| Value::word(row.state)),
            Field::time("created", |row| Value::At(row.holding.created)),
            Field::time("ends", |row| Value::at(row.holding.until())),
        ]
    }
}
