//! What is done with pools and pool keys.

use super::call::{Call, Deed};
use super::history::History;
use super::seen::{Sort, text};
use super::stage::SKUS;
use axum::http::Method;
use serde_json::{Value, json};

pub const DEEDS: &[Deed] = &[
    ("pool", 4, pool),
    ("pool_quota", 8, pool_quota),
    ("pool_setting", 2, pool_setting),
    ("move_to_new_pool", 5, move_to_new_pool),
    ("move_to_pool", 5, move_to_pool),
    ("pool_key", 8, pool_key),
    ("key_quota", 8, key_quota),
    ("key_stopped", 3, key_stopped),
    ("key_resumed", 5, key_resumed),
    ("key_deleted", 4, key_deleted),
];

fn is_named(pool: &Value) -> bool {
    pool["role"] == "pool"
}

fn has_free(holding: &Value) -> bool {
    holding["free"].as_object().is_some_and(|free| !free.is_empty())
}

fn pool(history: &mut History) -> Option<Call> {
    let stock = history.pick_of(Sort::Pool, |pool| !is_named(pool));
    let (account, sku) = match stock {
        Some(stock) => (text(&stock, "account"), text(&stock, "product")),
        None => (history.place(), history.any(&SKUS).to_owned()),
    };
    let name = if history.chance(20) { "P".to_owned() } else { format!("P {}", history.fresh()) };
    let free_on = history.any(&["fetch", "fetch", "fetch", "expiry", "at_once"]);
    let body = json!({"name": name, "product": sku, "free_on": free_on});
    Some(Call::post(history.desk(&account), format!("/accounts/{account}/pools"), body).yields(Sort::Pool))
}

fn pool_quota(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, is_named)?;
    let (token, units) = (history.desk(&text(&pool, "account")), history.near(&pool["quota"]));
    let path = format!("/pools/{}/quota", text(&pool, "id"));
    Some(Call::json(token, Method::PUT, path, json!({"units": units})))
}

fn pool_setting(history: &mut History) -> Option<Call> {
    let pool = history.pick(Sort::Pool)?;
    let (token, word) = (history.desk(&text(&pool, "account")), history.any(&["fetch", "expiry", "at_once", "never"]));
    let path = format!("/pools/{}/settings", text(&pool, "id"));
    Some(Call::json(token, Method::PATCH, path, json!({"values": {"free_on": word}})))
}

fn move_to_new_pool(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, has_free)?;
    let (token, units) = (history.desk(&text(&pool, "account")), history.some_of(&pool));
    let body = json!({"account": history.place(), "units": units, "name": format!("P {}", history.fresh())});
    Some(Call::post(token, format!("/pools/{}/moves", text(&pool, "id")), body).yields(Sort::Pool))
}

fn move_to_pool(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, has_free)?;
    let mixes = |other: &Value| other["compat"] == pool["compat"] && other["id"] != pool["id"];
    let to = history.pick_of(Sort::Pool, mixes)?;
    let (token, units) = (history.desk(&text(&pool, "account")), history.some_of(&pool));
    let body = json!({"account": to["account"], "units": units, "pool": to["id"]});
    Some(Call::post(token, format!("/pools/{}/moves", text(&pool, "id")), body).yields(Sort::Pool))
}

fn pool_key(history: &mut History) -> Option<Call> {
    let pool = history.pick_of(Sort::Pool, |pool| is_named(pool) && has_free(pool))?;
    let (token, quota) = (history.desk(&text(&pool, "account")), history.some_of(&pool));
    let name = if history.chance(20) { "a b".to_owned() } else { format!("server-{}", history.fresh()) };
    let body = json!({"name": name, "quota": quota});
    Some(Call::post(token, format!("/pools/{}/keys", text(&pool, "id")), body).yields(Sort::PoolKey))
}

fn key_quota(history: &mut History) -> Option<Call> {
    let sort = history.any(&[Sort::PoolKey, Sort::PoolKey, Sort::PoolKey, Sort::Flex, Sort::Seat]);
    let key = history.pick(sort)?;
    let (token, units) = (history.desk(&text(&key, "account")), history.near(&key["units"]));
    Some(Call::json(token, Method::PUT, format!("/keys/{}/quota", text(&key, "id")), json!({"units": units})))
}

fn key_act(history: &mut History, state: &str, act: &str) -> Option<Call> {
    let sort = history.any(&[Sort::PoolKey, Sort::PoolKey, Sort::Seat, Sort::Flex, Sort::Named]);
    let key = history.pick_of(sort, |key| key["state"] == state)?;
    let token = history.desk(&text(&key, "account"));
    Some(Call::post(token, format!("/keys/{}/{act}", text(&key, "id")), json!(null)))
}

fn key_stopped(history: &mut History) -> Option<Call> {
    key_act(history, "open", "stop")
}

fn key_resumed(history: &mut History) -> Option<Call> {
    key_act(history, "stopped", "resume")
}

fn key_deleted(history: &mut History) -> Option<Call> {
    let is_idle = |key: &Value| key["in_use"] == false;
    let sort = history.any(&[Sort::PoolKey, Sort::PoolKey, Sort::PoolKey, Sort::Seat, Sort::Named]);
    let key = if history.chance(4) { history.pick(sort)? } else { history.pick_of(sort, is_idle)? };
    let token = history.desk(&text(&key, "account"));
    Some(Call::json(token, Method::DELETE, format!("/keys/{}", text(&key, "id")), json!(null)))
}
