//! Every record of a store, decoded; what does not decode is a finding.

use super::Report;
use crate::record::*;
use crate::renewal::Renewal;
use crate::row::{self, Record};
use crate::store::{Pair, Read, StoreError, Table, after};
use leasehold_protocol::ActivationId;
use std::collections::BTreeMap;

/// Rows read at once.
const PAGE: usize = 1024;

/// The records of a store.
#[derive(Default)]
pub struct Rows {
    pub installation: Option<Installation>,
    pub accounts: BTreeMap<AccountId, Account>,
    pub products: BTreeMap<String, Product>,
    pub orders: BTreeMap<String, Order>,
    pub keys: BTreeMap<KeyId, Key>,
    pub holdings: BTreeMap<HoldingId, Holding>,
    pub devices: Vec<Device>,
    pub activations: BTreeMap<ActivationId, Activation>,
    pub renewals: BTreeMap<ActivationId, Renewal>,
    pub files: Vec<LicenseFile>,
    pub tokens: Vec<Token>,
    pub users: BTreeMap<UserId, User>,
    pub memberships: Vec<Membership>,
    pub secrets: BTreeMap<[u8; 32], Secret>,
    pub mails: BTreeMap<MailId, Mail>,
    pub mail_head: MailHead,
    pub remembered: Vec<Remembered>,
    pub rehosts: BTreeMap<AccountId, rehosts::Rehosts>,
    pub waiting: Vec<Waiting>,
    pub revisions: Vec<Revision>,
}

impl Rows {
    pub fn read(view: &dyn Read, report: &mut Report) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        meta(view, report, &mut rows)?;
        records(view, report, |account: Account| drop(rows.accounts.insert(account.id, account)))?;
        records(view, report, |product: Product| drop(rows.products.insert(product.sku.clone(), product)))?;
        records(view, report, |order: Order| drop(rows.orders.insert(order.entitlement.clone(), order)))?;
        records(view, report, |key: Key| drop(rows.keys.insert(key.id, key)))?;
        records(view, report, |holding: Holding| drop(rows.holdings.insert(holding.id, holding)))?;
        records(view, report, |device: Device| rows.devices.push(device))?;
        records(view, report, |one: Activation| drop(rows.activations.insert(one.id, one)))?;
        records(view, report, |file: LicenseFile| rows.files.push(file))?;
        records(view, report, |token: Token| rows.tokens.push(token))?;
        records(view, report, |user: User| drop(rows.users.insert(user.id, user)))?;
        records(view, report, |one: Membership| rows.memberships.push(one))?;
        records(view, report, |secret: Secret| drop(rows.secrets.insert(secret.hash, secret)))?;
        records(view, report, |mail: Mail| drop(rows.mails.insert(mail.id, mail)))?;
        records(view, report, |one: Remembered| rows.remembered.push(one))?;
        records(view, report, |_: Setting| ())?;
        records(view, report, |one: rehosts::Rehosts| drop(rows.rehosts.insert(one.account, one)))?;
        records(view, report, |one: Waiting| rows.waiting.push(one))?;
        records(view, report, |one: Revision| rows.revisions.push(one))?;
        records(view, report, |_: Notice| ())?;
        records(view, report, |_: MailNotice| ())?;
        renewals(view, report, &mut rows)?;
        each(view, Table::Jobs, report, |report, (key, at)| {
            let name = String::from_utf8_lossy(&key);
            report.ensure(at.len() == 8, "row", format!("jobs {name}"), || format!("{} bytes, not 8", at.len()));
        })?;
        Ok(rows)
    }
}

/// Calls `see` with every row of a table and counts them.
pub fn each(
    view: &dyn Read,
    table: Table,
    report: &mut Report,
    mut see: impl FnMut(&mut Report, Pair),
) -> Result<(), StoreError> {
    let (mut from, end) = (Vec::new(), after(&[]));
    loop {
        let page = view.scan(table, &from, &end, PAGE)?;
        *report.rows.entry(table.name()).or_default() += page.len() as u64;
        let Some((last, _)) = page.last() else { return Ok(()) };
        from = [&last[..], &[0]].concat();
        page.into_iter().for_each(|pair| see(report, pair));
    }
}

fn records<R: Record>(view: &dyn Read, report: &mut Report, mut keep: impl FnMut(R)) -> Result<(), StoreError> {
    each(view, R::TABLE, report, |report, (key, row)| {
        if let Some(record) = decoded::<R>(report, &key, &row) {
            keep(record);
        }
    })
}

/// The record in a row; damage is a finding.
pub fn decoded<R: Record>(report: &mut Report, key: &[u8], row: &[u8]) -> Option<R> {
    let place = || format!("{} {}", R::TABLE.name(), row::hex(key));
    match row::decode::<R>(key, row) {
        Ok(record) if record.key() == key => Some(record),
        Ok(_) => {
            report.find("row", place(), "it is the row of another key");
            None
        }
        Err(error) => {
            report.find("row", place(), error.to_string());
            None
        }
    }
}

fn meta(view: &dyn Read, report: &mut Report, rows: &mut Rows) -> Result<(), StoreError> {
    each(view, Table::Meta, report, |report, (key, row)| match &key[..] {
        Installation::KEY => rows.installation = decoded(report, &key, &row),
        EventHead::KEY => {} // read with the chain
        Quarantine::KEY => drop(decoded::<Quarantine>(report, &key, &row)),
        Anchored::KEY => drop(decoded::<Anchored>(report, &key, &row)),
        MailHead::KEY => rows.mail_head = decoded(report, &key, &row).unwrap_or_default(),
        LastCommit::KEY => drop(decoded::<LastCommit>(report, &key, &row)),
        Signing::KEY => drop(decoded::<Signing>(report, &key, &row)),
        other => report.find("row", format!("meta {}", row::hex(other)), "a row that nothing reads"),
    })?;
    report.ensure(rows.installation.is_some(), "row", "meta installation", || "there is none".to_owned());
    Ok(())
}

fn renewals(view: &dyn Read, report: &mut Report, rows: &mut Rows) -> Result<(), StoreError> {
    each(view, Table::Renewals, report, |report, (key, slot)| {
        let place = format!("renewals {}", row::hex(&key));
        let Ok(id) = <[u8; 16]>::try_from(&key[..]).map(ActivationId) else {
            return report.find("row", place, "the key is no id");
        };
        match Renewal::decode(id, &slot) {
            Ok(slot) => drop(rows.renewals.insert(id, slot)),
            Err(error) => report.find("row", place, error.to_string()),
        }
    })
}
