//! The catalogue: each product's revisions lead to what it is, and its count of open activations is right.

use super::Report;
use super::index::Expected;
use super::rows::Rows;
use crate::record::*;
use crate::rule::order::line_key;
use crate::store::Table;
use std::collections::BTreeMap;

pub fn check(rows: &Rows, report: &mut Report) {
    let mut last: BTreeMap<&str, &Revision> = BTreeMap::new();
    for revision in &rows.revisions {
        let sku = revision.product.sku.as_str();
        let before = last.insert(sku, revision).map_or(0, |before| before.number);
        report.ensure(revision.number == before + 1, "I13", format!("product {sku:?}"), || {
            format!("revision {} follows {before}", revision.number)
        });
        report.ensure(rows.products.contains_key(sku), "row", format!("revision of {sku:?}"), || {
            "the product is missing".to_owned()
        });
    }
    for (sku, product) in &rows.products {
        let is_last = last.get(sku.as_str()).is_some_and(|revision| revision.product == *product);
        report.ensure(is_last, "I13", format!("product {sku:?}"), || "it is not its last revision".to_owned());
    }
}

pub fn indexes(rows: &Rows) -> [(Table, Expected); 2] {
    let mut open: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for one in rows.activations.values().filter(|one| one.is_open()) {
        *open.entry(one.product.clone().into_bytes()).or_default() += 1;
    }
    let lots = rows.holdings.values().filter(|one| one.role == HoldingRole::Lot);
    let lines = lots.filter_map(|one| Some((line_key(one.order.as_ref()?, one.id), vec![])));
    [
        (Table::ProductOpen, open.into_iter().map(|(sku, count)| (sku, count.to_be_bytes().to_vec())).collect()),
        (Table::OrderLines, lines.collect()),
    ]
}
