//! What is done with lots: they are sold, redeemed, converted, transferred, retired.

use super::call::{Call, Deed};
use super::history::History;
use super::seen::{Sort, text};
use super::stage::SKUS;
use crate::world::SKU;
use serde_json::{Value, json};

pub const DEEDS: &[Deed] = &[
    ("order", 8, order),
    ("order_with_permission_key", 4, order_with_permission_key),
    ("redeem", 4, redeem),
    ("convert", 7, convert),
    ("retire", 4, retire),
    ("transfer_part", 5, transfer_part),
    ("transfer_whole", 5, transfer_whole),
    ("transfer_into", 4, transfer_into),
    ("reserve", 3, reserve),
];

/// A line of an order; one in four is good for a time, or has its upgrades for a time.
fn line(history: &mut History) -> Value {
    let (sku, count) = (history.any(&SKUS), 1 + history.dice.below(20));
    let mut line = json!({"product": sku, "units": {"OBM": count}});
    if sku == SKU && history.chance(3) {
        line["units"]["VM"] = json!(1 + history.dice.below(5));
    }
    match history.dice.below(12) {
        0 => line["expires"] = json!("2027-04-01T00:00:00Z"),
        1 => line["free_upgrade_until"] = json!("2027-03-01"),
        2 => line["free_on"] = json!("expiry"),
        3 => line["free_on"] = json!("at_once"),
        4 => line["units"] = history.near(&json!({"OBM": 0})),
        _ => {}
    }
    line
}

fn sold(history: &mut History, account: &str, lines: Vec<Value>) -> Call {
    let taken = history.chance(20);
    let number = if taken { "SO-1".to_owned() } else { format!("SO-{:04}", 1000 + history.fresh()) };
    let order = json!({"entitlement": number, "lines": lines});
    Call::post(history.vendor(), format!("/accounts/{account}/orders"), order).yields(Sort::Lot)
}

fn order(history: &mut History) -> Option<Call> {
    let (account, more) = (history.place(), history.chance(4));
    let lines = (0..1 + u64::from(more)).map(|_| line(history)).collect();
    Some(sold(history, &account, lines))
}

fn order_with_permission_key(history: &mut History) -> Option<Call> {
    let (account, more) = (history.place(), history.chance(3));
    let mut lines: Vec<Value> = (0..1 + u64::from(more)).map(|_| line(history)).collect();
    for line in &mut lines {
        (line["key_kind"], line["key_group"]) = (json!("permission_key"), json!("a"));
    }
    Some(sold(history, &account, lines))
}

fn redeem(history: &mut History) -> Option<Call> {
    let code = text(&history.pick(Sort::Code)?, "id");
    let account = history.place();
    let code = if history.chance(12) { "ZZZZ-ZZZZ-ZZZZ-ZZZZ".to_owned() } else { code };
    let call = Call::post(history.desk(&account), format!("/accounts/{account}/redemptions"), json!({"key": code}));
    Some(call.yields(Sort::Lot))
}

fn convert(history: &mut History) -> Option<Call> {
    let lot = history.pick_of(Sort::Lot, |lot| lot["poolable"] == true)?;
    let (token, force) = (history.desk(&text(&lot, "account")), history.chance(3));
    let path = format!("/lots/{}/convert", text(&lot, "id"));
    Some(Call::post(token, path, json!({"force": force})).yields(Sort::Pool))
}

fn retire(history: &mut History) -> Option<Call> {
    let lot = history.pick_of(Sort::Lot, |lot| lot["converted"].is_null())?;
    let units = history.some_of(&lot);
    Some(Call::post(history.vendor(), format!("/lots/{}/retire", text(&lot, "id")), json!({"units": units})))
}

fn transfer(history: &mut History, lot: &Value, body: Value) -> Call {
    let token = history.desk(&text(lot, "account"));
    Call::post(token, format!("/lots/{}/transfers", text(lot, "id")), body).yields(Sort::Lot)
}

fn transfer_part(history: &mut History) -> Option<Call> {
    let lot = history.pick_of(Sort::Lot, |lot| lot["converted"].is_null())?;
    let (units, account) = (history.some_of(&lot), history.place());
    let mut body = json!({"account": account, "units": units});
    if history.chance(4) {
        body["entitlement"] = json!(format!("SO-{:04}", 1000 + history.fresh()));
    }
    Some(transfer(history, &lot, body))
}

fn transfer_whole(history: &mut History) -> Option<Call> {
    let is_whole = |lot: &Value| lot["converted"].is_null() && lot["free"] == lot["units"];
    let lot = history.pick_of(Sort::Lot, is_whole)?;
    let body = json!({"account": history.place(), "units": lot["units"]});
    Some(transfer(history, &lot, body))
}

fn transfer_into(history: &mut History) -> Option<Call> {
    let lot = history.pick_of(Sort::Lot, |lot| lot["converted"].is_null())?;
    let fits = |other: &Value| ["product", "expires", "converted"].iter().all(|field| other[field] == lot[field]);
    let into = history.pick_of(Sort::Lot, |other| other["id"] != lot["id"] && fits(other))?;
    let units = history.some_of(&lot);
    let body = json!({"account": into["account"], "units": units, "into": into["id"]});
    Some(transfer(history, &lot, body))
}

fn reserve(history: &mut History) -> Option<Call> {
    let (account, sku) = (history.place(), history.any(&SKUS));
    let body = json!({"product": sku, "units": history.near(&json!({"OBM": 0}))});
    Some(Call::post(history.vendor(), format!("/accounts/{account}/reserves"), body))
}
