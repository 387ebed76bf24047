//! What is done with activation keys and the licences under them.

use super::call::{Call, Deed};
use super::history::History;
use super::seen::{Sort, text};
use super::stage::CREDITS;
use axum::http::Method;
use serde_json::{Value, json};

pub const DEEDS: &[Deed] = &[
    ("activation_key", 3, activation_key),
    ("license", 14, license),
    ("license_upgraded", 5, license_upgraded),
    ("license_exchanged", 8, license_exchanged),
    ("license_extended", 4, license_extended),
    ("license_deleted", 4, license_deleted),
    ("extension_setting", 1, extension_setting),
];

fn is_credit(pool: &Value) -> bool {
    CREDITS.contains(&text(pool, "product").as_str())
}

fn activation_key(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, is_credit)?;
    let account = if history.chance(4) { history.place() } else { text(&pool, "account") };
    let name = format!("Example {}", history.fresh());
    let path = format!("/accounts/{account}/activation-keys");
    Some(Call::post(history.desk(&account), path, json!({"name": name})).yields(Sort::Named))
}

fn license(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, is_credit)?;
    let key = history.pick_of(Sort::Named, |key| key["account"] == pool["account"])?;
    let mut body = json!({"pool": pool["id"], "units": history.some_of(&pool)});
    if pool["product"] == "HELP" {
        body["kind"] = json!("support");
    }
    if (pool["product"] == "TRY") != history.chance(12) {
        body["days"] = history.any(&[json!(1), json!(20), json!(30), json!(31), json!(0)]);
    }
    let token = history.desk(&text(&key, "account"));
    Some(Call::post(token, format!("/keys/{}/licenses", text(&key, "id")), body).yields(Sort::License))
}

fn upgrade(history: &mut History, license: &Value, body: Value) -> Call {
    let token = history.desk(&text(license, "account"));
    Call::post(token, format!("/licenses/{}/upgrade", text(license, "id")), body).yields(Sort::License)
}

fn license_upgraded(history: &mut History) -> Option<Call> {
    let license = history.pick(Sort::License)?;
    let units = history.near(&license["units"]);
    Some(upgrade(history, &license, json!({"units": units})))
}

fn license_exchanged(history: &mut History) -> Option<Call> {
    let lasts = |of: &Value| ["YEAR", "PRO", "TRY"].contains(&text(of, "product").as_str());
    let license = history.pick_of(Sort::License, lasts)?;
    let is_other = |pool: &Value| pool["account"] == license["account"] && pool["product"] != license["product"];
    let goes = |pool: &Value| is_other(pool) && lasts(pool) && pool["product"] != "TRY";
    let pool = history.pick_of(Sort::Pool, goes)?;
    let units = if history.chance(2) { license["units"].clone() } else { history.some_of(&pool) };
    Some(upgrade(history, &license, json!({"units": units, "pool": pool["id"]})))
}

fn license_extended(history: &mut History) -> Option<Call> {
    let license = history.pick(Sort::License)?;
    let token = history.desk(&text(&license, "account"));
    Some(Call::post(token, format!("/licenses/{}/extend", text(&license, "id")), json!(null)))
}

fn license_deleted(history: &mut History) -> Option<Call> {
    let license = history.pick(Sort::License)?;
    let token = history.desk(&text(&license, "account"));
    Some(Call::json(token, Method::DELETE, format!("/licenses/{}", text(&license, "id")), json!(null)))
}

fn extension_setting(history: &mut History) -> Option<Call> {
    let (account, word) = (history.place(), history.any(&["end", "today"]));
    let path = format!("/accounts/{account}/settings");
    Some(Call::json(history.stage.world.vendor(), Method::PATCH, path, json!({"values": {"extend_from": word}})))
}
