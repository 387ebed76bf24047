//! A line that describes an account.

use super::Found;
use super::table::Line;
use crate::admin::problem::LineProblem;
use crate::admin::sight::Sight;
use leasehold_ledger::Command;
use leasehold_ledger::record::{Account, AccountId, AccountKind, Profile};
use leasehold_ledger::rule::account::NewAccount;
use leasehold_ledger::rule::code::fold;
use leasehold_ledger::store::{Read as _, Table};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Columns a file may have.
pub const COLUMNS: [&str; 9] = [
    "name",
    "kind",
    "parent",
    "email",
    "notes",
    "key_prefix",
    "products",
    "may_create_customers",
    "may_create_resellers",
];

/// Accounts that lines further up describe, by folded name; none where two have the same.
pub struct Made {
    below: AccountId,
    by_name: BTreeMap<String, Option<AccountId>>,
}

impl Made {
    /// None yet.
    pub fn below(below: AccountId) -> Self {
        Self { below, by_name: BTreeMap::new() }
    }

    fn add(&mut self, name: &str, id: AccountId) {
        self.by_name.entry(fold(name)).and_modify(|known| *known = None).or_insert(Some(id));
    }
}

/// What a line comes to, or everything that is wrong with its cells. A new account gets `id`.
///
/// # Errors
/// One problem a cell.
pub fn read(sight: &Sight<'_>, made: &mut Made, line: &Line, id: Uuid) -> Result<Found, Vec<LineProblem>> {
    let mut problems = Vec::new();
    let mut keep = |found: Result<Option<Cell>, LineProblem>| found.map_err(|problem| problems.push(problem)).ok()?;
    let name = keep(needed(line, "name").map(Some));
    let kind = keep(kind(line).map(Some));
    let parent = keep(parent(made, line).map(Some));
    let customers = keep(flag(line, "may_create_customers"));
    let resellers = keep(flag(line, "may_create_resellers"));
    let (Some(Cell::Text(name)), Some(Cell::Kind(kind)), Some(Cell::Account(parent))) = (name, kind, parent) else {
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let own = |column: &str| line.text(column).map(str::to_owned);
    let is_set = |flag: Option<Cell>| matches!(flag, Some(Cell::Flag(true)));
    let profile = Profile {
        name: name.clone(),
        email: own("email"),
        notes: own("notes").unwrap_or_default(),
        key_prefix: own("key_prefix"),
        products: line.text("products").map(products),
        may_create_customers: is_set(customers),
        may_create_resellers: is_set(resellers),
    };
    if let Some(there) = same(sight, parent, kind, &profile, line) {
        made.add(&name, there);
        return Ok(Found::There(there.0));
    }
    let id = AccountId(id);
    made.add(&name, id);
    Ok(Found::New(Command::CreateAccount(NewAccount { id, parent, kind, profile })))
}

/// What a cell says.
enum Cell {
    Text(String),
    Kind(AccountKind),
    Account(AccountId),
    Flag(bool),
}

fn needed(line: &Line, column: &str) -> Result<Cell, LineProblem> {
    let text = line.text(column).map(|text| Cell::Text(text.to_owned()));
    text.ok_or_else(|| line.wrong(column, "cell_empty", format!("{column} is needed")))
}

fn kind(line: &Line) -> Result<Cell, LineProblem> {
    let text = line.text("kind").unwrap_or_default();
    match text.to_ascii_lowercase().as_str() {
        "" => Err(line.wrong("kind", "cell_empty", "kind is needed".to_owned())),
        "reseller" => Ok(Cell::Kind(AccountKind::Reseller)),
        "end_customer" => Ok(Cell::Kind(AccountKind::EndCustomer)),
        _ => Err(line.wrong("kind", "cell_invalid", format!("{text:?} is neither reseller nor end_customer"))),
    }
}

fn parent(made: &Made, line: &Line) -> Result<Cell, LineProblem> {
    let Some(text) = line.text("parent") else { return Ok(Cell::Account(made.below)) };
    if let Ok(id) = text.parse::<Uuid>() {
        return Ok(Cell::Account(AccountId(id)));
    }
    match made.by_name.get(&fold(text)) {
        Some(Some(id)) => Ok(Cell::Account(*id)),
        Some(None) => {
            Err(line.wrong("parent", "parent_ambiguous", format!("two lines further up are called {text:?}")))
        }
        None => Err(line.wrong("parent", "parent_unknown", format!("no line further up is called {text:?}"))),
    }
}

fn flag(line: &Line, column: &str) -> Result<Option<Cell>, LineProblem> {
    match line.text(column).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("true" | "yes" | "1") => Ok(Some(Cell::Flag(true))),
        Some("false" | "no" | "0") => Ok(Some(Cell::Flag(false))),
        Some(other) => Err(line.wrong(column, "cell_invalid", format!("{other:?} is neither true nor false"))),
    }
}

fn products(text: &str) -> BTreeSet<String> {
    text.split(';').map(str::trim).filter(|sku| !sku.is_empty()).map(str::to_owned).collect()
}

/// The account that is there already and is just what the line says; columns the file does not have say nothing.
fn same(sight: &Sight<'_>, parent: AccountId, kind: AccountKind, profile: &Profile, line: &Line) -> Option<AccountId> {
    sight.account(parent).ok()?;
    let key = [&parent.bytes()[..], fold(&profile.name).as_bytes()].concat();
    let id = sight.draft.get(Table::AccountNames, &key).ok()??;
    let account: Account = sight.draft.account(AccountId(Uuid::from_slice(&id).ok()?)).ok()??;
    let there = &account.profile;
    let is_same = account.kind == kind
        && there.name == profile.name
        && (line.text("email").is_none() || there.email == profile.email)
        && (line.text("notes").is_none() || there.notes == profile.notes)
        && (line.text("key_prefix").is_none() || there.key_prefix == profile.key_prefix)
        && (line.text("products").is_none() || there.products == profile.products)
        && (line.text("may_create_customers").is_none() || there.may_create_customers == profile.may_create_customers)
        && (line.text("may_create_resellers").is_none() || there.may_create_resellers == profile.may_create_resellers);
    is_same.then_some(account.id)
}
